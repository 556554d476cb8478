import { describe, expect, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { Emitter } from '../../../src/base/index'
import type { ClientEvents } from '../../../src/client/index'
import type { PeerStatus } from '../../../src/client/sync-status'
import { waitForSync, type WaitOptions } from '../../../src/client/wait-for-sync'
import { createSession, sessionStatus } from '../../../src/sync/index'
import { startAgent, startAgents } from './agents'
import { RawPeer } from './raw-peer'

const { lastError: _, ...fresh } = sessionStatus(createSession())

const status = (peer: string, more: Partial<PeerStatus> = {}): PeerStatus => ({
  ...fresh,
  peer,
  remote: peer,
  initiator: true,
  since: 0,
  bytesPerSecond: { in: 0, out: 0 },
  phase: 'live',
  rounds: 1,
  ...more,
})

/** Whether the wait is over with these sessions. */
async function isOver(statuses: readonly PeerStatus[], options: WaitOptions = {}): Promise<boolean> {
  const waiting = waitForSync(new Emitter<ClientEvents>(), () => statuses, options).then(() => true)
  return Promise.race([waiting, new Promise<boolean>(resolve => setImmediate(() => resolve(false)))])
}

describe('without peers', () => {
  const mute = status('mute', { phase: 'greeting', rounds: 0, initiator: false })
  const stalled = status('stalled', { phase: 'reconciling', rounds: 0, stalled: 'peer-silent' })

  test('at least one peer must be synced', async () => {
    expect(await isOver([])).toBe(false)
    expect(await isOver([mute, stalled])).toBe(false)
    expect(await isOver([status('a')])).toBe(true)
  })

  test('mute strangers and stalled peers hold nobody up', async () => {
    expect(await isOver([mute, status('a'), stalled])).toBe(true)
  })

  test('peers that this agent dialled, and peers at work, are waited for', async () => {
    expect(await isOver([status('a'), { ...mute, initiator: true }])).toBe(false)
    expect(await isOver([status('a'), status('b', { phase: 'reconciling', rounds: 0 })])).toBe(false)
    expect(await isOver([status('a'), status('b', { phase: 'transferring', need: 1 })])).toBe(false)
  })
})

test('named peers are waited for, and no others', async () => {
  const busy = status('b', { phase: 'transferring', need: 1 })
  expect(await isOver([status('a'), busy], { peers: ['a'] })).toBe(true)
  expect(await isOver([status('a'), busy], { peers: ['a', 'b'] })).toBe(false)
  expect(await isOver([status('a')], { peers: ['a', 'absent'] })).toBe(false)
})

test('a mute third peer does not hold a client up', async () => {
  const network = memoryNetwork()
  const start = (name: string) => startAgent({ transports: [memoryTransport({ network, name })] })
  const [victim, friend] = [await start('victim'), await start('friend')]
  const mute = await RawPeer.dial(memoryTransport({ network, name: 'mute' }), 'memory://victim')
  await mute.until('hello')
  await friend.publish()
  await victim.client.connect('memory://friend')
  await victim.client.waitForSync()
  expect((await victim.client.status()).store.blocks).toBe(1)
})

test('a client waits for the peers that are named', async () => {
  const [a, b, c] = await startAgents(3)
  await a.client.connect('memory://b')
  const waiting = a.client.waitForSync({ peers: [b.client.id, c.client.id] })
  await c.publish()
  await a.client.connect('memory://c')
  await waiting
  expect((await a.client.status()).store.blocks).toBe(1)
})
