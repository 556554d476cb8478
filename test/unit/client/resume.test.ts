import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { webSocketTransport } from '../../../src/adapters/transport/websocket'
import type { SessionStep } from '../../../src/client/session-runner'
import { startAgent, type Agent } from './agents'

const COUNT = 1_500

/** A TCP relay in front of a port that cuts each connection, in the order of `cuts`, after so many bytes towards the dialler. */
async function cuttingRelay(port: number, cuts: number[]): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer(near => {
    const far = connect(port, '127.0.0.1')
    let left = cuts.shift() ?? Infinity
    const meter = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        left -= chunk.length
        done(null, chunk)
        if (left <= 0) cut()
      },
    })
    const cut = () => [near, far].forEach(socket => socket.destroy())
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', cut)
    }
    near.pipe(far)
    far.pipe(meter).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    sockets.forEach(socket => socket.destroy())
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function publishMany({ publish }: Agent, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await publish({
      model: 'test:wide',
      embedding: Float32Array.from({ length: 256 }, (_, j) => Math.sin(i * 256 + j)),
    })
  }
}

test('a transfer that is cut twice midway goes on by itself where it stopped, over ws:// on one machine', async () => {
  const holder = await startAgent({ transports: [webSocketTransport({ listen: { port: 0 } })] })
  await publishMany(holder, COUNT)
  const { addresses, store } = await holder.client.status()
  const relay = await cuttingRelay(Number(new URL(addresses[0]!).port), [store.bytes / 3, store.bytes / 3])

  const came: string[] = []
  const observe = ({ effects }: SessionStep) => {
    for (const effect of effects) if (effect.type === 'ingest') came.push(...effect.blocks.map(({ id }) => id))
  }
  const { client } = await startAgent({ transports: [webSocketTransport()], ports: { observe } })
  const cuts: { code: string | undefined; stored: number }[] = []
  const outcomes = new Map<string, number>()
  client.on('progress', ({ progress }) => {
    if (progress.type !== 'ingested') return
    for (const { status } of progress.results) outcomes.set(status, (outcomes.get(status) ?? 0) + 1)
  })
  client.on('disconnected', ({ failure }) => {
    if (cuts.length < 2) cuts.push({ code: failure?.code, stored: outcomes.get('stored') ?? 0 })
  })
  await client.connect(relay)
  await expect.poll(async () => (await client.status()).store.blocks, { timeout: 20_000 }).toBe(COUNT)
  await client.waitForSync()

  expect(cuts.map(({ code }) => code)).toEqual(['peer-gone', 'peer-gone'])
  // What a cut session had handed to the ingest is stored all the same, its verdicts are nobody's any more, and none came twice.
  expect(came.length).toBe(COUNT)
  expect(new Set(came).size).toBe(COUNT)
  expect(cuts[0]!.stored <= cuts[1]!.stored && cuts[1]!.stored < COUNT).toBe(true)
  expect(Object.keys(Object.fromEntries(outcomes))).toEqual(['stored'])
})
