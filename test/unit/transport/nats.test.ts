import { connect, type NatsConnection } from '@nats-io/transport-node'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { natsCarrier, type NatsCarrierOptions } from '../../../src/adapters/transport/nats'
import { createBlock, Signer } from '../../../src/index'
import { NatsServer } from '../../tools/nats-server'
import { agentOn, freshStream, gated, hasNats, lasting } from './nats-scene'

async function inStreamOf({ url }: NatsServer): Promise<number> {
  const nats = await connect({ servers: url })
  const { state } = await (await jetstreamManager(nats)).streams.info('COSMIC')
  await nats.close()
  return state.messages
}

describe.skipIf(!hasNats)('a carrier over NATS JetStream', () => {
  let server: NatsServer
  let nats: NatsConnection
  const inStream = async (stream: string) => (await (await jetstreamManager(nats)).streams.info(stream)).state.messages

  beforeAll(async () => {
    server = await NatsServer.start()
    nats = await connect({ servers: server.url })
  }, 30_000)
  afterAll(async () => {
    await nats?.close()
    await server?.stop()
  })

  test('brings blocks from everyone to everyone, each kept once, and later ones as they come', async () => {
    const stream = freshStream()
    const a = await agentOn({ servers: server.url, stream })
    await a.publish(100)
    const b = await agentOn({ servers: server.url, stream })
    await b.publish(50)
    await Promise.all([a.holds(150), b.holds(150)])
    const c = await agentOn({ servers: server.url, stream })
    await c.holds(150)
    await a.publish(1)
    await Promise.all([b.holds(151), c.holds(151)])
    expect(await inStream(stream)).toBe(151)
    expect(await c.status()).toMatchObject({ name: `nats:${stream}`, state: 'connected', published: 0, invalid: 0 })
  })

  test('agents of other networks share a stream and see nothing of it', async () => {
    const stream = freshStream()
    const a = await agentOn({ servers: server.url, stream })
    const other = await agentOn({ servers: server.url, stream }, { network: 'another one. *' })
    await a.publish(3)
    await other.publish(2)
    const b = await agentOn({ servers: server.url, stream })
    await b.holds(3)
    expect((await other.client.status()).store.blocks).toBe(2)
    expect((await other.status()).received).toBeLessThanOrEqual(2)
  })

  test('an agent that was away goes on where it was, and a wiped one begins anew', async () => {
    const stream = freshStream()
    const signer = await Signer.generate()
    const storage = lasting()
    const a = await agentOn({ servers: server.url, stream })
    await a.publish(40)
    const first = await agentOn({ servers: server.url, stream }, { signer, storage })
    await first.holds(40)
    await first.client.close()
    await a.publish(20)
    const again = await agentOn({ servers: server.url, stream }, { signer, storage })
    await again.holds(60)
    expect((await again.status()).received).toBe(20)
    await again.client.close()
    const wiped = await agentOn({ servers: server.url, stream }, { signer })
    await wiped.holds(60)
  })

  test('what was published while the server was down goes out when it is back, from a restarted agent too', async () => {
    const own = await NatsServer.start()
    onTestFinished(() => own.stop())
    const signer = await Signer.generate()
    const storage = lasting()
    const a = await agentOn({ servers: own.url }, { signer, storage })
    const b = await agentOn({ servers: own.url })
    await a.publish(10)
    await b.holds(10)
    await own.kill()
    await expect.poll(async () => (await a.status()).state).toBe('reconnecting')
    expect((await a.client.status()).sync).toMatchObject({ state: 'stalled', reason: 'unreachable' })
    await a.publish(10)
    await a.client.close()
    await own.resume()
    const again = await agentOn({ servers: own.url }, { signer, storage })
    await again.publish(5)
    await b.holds(25)
    expect((await b.status()).state).toBe('connected')
    expect((await b.client.status()).sync.state).toBe('alone')
  })

  test('hostile messages are verified away, counted, and cost nobody a block', async () => {
    const stream = freshStream()
    const a = await agentOn({ servers: server.url, stream })
    const refused: string[] = []
    a.client.on('refused', ({ verdict }) => refused.push(verdict.status === 'invalid' ? verdict.code : 'other'))
    const signer = await Signer.generate()
    const block = await createBlock({ embedding: [1, 2], model: 'acme:nats', sky: false }, signer)
    const forged = block.bytes.slice()
    forged[forged.length - 1]! ^= 1
    const js = jetstream(nats)
    await js.publish(`${stream}.cosmic.blocks`, forged, { msgID: block.id })
    await js.publish(`${stream}.cosmic.blocks`, new Uint8Array(0))
    await js.publish(`${stream}.cosmic.blocks`, new Uint8Array(1_000).fill(0x9f))
    await js.publish(`${stream}.cosmic.blocks`, block.bytes, { msgID: 'another name' })
    await a.holds(1)
    await expect.poll(a.status).toMatchObject({ received: 4, invalid: 3 })
    expect(refused[0]).toBe('bad-signature')
    await a.publish(1)
    expect((await a.status()).state).toBe('connected')
  })

  test('a flood of invalid blocks is slowed to its budget, and good ones come through', async () => {
    const stream = freshStream()
    const a = await agentOn({ servers: server.url, stream })
    const js = jetstream(nats)
    for (let i = 0; i < 90; i++) await js.publish(`${stream}.cosmic.blocks`, Uint8Array.of(i, 1))
    const start = performance.now()
    await expect.poll(async () => (await a.status()).invalid, { timeout: 20_000 }).toBe(90)
    const b = await agentOn({ servers: server.url, stream })
    await b.publish(1)
    await a.holds(1)
    expect(performance.now() - start).toBeGreaterThan(1_500)
  })

  test('a node whose storage is slow holds no more than the consumer allows', async () => {
    const stream = freshStream()
    const gate = gated()
    const b = await agentOn({ servers: server.url, stream }, { storage: gate.storage })
    gate.close()
    const a = await agentOn({ servers: server.url, stream })
    await a.publish(400)
    const manager = await jetstreamManager(nats)
    const consumers = await manager.consumers.list(stream).next()
    const pending = async () =>
      (await Promise.all(consumers.map(({ name }) => manager.consumers.info(stream, name)))).map(
        info => info.num_ack_pending,
      )
    await expect.poll(async () => Math.max(...(await pending())), { timeout: 10_000 }).toBe(128)
    gate.open()
    await b.holds(400)
  })

  test('what the stream has lost is found by an audit over another transport', async () => {
    const stream = freshStream()
    const network = memoryNetwork()
    const a = await agentOn({ servers: server.url, stream }, { transports: [memoryTransport({ network, name: 'a' })] })
    await a.publish(30)
    await expect.poll(async () => (await a.status()).published).toBe(30)
    await (await jetstreamManager(nats)).streams.purge(stream)
    const b = await agentOn({ servers: server.url, stream }, { transports: [memoryTransport({ network, name: 'b' })] })
    await a.publish(1)
    await b.holds(1)
    await b.client.connect('memory://a')
    await b.holds(31)
    await b.client.waitForSync()
  })

  test('waiting for a carrier is waiting until it has taken what is here, and brought what it holds', async () => {
    const stream = freshStream()
    const a = await agentOn({ servers: server.url, stream })
    await a.publish(300)
    await a.client.waitForSync()
    expect(await inStream(stream)).toBe(300)
    const b = await agentOn({ servers: server.url, stream })
    await b.client.waitForSync()
    expect((await b.client.status()).store.blocks).toBe(300)
    // What others bring through it goes on being handed over, and is not waited for twice.
    await b.client.waitForSync()
    const named = b.client.waitForSync({ peers: [a.client.id] })
    await expect(named).rejects.toMatchObject({ code: 'no-transport' })
  })

  test('waiting goes on while a carrier is away, ends with it, and can be given up', async () => {
    const own = await NatsServer.start()
    onTestFinished(() => own.stop())
    const network = memoryNetwork()
    const a = await agentOn({ servers: own.url }, { transports: [memoryTransport({ network, name: 'a' })] })
    const b = await agentOn({ servers: own.url }, { transports: [memoryTransport({ network, name: 'b' })] })
    await own.kill()
    await a.publish(5)
    const stop = new AbortController()
    const given = a.client.waitForSync({ signal: stop.signal })
    const waiting = a.client.waitForSync().then(() => 'over')
    await b.client.connect('memory://a')
    await b.client.waitForSync({ peers: [a.client.id] })
    expect((await b.client.status()).store.blocks).toBe(5)
    stop.abort()
    await expect(given).rejects.toMatchObject({ code: 'aborted' })
    expect(await Promise.race([waiting, Promise.resolve('waits')])).toBe('waits')
    await own.resume()
    expect(await waiting).toBe('over')
    expect(await inStreamOf(own)).toBe(5)
    await own.kill()
    await a.publish(1)
    const closed = a.client.waitForSync()
    const refused = expect(closed).rejects.toMatchObject({ code: 'closed' })
    await a.client.close()
    await refused
  })

  test('what is not to be had is refused by name', async () => {
    const failing = (options: NatsCarrierOptions) =>
      agentOn(options).then(
        () => 'started',
        (error: unknown) => error,
      )
    expect(await failing({ servers: 'http://127.0.0.1' })).toMatchObject({ code: 'bad-address', field: 'servers' })
    expect(await failing({ servers: [] })).toMatchObject({ code: 'bad-address' })
    expect(() => natsCarrier({ servers: server.url, stream: 'a.b' })).toThrow(/stream/)
    const nobody = await failing({ servers: 'nats://user:secret@127.0.0.1:1', timeoutMs: 1_000 })
    expect(nobody).toMatchObject({ code: 'unreachable', message: expect.not.stringContaining('secret') as string })
    const alone = await failing({ servers: server.url, stream: freshStream(), replicas: 3, timeoutMs: 1_000 })
    expect(alone).toMatchObject({ code: 'bad-value', field: 'stream' })
  })
})
