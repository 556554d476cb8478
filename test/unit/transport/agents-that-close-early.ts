/** Run as a process of its own: an agent is closed in every state of a session, and what is left running after each is printed. */
import { random, timers } from '#platform'
import { webSocketTransport } from '../../../src/adapters/transport/websocket'
import { Signer, SyncClient } from '../../../src/index'
import { encodeMessageOf, decodeMessageOf, type Message } from '../../../src/sync/session-messages'
import { encodeMessage } from '../../../src/sync/negentropy/message'
import { openSecureChannel, type Connection, type SecureChannel } from '../../../src/wire/index'
import { helloOf, SPAN } from '../sync/session-harness'

const signer = await Signer.generate()
const tell = (channel: SecureChannel, message: Message) => channel.send(encodeMessageOf(message))
const EVERYTHING = { time: Infinity, id: new Uint8Array(0) }
const ids = Array.from({ length: 20 }, (_, i) => new Uint8Array(32).fill(i + 1))

/** Opens the other end of a session up to its hello; answers when a message of this type has come from the agent. */
async function greet(connection: Connection, until?: Message['type']): Promise<SecureChannel> {
  const channel = await openSecureChannel(connection, { signer, random, timers, network: 'cosmic' })
  const came = new Promise<void>(resolve =>
    channel.onMessage(bytes => {
      const message = decodeMessageOf(bytes)
      if (message.ok && message.value.type === until) resolve()
    }),
  )
  await tell(channel, helloOf())
  if (until) await came
  return channel
}

/** What the agent's peer does; the agent is closed when it is done. */
const dialled: Readonly<Record<string, (connection: Connection) => Promise<unknown>>> = {
  handshake: () => Promise.resolve(),
  greeting: connection => openSecureChannel(connection, { signer, random, timers, network: 'cosmic' }),
  reconciling: connection => greet(connection, 'reconcile'),
  async transferring(connection) {
    const channel = await greet(connection, 'reconcile')
    const wanted = new Promise<void>(resolve =>
      channel.onMessage(bytes => {
        const message = decodeMessageOf(bytes)
        if (message.ok && message.value.type === 'want') resolve()
      }),
    )
    await tell(channel, { type: 'reconcile', bytes: encodeMessage([{ mode: 'ids', upper: EVERYTHING, ids }]) })
    await wanted
  },
  async live(connection) {
    const channel = await greet(connection, 'reconcile')
    await tell(channel, { type: 'reconcile', bytes: Uint8Array.of(0x61) })
    await tell(channel, { type: 'done' })
  },
  async 'waiting to dial again'(connection) {
    const channel = await greet(connection)
    await connection.close()
    await channel.closed
  },
}

const dialling: Readonly<Record<string, (connection: Connection) => Promise<unknown>>> = {
  'incoming handshake': () => Promise.resolve(),
  'incoming greeting': connection => openSecureChannel(connection, { signer, random, timers, network: 'cosmic' }),
  async 'incoming audit'(connection) {
    const channel = await greet(connection)
    await tell(channel, SPAN)
    await tell(channel, { type: 'reconcile', bytes: encodeMessage([{ mode: 'ids', upper: EVERYTHING, ids }]) })
  },
}

const left: string[] = []
async function note(name: string, closing: Promise<void>): Promise<void> {
  const late = new Promise(resolve => setTimeout(() => resolve('late'), 5_000).unref())
  if ((await Promise.race([closing, late])) === 'late') left.push(`${name}: did not close`)
}

for (const [name, play] of Object.entries(dialled)) {
  let done = (_: unknown) => {}
  const played = new Promise(resolve => (done = resolve))
  const connections: Connection[] = []
  const listener = await webSocketTransport({ listen: {} }).listen!(connection => {
    connections.push(connection)
    if (connections.length === 1) void play(connection).then(done, done)
  })
  const agent = new SyncClient({ signer: await Signer.generate(), transports: [webSocketTransport()] })
  await agent.start()
  const connecting = agent.connect(listener.addresses[0]!).catch(() => {})
  await played
  await note(name, agent.close())
  await connecting
  await Promise.all(connections.map(connection => connection.close()))
  await listener.close()
}

for (const [name, play] of Object.entries(dialling)) {
  const transports = [webSocketTransport({ listen: {} })]
  const agent = new SyncClient({ signer: await Signer.generate(), transports })
  await agent.start()
  const connection = await webSocketTransport().dial((await agent.status()).addresses[0]!)
  await play(connection)
  await note(name, agent.close())
  await connection.close()
}

await new Promise(resolve => setTimeout(resolve, 100))
const running = process.getActiveResourcesInfo().filter(resource => /Timeout|TCP|Immediate/.test(resource))
process.stdout.write(JSON.stringify([...left, ...running]))
