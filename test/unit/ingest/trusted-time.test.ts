import { describe, expect, test } from 'vitest'
import { utf8 } from '../../../src/base/index'
import { Ingest, loadRetention, type RetentionPolicy } from '../../../src/ingest/index'
import { type BlockStore, memoryStorage, openBlockStore } from '../../../src/store/index'
import { CosmicValidator } from '../../../src/validate/index'
import { storedBlock } from '../../tools/stored-block'

const { Retention, readRetention } = await loadRetention()
const NOW = 1_750_000_000_000
const HOUR = 3_600_000
const DAY = 24 * HOUR
const YEAR = 365 * DAY
const AGES: RetentionPolicy = { maxAge: 90 * DAY, perTag: { chat: { maxAge: 30 * DAY } } }

const store = () => openBlockStore(memoryStorage())
const at = (time: number, fields = {}) => storedBlock({ time, text: `at ${time}`, ...fields })

/** One run of a process over a store: the retention of it, swept when a test says so. */
function runOn(store: BlockStore, time: number, policy: RetentionPolicy = AGES) {
  const clock = { time, now: () => clock.time }
  const retention = new Retention({
    ...{ store, clock, self: '', policy: readRetention(policy), timers: { set: () => () => {} }, onFloor: () => {} },
    ingest: new Ingest({ validator: new CosmicValidator({ clock }), store, clock }),
    onError: error => expect(error).toBeUndefined(),
  })
  const sweepAt = async (time: number) => {
    clock.time = time
    return retention.run()
  }
  return { retention, sweepAt, close: () => retention.close() }
}

/** With something for every way of going by time: too old, tagged and too old, expired. */
async function filled() {
  const own = await store()
  await own.put(
    await Promise.all([
      at(NOW - 10 * DAY),
      at(NOW - 9 * DAY, { tags: ['chat'] }),
      at(NOW - 8 * DAY, { expires: NOW + YEAR }),
      at(NOW - 1),
    ]),
  )
  return own
}
const left = async (own: BlockStore) => {
  const { blocks, floor } = await own.stats()
  return { blocks, isLow: floor <= NOW }
}
const WHOLE = { blocks: 4, isLow: true }

describe('a clock that is far ahead', () => {
  test('removes nothing, and the sweep says why; set right again it is as if nothing had been', async () => {
    const own = await filled()
    const { sweepAt, retention } = runOn(own, NOW)
    expect((await sweepAt(NOW)).doubt).toBeUndefined()
    const ahead = NOW + 10 * YEAR
    expect(await sweepAt(ahead)).toMatchObject({
      ...{ expired: 0, pruned: 0, belowFloor: 0 },
      doubt: { trusted: NOW, now: ahead, until: ahead + DAY },
    })
    expect((await sweepAt(ahead + 23 * HOUR)).doubt).toBeDefined()
    expect(retention.last!.doubt).toBeDefined()
    expect(await left(own)).toEqual(WHOLE)
    expect((await sweepAt(NOW + 23 * HOUR)).doubt).toBeUndefined()
    expect(await left(own)).toEqual(WHOLE)
  })

  test('is believed once it has gone on for a day, across restarts; put back a little it begins anew', async () => {
    const own = await filled()
    await runOn(own, NOW).sweepAt(NOW)
    const ahead = NOW + 10 * YEAR
    for (const time of [ahead, ahead + 5 * HOUR, ahead - HOUR, ahead + 22 * HOUR]) {
      const { sweepAt, close } = runOn(own, time)
      expect((await sweepAt(time)).doubt).toBeDefined()
      await close()
    }
    expect(await left(own)).toEqual(WHOLE)
    const last = await runOn(own, ahead).sweepAt(ahead + 23 * HOUR)
    expect(last).toMatchObject({ expired: 1, belowFloor: 3 })
    expect(last.doubt).toBeUndefined()
    expect((await own.stats()).blocks).toBe(0)
  })

  test('is noticed in a store of which nothing is remembered by its newest block', async () => {
    const own = await filled()
    expect((await runOn(own, NOW).sweepAt(NOW + YEAR)).doubt).toMatchObject({ trusted: NOW - 1 })
    expect(await left(own)).toEqual(WHOLE)
  })

  test('again, while the first jump is on probation, is no confirmation of it all', async () => {
    const own = await filled()
    await runOn(own, NOW).sweepAt(NOW)
    await runOn(own, NOW).sweepAt(NOW + 7 * DAY)
    const { doubt } = await runOn(own, NOW).sweepAt(NOW + 10 * YEAR)
    expect(doubt).toMatchObject({ trusted: NOW + 8 * DAY })
    expect(await left(own)).toEqual(WHOLE)
  })

  test('bounds of number go on, and one that is trusted is believed at once', async () => {
    const own = await filled()
    await runOn(own, NOW).sweepAt(NOW)
    expect(await runOn(own, NOW, { ...AGES, maxBlocks: 3 }).sweepAt(NOW + YEAR)).toMatchObject({ pruned: 1 })
    const trusting = await runOn(own, NOW, { ...AGES, trustClock: true }).sweepAt(NOW + YEAR + 1)
    expect(trusting.doubt).toBeUndefined()
    expect((await own.stats()).blocks).toBe(0)
  })
})

test('a process that runs once a week for a minute lags by one of its runs', async () => {
  const own = await filled()
  await runOn(own, NOW).sweepAt(NOW)
  for (let week = 1; week <= 4; week++) {
    await runOn(own, NOW).sweepAt(NOW + 7 * week * DAY)
    const lag = NOW + 7 * week * DAY - 90 * DAY - (await own.stats()).floor
    expect(Math.abs(lag - 7 * DAY)).toBeLessThanOrEqual(DAY)
  }
})

test('a clock that has not been set yet is not remembered', async () => {
  const own = await store()
  expect((await runOn(own, 5).sweepAt(5)).doubt).toBeUndefined()
  expect((await runOn(own, NOW).sweepAt(NOW)).doubt).toBeUndefined()
  expect((await runOn(own, 5).sweepAt(5)).doubt).toBeUndefined()
  expect((await runOn(own, NOW).sweepAt(NOW + HOUR)).doubt).toBeUndefined()
})

test('what is remembered and damaged by one bit, wherever, is not believed: all goes on as if nothing had been', async () => {
  const own = await store()
  await runOn(own, NOW).sweepAt(NOW)
  const key = utf8('retention/clock')
  const value = await own.side.get(key)
  for (let bit = 0; bit < value!.length * 8; bit++) {
    const damaged = value!.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
    await own.side.batch([{ type: 'put', key, value: damaged }])
    await own.put([await at(NOW + bit, { expires: NOW + bit + 1 })])
    const report = await runOn(own, NOW + bit).sweepAt(NOW + bit + 1)
    expect(report).toMatchObject({ expired: 1 })
    expect(report.doubt).toBeUndefined()
  }
})
