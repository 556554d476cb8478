import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { webSocketTransport } from '../../../src/adapters/transport/websocket'
import type { ClientEvents, ConnectionStatus, PeerStatus } from '../../../src/client/index'
import { stateOf } from '../../../src/client/sync-status'
import { createSession, sessionStatus } from '../../../src/sync/index'
import { startAgent, startAgents, type Agent } from './agents'

const { lastError: _, ...fresh } = sessionStatus(createSession())
const peer = (more: Partial<PeerStatus> = {}): PeerStatus => ({
  ...fresh,
  ...{ peer: 'did:key:a', remote: 'a', initiator: true, since: 0, bytesPerSecond: { in: 0, out: 0 } },
  ...{ phase: 'live', rounds: 1 },
  ...more,
})
const connection = (more: Partial<ConnectionStatus> = {}): ConnectionStatus => ({
  ...{ address: 'ws://a', state: 'dialling', failures: 0 },
  ...more,
})
const mute = peer({ phase: 'greeting', rounds: 0, initiator: false })
const stuck = peer({ phase: 'transferring', stalled: 'no-credit' })

describe('all together', () => {
  test.each([
    ['nobody is there or wanted', [], [], { state: 'alone' }],
    ['a first attempt is under way', [], [connection()], { state: 'connecting' }],
    ['every attempt failed', [], [connection({ failures: 1 })], { state: 'stalled', reason: 'unreachable' }],
    ['an idle peer', [peer()], [connection({ state: 'connected' })], { state: 'synced' }],
    ['an idle peer and a mute stranger', [peer(), mute], [], { state: 'synced' }],
    ['a peer at work', [peer(), peer({ phase: 'transferring', need: 1 })], [], { state: 'syncing' }],
    ['a stalled peer that was dialled', [peer(), stuck], [], { state: 'stalled', reason: 'no-credit' }],
    ['a stalled stranger beside a good peer', [peer(), { ...stuck, initiator: false }], [], { state: 'synced' }],
    ['a stalled stranger alone', [{ ...stuck, initiator: false }], [], { state: 'stalled', reason: 'no-credit' }],
    [
      'an idle peer that is silent',
      [peer({ stalled: 'peer-silent' })],
      [],
      { state: 'stalled', reason: 'peer-silent' },
    ],
  ] as const)('%s', (_title, peers, connections, expected) => {
    expect(stateOf(peers, connections)).toEqual(expected)
  })
})

const heard = <K extends keyof ClientEvents>({ client }: Agent, event: K): ClientEvents[K][] => {
  const list: ClientEvents[K][] = []
  client.on(event, payload => list.push(payload))
  return list
}

const until = async (holds: () => boolean | Promise<boolean>, ms = 10_000) => {
  for (const end = Date.now() + ms; !(await holds()); await new Promise(resolve => setTimeout(resolve, 20)))
    if (Date.now() > end) throw new Error('it never came true')
}

test('a transfer shows figures for the peer and for all', async () => {
  const [a, b] = await startAgents(2)
  for (let i = 0; i < 20; i++) await b.publish({ embedding: [1, i] })
  const states = heard(a, 'sync')
  await a.client.connect('memory://b')
  await a.client.waitForSync()
  const { sync, peers, connections } = await a.client.status()
  const [only] = peers
  expect(only).toMatchObject({ phase: 'live', stored: 20, timeLeft: 0 })
  expect(only!.bytesPerSecond.in).toBeGreaterThan(1_000)
  expect(only!.lastProgress).toBeGreaterThanOrEqual(only!.since)
  expect(connections).toEqual([{ address: 'memory://b', peer: b.client.id, state: 'connected', failures: 0 }])
  expect(sync).toMatchObject({
    state: 'synced',
    need: 0,
    inFlight: 0,
    bytesIn: only!.bytesIn,
    lastProgress: only!.lastProgress,
  })
  expect(states.map(({ state }) => state)).toEqual(['syncing', 'synced'])
  await a.client.disconnect(b.client.id)
  const after = await a.client.status()
  expect(after.sync).toMatchObject({ state: 'alone' })
  expect(after.sync.bytesIn).toBeGreaterThanOrEqual(only!.bytesIn)
})

test('an agent without transports is alone', async () => {
  const { client } = await startAgent()
  expect((await client.status()).sync).toMatchObject({ state: 'alone', bytesIn: 0 })
})

test('an address that answers no more shows why, and when it is tried again', async () => {
  const server = await startAgent({ transports: [webSocketTransport({ listen: { port: 0 } })] })
  const a = await startAgent({ transports: [webSocketTransport()] })
  const [address] = (await server.client.status()).addresses
  await a.client.connect(address!)
  await a.client.waitForSync()
  const retries = heard(a, 'retry')
  await server.client.close()
  await until(() => retries.length >= 3)
  const { sync, connections } = await a.client.status()
  expect(sync).toMatchObject({ state: 'stalled', reason: 'unreachable', lastError: { code: 'unreachable' } })
  expect(connections[0]).toMatchObject({ address, peer: server.client.id, lastError: { code: 'unreachable' } })
  expect(retries.at(-1)).toMatchObject({ state: 'waiting', failures: retries.length })
  expect(retries.at(-1)!.nextRetry).toBeGreaterThan(Date.now() - 5_000)
})

/** A TCP relay in front of a port, which can be made to hold everything back: no end, no error, only silence. */
async function holdingRelay(port: number) {
  const sockets: Socket[] = []
  const server = createServer(near => {
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.push(socket)
      socket.on('error', () => {})
    }
    near.pipe(far)
    far.pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    sockets.forEach(socket => socket.destroy())
    server.close()
  })
  const [hold, letGo] = [
    () => sockets.forEach(socket => socket.pause()),
    () => sockets.forEach(socket => socket.resume()),
  ]
  return { address: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, hold, letGo }
}

async function connected() {
  const server = await startAgent({ transports: [webSocketTransport({ listen: { port: 0 } })] })
  const a = await startAgent({ transports: [webSocketTransport()] })
  const [address] = (await server.client.status()).addresses
  const relay = await holdingRelay(Number(new URL(address!).port))
  await a.client.connect(relay.address)
  await a.client.waitForSync()
  return { a, relay, states: heard(a, 'sync'), ends: heard(a, 'disconnected') }
}

test('a peer that vanishes without a word is noticed within 5 s; one that was only busy goes on where it was', async () => {
  const { a, relay, states, ends } = await connected()
  const since = performance.now()
  relay.hold()
  await until(() => states.length > 0)
  expect(performance.now() - since).toBeLessThan(5_500)
  expect(states).toEqual([{ state: 'stalled', reason: 'peer-silent' }])
  await new Promise(resolve => setTimeout(resolve, 2_000))
  relay.letGo()
  await until(() => states.length > 1)
  expect(states.at(-1)).toEqual({ state: 'synced' })
  expect(ends).toEqual([])
  await a.client.waitForSync()
})

test('a thread that is busy for longer than that sees no silence', async () => {
  const { states, ends } = await connected()
  for (const end = performance.now() + 5_500; performance.now() < end;);
  await new Promise(resolve => setTimeout(resolve, 1_500))
  expect(states).toEqual([])
  expect(ends).toEqual([])
})
