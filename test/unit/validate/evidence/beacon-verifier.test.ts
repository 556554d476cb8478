import { bls12_381 as bls } from '@noble/curves/bls12-381.js'
import { describe, expect, test } from 'vitest'
import { TokenBucket, type Budget, type Random } from '../../../../src/base/index'
import type { Beacon } from '../../../../src/block/index'
import { BeaconVerifier } from '../../../../src/validate/evidence/beacon-verifier'
import { CHAINS, ROUNDS } from './beacons'
import { ManualTime, settle } from './ports'

const [first, second] = ROUNDS as [Beacon, Beacon]
const chains = CHAINS.map(({ chain }) => chain)
/** Well-formed and wrong, each another one. */
const forged = (round: number): Beacon => ({ ...first, round })

/** Counts the tokens taken, of which there are as many as wanted. */
function counter(): Budget & { taken: number } {
  const budget = {
    taken: 0,
    take: async () => void budget.taken++,
    tryTake: () => ++budget.taken > 0,
  }
  return budget
}

describe('BeaconVerifier', () => {
  test('checks a round once, right or wrong, also while it is being checked', async () => {
    const budget = counter()
    const verifier = new BeaconVerifier({ budget })
    const twice = await Promise.all([verifier.verify(first), verifier.verify(first), verifier.verify(forged(7))])
    expect(twice.map(({ ok }) => ok)).toEqual([true, true, false])
    expect(budget.taken).toBe(2)
    expect(await verifier.verify({ ...first, signature: first.signature.slice() })).toEqual(twice[0])
    expect(await verifier.verify(forged(7))).toEqual(twice[2])
    expect(budget.taken).toBe(2)
  })

  test('a failure is remembered for its signature alone', async () => {
    const verifier = new BeaconVerifier()
    expect((await verifier.verify({ ...first, signature: second.signature })).ok).toBe(false)
    expect((await verifier.verify(first)).ok).toBe(true)
  })

  test('what fits no chain costs no token', async () => {
    const budget = counter()
    const verifier = new BeaconVerifier({ budget })
    const unknown = await verifier.verify({ ...first, chain: new Uint8Array(32) })
    const long = await verifier.verify({ ...first, signature: new Uint8Array(96) })
    expect([unknown, long]).toMatchObject([{ error: { code: 'beacon-chain' } }, { error: { code: 'beacon-encoding' } }])
    expect(budget.taken).toBe(0)
  })

  test('answers for each of many rounds of several chains by itself', async () => {
    const rounds = CHAINS.flatMap(({ rounds }) => rounds)
    const verifier = new BeaconVerifier({ chains })
    const wrong = [0, 3, 4, 8]
    const infinity = Uint8Array.of(0xc0, ...new Uint8Array(47))
    const mixed = [...rounds.map((beacon, i) => (wrong.includes(i) ? { ...beacon, round: beacon.round + 9 } : beacon))]
    const answers = await Promise.all(
      [...mixed, { ...first, signature: infinity }].map(beacon => verifier.verify(beacon)),
    )
    const codes = answers.map(answer => (answer.ok ? 'ok' : answer.error.code))
    expect(codes).toEqual([...rounds.map((_, i) => (wrong.includes(i) ? 'beacon-signature' : 'ok')), 'beacon-infinity'])
  })

  test('errors that cancel each other in a sum do not do so in a batch', async () => {
    const { Point } = bls.G1
    const shifted = [
      { ...first, signature: Point.fromBytes(first.signature).add(Point.BASE).toBytes() },
      { ...second, signature: Point.fromBytes(second.signature).subtract(Point.BASE).toBytes() },
    ]
    const swapped = [
      { ...first, signature: second.signature },
      { ...second, signature: first.signature },
    ]
    for (const pair of [shifted, swapped]) {
      const verifier = new BeaconVerifier()
      const answers = await Promise.all(pair.map(beacon => verifier.verify(beacon)))
      expect(answers.map(({ ok }) => ok)).toEqual([false, false])
    }
  })

  test('a flood of forgeries displaces no answer of a right round', async () => {
    const budget = counter()
    const verifier = new BeaconVerifier({ capacity: 4, budget })
    await verifier.verify(first)
    for (let round = 1; round <= 8; round++) await verifier.verify(forged(round))
    expect(verifier.remembered).toBeLessThanOrEqual(8)
    const { taken } = budget
    expect((await verifier.verify(first)).ok).toBe(true)
    expect(budget.taken).toBe(taken)
  })

  test('waits while the budget is spent, and believes nothing meanwhile', async () => {
    const time = new ManualTime()
    const budget = new TokenBucket({ clock: time, timers: time, rate: 1, burst: 1 })
    const verifier = new BeaconVerifier({ budget, timers: time })
    const answers: string[] = []
    const verify = async (name: string, beacon: Beacon) => {
      const { ok } = await verifier.verify(beacon)
      answers.push(`${name} ${ok}`)
    }
    const all = [verify('a', first), verify('b', second), verify('c', forged(5))]
    await waitFor(() => answers.length === 1, time)
    expect(answers).toEqual(['a true'])
    await time.pass(999)
    expect(answers).toEqual(['a true'])
    await verify('a again', first)
    await time.pass(1)
    await time.pass(1000)
    await Promise.all(all)
    expect(answers).toEqual(['a true', 'a again true', 'b true', 'c false'])
  })

  test('refuses to queue more than its bound, without remembering it as a fault of the beacon', async () => {
    const time = new ManualTime()
    const budget = new TokenBucket({ clock: time, timers: time, rate: 1, burst: 1 })
    budget.tryTake()
    const verifier = new BeaconVerifier({ budget, timers: time, maxWaiting: 2 })
    const waiting = [verifier.verify(forged(1)), verifier.verify(forged(2))]
    expect(await verifier.verify(first)).toMatchObject({
      ok: false,
      error: { code: 'limit', field: 'beacon', limit: 2 },
    })
    await waitFor(() => time.pending > 0, time)
    await time.pass(3000)
    await Promise.all(waiting)
    const later = verifier.verify(first)
    await time.pass(3000)
    expect((await later).ok).toBe(true)
  })

  test('draws new factors for every batch, and hands a failure of their source on', async () => {
    let drawn = 0
    const random: Random = { bytes: length => new Uint8Array(length).map(() => ++drawn) }
    await Promise.all(ROUNDS.map(beacon => verifierWith(random).verify(beacon)))
    const verifier = verifierWith(random)
    await Promise.all(ROUNDS.map(beacon => verifier.verify(beacon)))
    expect(drawn).toBe(16 * ROUNDS.length)
    const broken: Random = {
      bytes: () => {
        throw new Error('no entropy')
      },
    }
    const failing = verifierWith(broken)
    const settled = await Promise.allSettled(ROUNDS.map(beacon => failing.verify(beacon)))
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected'])
    expect((await failing.verify(first)).ok).toBe(true)
  })
})

const verifierWith = (random: Random) => new BeaconVerifier({ random })

/** Lets turns pass, not time, until something holds: the pairings are loaded first. */
async function waitFor(holds: () => boolean, time: ManualTime): Promise<void> {
  for (let turn = 0; turn < 2000 && !holds(); turn++) {
    await settle()
    await time.pass(0)
  }
}
