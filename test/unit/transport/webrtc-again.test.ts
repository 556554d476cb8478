import { expect, test } from 'vitest'
import { type ConnectionStatus, SyncClient } from '../../../src/client/index'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { webRtcTransport } from '../../../src/adapters/transport/webrtc'
import { memoryStorage } from '../../../src/store/index'
import type { Signaling, Transport } from '../../../src/wire/index'
import { signerOf } from '../../tools/stored-block'
import { agent, candidateFilter, cleanup, service, until } from './webrtc-room'

const start = async (seed: number, transports: readonly Transport[]) => {
  const client = new SyncClient({ storage: memoryStorage(), signer: await signerOf(seed), transports })
  await client.start()
  cleanup(() => client.close())
  return client
}

const tick = () => new Promise(resolve => setTimeout(resolve, 200))

test('a member is dialled again for as long as it is one, however many attempts fail', async () => {
  const { url } = await service()
  const first = await agent(url, { timeoutMs: 100 })
  let [isOpen, attempts] = [false, 0]
  const filter = (candidate: string) => isOpen && candidateFilter(candidate)
  const transport = webRtcTransport({
    signaling: url,
    room: 'lab',
    candidateFilter: filter,
    retryMs: 1,
    timeoutMs: 100,
  })
  const met: unknown[] = []
  const listener = await transport.listen!(connection => met.push(connection), { onFailure: () => void attempts++ })
  cleanup(() => listener.close())
  await until(() => attempts > 8)
  isOpen = true
  await until(() => met.length === 1 && first.connections.length > 0)
})

test.each([
  [true, 2],
  [false, 1],
])('who uses a connection says whether another is worth an attempt: %s', async (isWorthAnother, expected) => {
  const { url } = await service()
  await agent(url)
  let met = 0
  const transport = webRtcTransport({ signaling: url, room: 'lab', candidateFilter, retryMs: 1 })
  const listener = await transport.listen!(async connection => {
    // The second one stays.
    if (++met === 2) return new Promise<boolean>(resolve => cleanup(() => resolve(false)))
    await connection.close()
    return isWorthAnother
  })
  cleanup(() => listener.close())
  await until(() => met === expected)
  await tick()
  expect(met).toBe(expected)
})

test('a client wants another connection where a session did not end orderly, and none after a bye', async () => {
  const network = memoryNetwork()
  const answers: unknown[] = []
  const listening = memoryTransport({ network, name: 'a' })
  const transport: Transport = {
    ...listening,
    listen: (take, options) => listening.listen!(connection => answers.push(take(connection)), options),
  }
  await start(1, [transport])
  const other = await start(2, [memoryTransport({ network, name: 'b' })])
  await other.connect('memory://a')
  await other.waitForSync()
  await other.disconnect('memory://a')
  expect(await answers[0]).toBe(false)
  const raw = await memoryTransport({ network, name: 'c' }).dial('memory://a')
  await raw.close()
  expect(await answers[1]).toBe(true)
})

test('a client wants no other connection while another session with the same peer stands, nor after its bye', async () => {
  const network = memoryNetwork()
  const answers: unknown[] = []
  const ways = ['a', 'b'].map(name => memoryTransport({ network, name }))
  const transports = ways.map((way): Transport => ({
    ...way,
    listen: (take, options) => way.listen!(connection => answers.push(take(connection)), options),
  }))
  const { id } = await start(1, transports)
  const other = await start(2, [memoryTransport({ network, name: 'c' })])
  await other.connect('memory://a')
  await other.connect('memory://b')
  await other.waitForSync()
  expect(answers).toHaveLength(2)
  expect(await Promise.race([answers[0], tick()])).toBeUndefined()
  await other.disconnect(id)
  expect(await Promise.all(answers)).toEqual([false, false])
})

test('a listener that closes while the room is being entered again gives that up at once', async () => {
  let lose: (() => void) | undefined
  let again: AbortSignal | undefined
  const signaling: Signaling = {
    join(_room, handlers, { signal } = {}) {
      if (lose) return new Promise(() => (again = signal))
      lose = handlers.onClose
      return Promise.resolve({ self: 'me', peers: [], send() {}, leave: () => Promise.resolve() })
    },
  }
  const listener = await webRtcTransport({ signaling, room: 'lab', retryMs: 1 }).listen!(() => {})
  lose!()
  await until(() => again !== undefined)
  await listener.close()
  expect(again!.aborted).toBe(true)
})

test('whom a listener has not reached yet shows in the status, with the error and the next attempt, until it is reached', async () => {
  const { url } = await service()
  await agent(url, { timeoutMs: 100 })
  let isOpen = false
  const filter = (candidate: string) => isOpen && candidateFilter(candidate)
  const transport = webRtcTransport({
    signaling: url,
    room: 'lab',
    candidateFilter: filter,
    retryMs: 50,
    timeoutMs: 100,
  })
  const client = await start(5, [transport])
  const told: string[] = []
  client.on('sync', ({ state }) => told.push(state))
  const connections = async () => (await client.status()).connections
  let connection: ConnectionStatus | undefined
  await until(async () => {
    ;[connection] = await connections()
    return connection?.state === 'waiting' && connection.failures >= 2
  })
  expect(connection!.lastError).toMatchObject({ code: 'timeout', message: expect.stringContaining('no connection') })
  expect(connection!.lastError).not.toHaveProperty('name')
  expect(connection!.address).toMatch(/^webrtc:/)
  expect(connection!.nextRetry! - Date.now()).toBeLessThan(1_000)
  const { sync } = await client.status()
  expect(sync).toMatchObject({ state: 'stalled', reason: 'unreachable' })
  expect(told).toContain('stalled')
  isOpen = true
  await until(async () => (await connections()).every(({ failures }) => failures === 0))
})

test('a signaling service that is lost shows in the status, until it is found again', async () => {
  const first = await service()
  const { url } = first
  const client = await start(6, [webRtcTransport({ signaling: url, room: 'lab', candidateFilter, retryMs: 50 })])
  expect((await client.status()).sync.state).toBe('alone')
  await first.close()
  await until(async () => (await client.status()).sync.state === 'stalled')
  const [connection] = (await client.status()).connections
  expect(connection).toMatchObject({ address: 'the signaling service' })
  await service(Number(new URL(url).port))
  await until(async () => (await client.status()).sync.state === 'alone')
})
