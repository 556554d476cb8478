import { describe, expect, test } from 'vitest'
import type { Failure } from '../../../src/base/index'
import { PEER_LIMITS, PeerSet, type Peer } from '../../../src/client/peer-set'
import type { SessionRunner } from '../../../src/client/session-runner'
import { createSession, sessionStatus } from '../../../src/sync/index'
import type { SecureChannel } from '../../../src/wire/index'
import { connectionPair, ManualTimers } from '../wire/connection-pair'

function setUp({ self = 'm', wanted = [] as string[] } = {}) {
  const timers = new ManualTimers()
  return { timers, peers: new PeerSet(self, { timers, clock: { now: () => 0 } }, peer => wanted.includes(peer)) }
}

/** A session that has sent so many blocks, and how it was ended. */
function peer(name: string, { sent = 0, initiator = false } = {}) {
  const endings: (Failure | undefined)[] = []
  let end!: () => void
  const closed = new Promise<undefined>(resolve => (end = () => resolve(undefined)))
  const close = (failure?: Failure) => {
    endings.push(failure)
    end()
    return closed
  }
  const status = () => ({ ...sessionStatus(createSession()), sent })
  const runner = { peer: name, closed, close, status } as unknown as SessionRunner
  return { entry: { runner, remote: name, initiator, since: 0 } satisfies Peer, endings }
}

function fill(peers: PeerSet, sent: (n: number) => number) {
  return Array.from({ length: PEER_LIMITS.incoming }, (_, n) => {
    const added = peer(`p${n}`, { sent: sent(n) })
    expect(peers.makesRoom(`p${n}`)).toBe(true)
    peers.add(added.entry)
    return added
  })
}

describe('places for incoming sessions', () => {
  test('when all are useful, a stranger is refused; who was here, and who is wanted, is not', () => {
    const { peers } = setUp({ wanted: ['friend'] })
    const all = fill(peers, () => 1)
    expect(peers.makesRoom('stranger')).toBe(false)
    expect(peers.makesRoom('p7')).toBe(true)
    expect(peers.makesRoom('friend')).toBe(true)
    expect(all.flatMap(({ endings }) => endings)).toEqual([])
  })

  test('the youngest that has brought nothing gives way', () => {
    const { peers } = setUp()
    const all = fill(peers, n => (n === 3 || n === 40 ? 0 : 1))
    expect(peers.makesRoom('stranger')).toBe(true)
    expect(all[40]!.endings).toMatchObject([{ code: 'limit', field: 'peers' }])
    expect(peers.get('p40')).toBeUndefined()
    peers.add(peer('stranger', { sent: 1 }).entry)
    expect(peers.makesRoom('another')).toBe(true)
    expect(all[3]!.endings).toHaveLength(1)
  })

  test('wanted peers neither take a place nor lose one', () => {
    const { peers } = setUp({ wanted: ['friend'] })
    const friend = peer('friend')
    peers.add(friend.entry)
    fill(peers, () => 1)
    expect(peers.makesRoom('stranger')).toBe(false)
    expect(friend.endings).toEqual([])
  })

  test('a peer that reconnects takes its own old place', async () => {
    const { peers } = setUp()
    const all = fill(peers, () => 1)
    const again = peer('p0')
    expect(peers.admits('p0', false)).toBe(true)
    peers.add(again.entry)
    expect(all[0]!.endings).toMatchObject([{ code: 'peer-gone' }])
    await all[0]!.entry.runner.closed
    expect(peers.get('p0')).toBe(again.entry)
    expect([...peers]).toHaveLength(PEER_LIMITS.incoming)
  })
})

describe('one session an identity', () => {
  test('of two dialled from opposite sides both sides keep the one that the smaller did dialled', () => {
    for (const [self, other, keepsOwn] of [
      ['a', 'b', true],
      ['b', 'a', false],
    ] as const) {
      const { peers } = setUp({ self })
      peers.add(peer(other, { initiator: !keepsOwn }).entry)
      expect(peers.admits(other, keepsOwn)).toBe(true)
      expect(peers.admits(other, !keepsOwn)).toBe(true)
      peers.add(peer(other, { initiator: keepsOwn }).entry)
      expect(peers.admits(other, !keepsOwn)).toBe(false)
    }
  })
})

describe('incoming handshakes', () => {
  const silent = () => {
    const [, connection] = connectionPair()
    const secure = () => connection.closed.then((): SecureChannel => Promise.reject(new Error('gone')) as never)
    return { connection, secure }
  }

  test('one more than are borne ends the oldest', async () => {
    const { peers } = setUp()
    const held = Array.from({ length: PEER_LIMITS.handshakes }, () => silent())
    const outcomes = held.map(({ connection, secure }) =>
      peers.open(connection, secure).then(
        () => 'open',
        () => 'gone',
      ),
    )
    const next = silent()
    void peers.open(next.connection, next.secure).catch(() => {})
    expect(await Promise.race(outcomes)).toBe('gone')
    expect(await outcomes[0]).toBe('gone')
    const rest = await Promise.race([...outcomes.slice(1), new Promise(resolve => setImmediate(resolve))])
    expect(rest).toBeUndefined()
    await peers.close()
    expect(await Promise.all(outcomes)).not.toContain('open')
    await next.connection.closed
  })

  test('more than the budget of a second are closed unread', async () => {
    const { peers, timers } = setUp()
    let secured = 0
    const open = () => {
      const [, connection] = connectionPair()
      return peers.open(connection, () => {
        secured++
        return Promise.reject(new Error('no handshake'))
      })
    }
    for (let i = 0; i < PEER_LIMITS.handshakesPerSecond; i++) await open().catch(() => {})
    await expect(open()).rejects.toMatchObject({ code: 'limit', field: 'handshakes' })
    expect(secured).toBe(PEER_LIMITS.handshakesPerSecond)
    timers.fire()
    await expect(open()).rejects.toThrow('no handshake')
  })
})
