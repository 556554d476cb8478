import { describe, expect, test } from 'vitest'
import { Rate } from '../../../src/client/rate'
import { CIRCUIT, REDIAL_FIRST_MS, REDIAL_MAX_MS, Redial } from '../../../src/client/redial'
import { ManualTimers } from '../wire/connection-pair'

/** A redial of which every wait is the whole step, over a clock that stands at 1,000. */
function setUp() {
  const timers = new ManualTimers()
  let dials = 0
  const ports = { timers, random: { bytes: () => Uint8Array.of(255) }, clock: { now: () => 1_000 } }
  const redial = new Redial(ports, () => dials++)
  return { redial, timers, dials: () => dials }
}

describe('redial', () => {
  test('waits double up to the longest; then the circuit opens, and an attempt is made now and then', () => {
    const { redial } = setUp()
    for (let i = 0; i + 1 < CIRCUIT.failures; i++) {
      expect(redial.schedule()).toBe(Math.min(REDIAL_MAX_MS, REDIAL_FIRST_MS * 2 ** i))
      expect(redial.isSuspended).toBe(false)
    }
    expect(redial.schedule()).toBe(CIRCUIT.retryMs)
    expect(redial.schedule()).toBe(CIRCUIT.retryMs)
    expect(redial.isSuspended).toBe(true)
    redial.reset()
    expect(redial).toMatchObject({ failures: 0, isSuspended: false })
    expect(redial.schedule()).toBe(REDIAL_FIRST_MS)
  })

  test('a fault opens the circuit at once, for ever longer', () => {
    const { redial } = setUp()
    const waits = Array.from({ length: 6 }, () => redial.suspend())
    expect(waits).toEqual([1, 2, 4, 8, 12, 12].map(n => n * CIRCUIT.faultMs))
    expect(redial.schedule()).toBe(CIRCUIT.faultMaxMs)
  })

  test('says when it dials, and dials once', () => {
    const { redial, timers, dials } = setUp()
    redial.schedule()
    expect(redial.next).toBe(1_000 + REDIAL_FIRST_MS)
    timers.fire()
    expect(redial.next).toBeUndefined()
    timers.fire()
    expect(dials()).toBe(1)
    redial.schedule()
    redial.cancel()
    expect(redial.next).toBeUndefined()
    timers.fire()
    expect(dials()).toBe(1)
  })
})

describe('rate', () => {
  const run = (rate: Rate, clock: { time: number }, seconds: number, amount: number) => {
    for (let i = 0; i < seconds * 10; i++) {
      clock.time += 100
      rate.add(amount)
    }
  }

  test('comes to what goes on, from the first seconds on, and fades when it stops', () => {
    const clock = { time: 0 }
    const rate = new Rate({ now: () => clock.time })
    expect(rate.perSecond).toBe(0)
    run(rate, clock, 2, 100)
    expect(rate.perSecond).toBeGreaterThan(900)
    expect(rate.perSecond).toBeLessThan(1_200)
    run(rate, clock, 30, 100)
    run(rate, clock, 30, 50)
    expect(rate.perSecond).toBeGreaterThan(490)
    expect(rate.perSecond).toBeLessThan(520)
    clock.time += 60_000
    expect(rate.perSecond).toBeLessThan(1)
  })

  test('a clock that jumps makes no nonsense of it', () => {
    const clock = { time: 1_000_000 }
    const rate = new Rate({ now: () => clock.time })
    rate.add(1_000)
    clock.time -= 500_000
    expect(rate.perSecond).toBeLessThan(1_200)
    run(rate, clock, 10, 10)
    expect(Number.isFinite(rate.perSecond)).toBe(true)
    clock.time += 86_400_000
    expect(rate.perSecond).toBeLessThan(1)
  })
})
