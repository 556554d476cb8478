import { expect, test } from 'vitest'
import { Tidying } from '../../../src/ingest/retention/tidying'
import { memoryStorage, openBlockStore } from '../../../src/store/index'
import { HandTimers } from './hand-timers'

const HOUR = 3_600_000

/** A store of which something was erased behind its back, when a test says so. */
async function tidied(within: number) {
  const store = await openBlockStore(memoryStorage())
  const state = { erased: false, compacted: 0 }
  store.needsCompaction = () => Promise.resolve(state.erased)
  store.compact = () => {
    state.compacted++
    state.erased = false
    return Promise.resolve(true)
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
