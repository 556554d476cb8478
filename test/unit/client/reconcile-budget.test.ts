import { expect, onTestFinished, test, vi } from 'vitest'
import { clock } from '#platform'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { RECONCILE_LIMITS, ReconcileBudget, type Sharer } from '../../../src/client/reconcile-budget'
import { ItemTree } from '../../../src/sync/index'
import { encodeMessage } from '../../../src/sync/negentropy/message'
import { Scheduler } from '../../../src/simulator/scheduler'
import { startAgent } from './agents'
import { RawPeer } from './raw-peer'
import { SPAN } from '../sync/session-harness'

const { burst, perSecond } = RECONCILE_LIMITS

/** A budget in virtual time; work moves its clock on, as it does where there is one thread. */
function virtual() {
  const scheduler = new Scheduler()
  let spent = 0
  const ticking = { now: () => scheduler.now + spent }
  const budget = new ReconcileBudget({
    clock: ticking,
    timers: { set: (callback, ms) => scheduler.schedule(callback, ms) },
  })
  /** A session that always has something to compare, which costs so much, or has `most` of it. */
  const join = (cost: number, { initiator = false, most = Infinity } = {}) => {
    const session = { done: 0, took: 0, doneAt: 0, leave: () => budget.leave(sharer) }
    const go = () => {
      while (session.done < most && budget.allows(sharer)) {
        spent += cost
        budget.charge(sharer, cost)
        session.done++
        session.took += Math.max(1, cost)
        session.doneAt = ticking.now()
        if (isTurn) break
      }
      if (isTurn && session.done < most) scheduler.schedule(go, 0)
    }
    let isTurn = false
    const sharer: Sharer = {
      initiator,
      onTurn() {
        isTurn = true
        go()
        isTurn = false
      },
    }
    scheduler.schedule(go, 0)
    return session
  }
  return { budget, join, run: (ms: number) => scheduler.runUntil(scheduler.now + ms), now: ticking.now, scheduler }
}

test('all sessions together take what is there, and each the same time, not the same number of messages', async () => {
  const { join, run, now } = virtual()
  const dear = Array.from({ length: 20 }, () => join(40))
  await run(10_000)
  const cheap = join(2)
  const before = dear.map(({ took }) => took)
  await run(60_000)
  const took = dear.map((session, i) => session.took - before[i]!)
  const sum = dear.reduce((total, session) => total + session.took, 0) + cheap.took
  expect(sum).toBeLessThanOrEqual(burst + (perSecond * now()) / 1_000 + 40)
  expect(sum).toBeGreaterThan((perSecond * now()) / 1_000)
  for (const each of [...took, cheap.took]) expect(Math.abs(each - cheap.took)).toBeLessThanOrEqual(80)
})

test('strangers leave a peer of this side’s own choice half of the time, and it leaves them the other', async () => {
  const { join, run } = virtual()
  const strangers = Array.from({ length: 64 }, () => join(10))
  const own = join(10, { initiator: true })
  await run(5_000)
  const before = own.took
  const others = () => strangers.reduce((total, { took }) => total + took, 0)
  const taken = others()
  await run(60_000)
  const ratio = (own.took - before) / (others() - taken)
  expect(ratio).toBeGreaterThan(0.9)
  expect(ratio).toBeLessThan(1.1)
})

test('whoever comes anew neither saved anything up nor comes before all others', async () => {
  const { join, run } = virtual()
  const old = join(5)
  const other = join(5)
  await run(120_000)
  const before = old.took
  const otherBefore = other.took
  // Each takes one turn, and comes again under another name.
  let brief = join(5, { most: 1 })
  for (let i = 0; i < 400; i++) {
    await run(50)
    if (brief.done === 0) continue
    brief.leave()
    brief = join(5, { most: 1 })
  }
  expect(old.took - before).toBeGreaterThan((0.3 * perSecond * 20_000) / 1_000)
  expect(Math.abs(old.took - before - (other.took - otherBefore))).toBeLessThanOrEqual(10)
})

test('no timer runs while nobody waits', async () => {
  const { join, run, scheduler } = virtual()
  const session = join(burst, { most: 2 })
  const waiting = join(1)
  await run(10)
  expect(scheduler.pending).toBe(1)
  session.leave()
  expect(scheduler.pending).toBe(1)
  waiting.leave()
  expect(scheduler.pending).toBe(0)
})

test('twenty peers that ask what is dear cost what all may, and an honest one is compared with meanwhile', async () => {
  // Comparing costs as much as in a set of a million.
  let cost = 0
  const fingerprint = ItemTree.prototype.fingerprint
  vi.spyOn(ItemTree.prototype, 'fingerprint').mockImplementation(function (this: ItemTree, ...range) {
    cost += 5
    return fingerprint.apply(this, range)
  })
  onTestFinished(() => void vi.restoreAllMocks())
  const network = memoryNetwork()
  const ports = { clock: { now: () => clock.now() + cost } }
  const victim = await startAgent({ ports, transports: [memoryTransport({ network, name: 'victim' })] })
  for (let time = 1; time <= 320; time++) await victim.publish({ time })
  const bounds = Array.from({ length: 16 }, (_, i) => ({
    time: i === 15 ? Infinity : 1 + 20 * (i + 1),
    id: new Uint8Array(0),
  }))
  const bytes = encodeMessage(bounds.map(upper => ({ mode: 'fingerprint', upper, fingerprint: new Uint8Array(16) })))
  cost = 0
  const begun = performance.now()
  let answered = 0
  for (let i = 0; i < 20; i++) {
    const peer = await RawPeer.dial(memoryTransport({ network, name: `hostile${i}` }), 'memory://victim')
    await peer.send(SPAN)
    const flood = async () => {
      for (;;) {
        await peer.send({ type: 'reconcile', bytes })
        await peer.until('reconcile')
        answered++
      }
    }
    void flood().catch(() => {})
  }
  await expect.poll(() => cost, { timeout: 20_000 }).toBeGreaterThan(burst)
  const friend = await startAgent({ transports: [memoryTransport({ network, name: 'friend' })] })
  await friend.client.connect('memory://victim')
  await friend.client.waitForSync()
  expect((await friend.client.status()).store.blocks).toBe(320)
  const elapsed = performance.now() - begun + cost
  expect(answered).toBeGreaterThan(20)
  expect(cost).toBeLessThan(burst + (perSecond * elapsed) / 1_000 + 500)
}, 60_000)
