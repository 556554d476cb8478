import { expect, test } from 'vitest'
import { Tidying } from '../../../src/ingest/retention/tidying'
import { memoryStorage, openBlockStore } from '../../../src/store/index'
import { HandTimers } from './hand-timers'

const HOUR = 3_600_000

/** A store of which something was erased behind its back, when a test says so. */
async function tidied(within: number, step?: () => readonly [done: number, total: number]) {
  const store = await openBlockStore(memoryStorage())
  const state = { erased: false, compacted: 0 }
  store.needsCompaction = () => Promise.resolve(state.erased)
  store.compact = async ({ onProgress } = {}) => {
    state.compacted++
    if (step) {
      onProgress?.(...step())
      return false
    }
    state.erased = false
    return true
  }
  const clock = { time: 1_750_000_000_000, now: () => clock.time }
  const timers = new HandTimers()
  const tidying = new Tidying({ store, clock, timers, within, onError: error => expect(error).toBeUndefined() })
  tidying.open()
  const settle = () => expect.poll(() => timers.waits.length).toBeGreaterThan(0)
  await settle()
  const pass = async (ms: number) => {
    clock.time += ms
    timers.waits.length = 0
    await timers.round()
    await settle()
    return timers.waits.at(-1)
  }
  return { tidying, state, pass, timers }
}

test('what was erased unnoticed is found within an hour, and compacted in its time', async () => {
  const { tidying, state, pass, timers } = await tidied(4 * HOUR)
  expect(timers.waits).toEqual([HOUR])
  expect(await pass(HOUR)).toBe(HOUR)
  state.erased = true
  expect(await pass(HOUR)).toBe(HOUR)
  expect(state.compacted).toBe(0)
  await pass(HOUR)
  await pass(HOUR)
  expect(state.compacted).toBe(1)
  // The time of the first is not that of the second.
  state.erased = true
  await pass(HOUR)
  await pass(HOUR)
  expect(state.compacted).toBe(1)
  await pass(HOUR)
  expect(state.compacted).toBe(2)
  await tidying.close()
})

test('steps that do not move on are repeated after twice as long each time, up to a minute, and others at once', async () => {
  let done = 0
  const { tidying, state, pass } = await tidied(0, () => [done, 100])
  state.erased = true
  let wait = (await pass(HOUR))!
  const steps = async (count: number) => {
    const waits: number[] = []
    while (waits.length < count) waits.push((wait = (await pass(wait))!))
    return waits
  }
  expect(await steps(5)).toEqual([20, 40, 80, 160, 320])
  expect((await steps(9)).slice(-2)).toEqual([60_000, 60_000])
  done++
  expect(await steps(3)).toEqual([20, 40, 80])
  await tidying.close()
})
