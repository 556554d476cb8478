import { describe, expect, test } from 'vitest'
import type { Timers } from '../../../src/base/index'
import { createBlock } from '../../../src/block/index'
import { Ingest, loadRetention, type RetentionPolicy } from '../../../src/ingest/index'
import { memoryStorage, openBlockStore, type StoredBlock } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { CosmicValidator } from '../../../src/validate/index'
import { signerOf, storedBlock } from '../../tools/stored-block'

const { Retention, readRetention } = await loadRetention()
const NOW = 10_000_000
const SELF = (await signerOf(9)).did

const NEVER: Timers = { set: () => () => {} }

const rethrow = (error: unknown): void => {
  throw error
}

async function setUp(policy: RetentionPolicy, blocks: readonly StoredBlock[], timers = NEVER, onError = rethrow) {
  const store = await openBlockStore(memoryStorage())
  await store.put(blocks)
  const clock = { time: NOW, now: () => clock.time }
  const ingest = new Ingest({ validator: new CosmicValidator({ clock }), store, clock })
  const floors: number[] = []
  const retention = new Retention({
    ...{ store, ingest, clock, policy: readRetention(policy), self: SELF },
    timers,
    onFloor: floor => floors.push(floor),
    onError,
  })
  retention.open()
  const held = async () => (await collect(store.query({ admittedOnly: false }))).map(({ block }) => block.time)
  return { store, ingest, retention, clock, floors, held }
}

const at = (time: number, fields = {}) => storedBlock({ time, text: `at ${time}`, ...fields })
const times = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('what is removed', () => {
  test('by number: the oldest, of which stubs stay; own blocks, profiles and what is pinned by name do not go', async () => {
    const profile = await createBlock({ profile: { encryption: [new Uint8Array(32)] }, time: 1 }, await signerOf(2))
    const verdict = await new CosmicValidator().validate(profile)
    const pinned = { block: (verdict as { block: StoredBlock['block'] }).block, admitted: true }
    const blocks = await Promise.all([
      at(2, { author: 9 }),
      at(3, { tags: ['keep'] }),
      ...times(4, 12).map(time => at(time)),
    ])
    const { store, retention, held } = await setUp({ maxBlocks: 6, pins: { tags: ['keep'] } }, [pinned, ...blocks])
    expect(await retention.run()).toMatchObject({ pruned: 6, expired: 0, belowFloor: 0 })
    expect(await held()).toEqual([1, 2, 3, 10, 11, 12])
    expect(await store.stats()).toMatchObject({ pruned: 6, floor: 0 })
    expect(await retention.run()).toMatchObject({ pruned: 0 })
  })

  test('by bytes, in all and by author; nothing more when all is pinned', async () => {
    const blocks = await Promise.all(
      times(1, 8).map(time => at(time, { author: 1 + (time % 2), text: 'x'.repeat(1000) })),
    )
    const size = blocks[0]!.block.bytes.length
    const { retention, held } = await setUp({ perAuthor: { maxBytes: 3 * size }, maxBytes: 5 * size }, blocks)
    await retention.run()
    expect(await held()).toEqual([4, 5, 6, 7, 8])
    const stuck = await setUp({ maxBlocks: 1, pins: { kinds: ['embedding'] } }, blocks)
    expect(await stuck.retention.run()).toMatchObject({ pruned: 0 })
  })

  test('by author and by tag', async () => {
    const blocks = await Promise.all([
      ...times(1, 5).map(time => at(time, { author: 1 })),
      ...times(11, 13).map(time => at(time, { author: 2, tags: ['chat'] })),
      at(NOW - 50, { author: 3, tags: ['news'] }),
      at(NOW - 500, { author: 3, tags: ['news'] }),
    ])
    const perTag = { chat: { maxBlocks: 1 }, news: { maxAge: 100 } }
    const { retention, held } = await setUp({ perAuthor: { maxBlocks: 2 }, perTag }, blocks)
    await retention.run()
    expect(await held()).toEqual([4, 5, 13, NOW - 50])
  })

  test('by age: the floor rises, nothing is left of what lies below it, and it does not come back', async () => {
    const blocks = await Promise.all([1_000, NOW - 200_000, NOW - 50_000, NOW].map(time => at(time)))
    const own = await at(2_000, { author: 9 })
    const { store, ingest, retention, held, floors } = await setUp({ maxAge: 100_000 }, [...blocks, own])
    expect(await retention.run()).toMatchObject({ belowFloor: 2 })
    expect(await held()).toEqual([2_000, NOW - 50_000, NOW])
    const { floor, pruned } = await store.stats()
    expect([floors, pruned]).toEqual([[floor], 0])
    expect(floor).toBeGreaterThan(NOW - 200_000)
    expect(floor).toBeLessThanOrEqual(NOW - 100_000)
    const [verdict] = await ingest.ingest([blocks[0]!.block])
    expect(verdict).toMatchObject({ status: 'valid', admitted: false, code: 'below-floor', field: 'time' })
  })

  test('what is pinned and old comes back below the floor, own or by id, author, tag or kind; so do withdrawals', async () => {
    const author = (await signerOf(3)).did
    const blocks = await Promise.all([
      at(1, { author: 9 }),
      at(2),
      at(3, { author: 3 }),
      at(4, { tags: ['keep'] }),
      at(5),
      at(NOW),
    ])
    const [, byId, , , unpinned] = blocks
    const policy = { maxAge: 100_000, pins: { ids: [byId!.block.id], authors: [author], tags: ['keep'] } }
    const { store, ingest, retention, held } = await setUp(policy, [])
    await retention.run()
    expect((await store.stats()).floor).toBeGreaterThan(5)
    const verdicts = await ingest.ingest(blocks.map(({ block }) => block))
    expect(verdicts.map(verdict => verdict.status === 'valid' && verdict.admitted)).toEqual(
      blocks.map(block => block !== unpinned),
    )
    expect(await held()).toEqual([1, 2, 3, 4, NOW])
    expect(await retention.run()).toMatchObject({ belowFloor: 0 })
    const withdrawal = await createBlock({ retraction: { block: byId!.block.id }, time: 6 }, await signerOf(1))
    expect(await ingest.ingest([withdrawal])).toMatchObject([{ status: 'valid', admitted: true }])
    expect(await held()).toEqual([1, 3, 4, 6, NOW])
  })

  test('what has expired, when it is due, pinned or not; one that comes later is not stored', async () => {
    const blocks = await Promise.all([at(1, { expires: NOW + 10, author: 9 }), at(2, { expires: NOW + 20 }), at(3)])
    const { store, ingest, retention, clock, held } = await setUp({}, blocks)
    expect(await retention.run()).toMatchObject({ expired: 0 })
    clock.time = NOW + 10
    expect(await retention.run()).toMatchObject({ expired: 1 })
    const late = await at(4, { expires: NOW + 15 })
    await ingest.ingest([late.block])
    clock.time = NOW + 20
    expect(await retention.run()).toMatchObject({ expired: 2 })
    expect(await held()).toEqual([3])
    expect((await store.stats()).pruned).toBe(0)
    const [verdict] = await ingest.ingest([late.block])
    expect(verdict).toMatchObject({ status: 'valid', admitted: false, code: 'expired', field: 'expires' })
    expect(await held()).toEqual([3])
  })

  test('a pruned block is not stored again, until the room for stubs is spent and the floor rises above it', async () => {
    const blocks = await Promise.all(times(1, 40).map(time => at(time)))
    const { store, ingest, retention, held } = await setUp({ maxBlocks: 10, maxStubs: 20 }, blocks)
    await retention.run()
    expect(await held()).toEqual(times(31, 40))
    expect(await store.stats()).toMatchObject({ pruned: 18, floor: 13 })
    const verdicts = await ingest.ingest([blocks[0]!.block, blocks[29]!.block])
    expect(verdicts.map(verdict => 'code' in verdict && verdict.code)).toEqual(['below-floor', 'pruned'])
    expect(await held()).toEqual(times(31, 40))
  })
})

test('thousands go in bounded steps, and stop when the signal fires', async () => {
  const blocks = await Promise.all(times(1, 700).map(time => at(time)))
  const { store, retention } = await setUp({ maxBlocks: 10 }, blocks)
  const stop = new AbortController()
  let batches = 0
  store.onChange(({ erased }) => {
    expect(erased.length).toBeLessThanOrEqual(256)
    if (++batches === 2) stop.abort()
  })
  await expect(retention.run({ signal: stop.signal })).rejects.toMatchObject({ code: 'aborted' })
  expect((await store.stats()).blocks).toBe(700 - 512)
  await retention.run()
  expect((await store.stats()).blocks).toBe(10)
  await retention.close()
})

describe('a sweep that fails or is given up', () => {
  /** Timers that a test lets run out one by one; a disk that refuses to erase so often. */
  async function failing(policy: RetentionPolicy, blocks: readonly StoredBlock[], failures: number) {
    const waits: number[] = []
    let pending: (() => void) | undefined
    const timers: Timers = {
      set: (callback, ms) => {
        waits.push(ms)
        pending = callback
        return () => (pending = undefined)
      },
    }
    const scene = await setUp({ ...policy, compactWithin: false }, blocks, timers, () => {})
    const erase = scene.ingest.erase.bind(scene.ingest)
    scene.ingest.erase = (ids, reason) => (failures-- > 0 ? Promise.reject(new Error('disk')) : erase(ids, reason))
    const fire = () => {
      const callback = pending
      pending = undefined
      callback?.()
    }
    return { ...scene, waits, fire }
  }

  test.each([
    ['expiries', {}, { expires: NOW - 1 }],
    ['a bound', { maxBlocks: 1 }, {}],
  ])('of %s is begun anew, after twice as long each time', async (_, policy, fields) => {
    const blocks = await Promise.all(times(1, 3).map(time => at(time, time === 3 ? {} : fields)))
    const { waits, fire, held } = await failing(policy, blocks, 2)
    for (let i = 0; i < 40 && (await held()).length > 1; i++) fire()
    expect(await held()).toEqual([3])
    expect(waits.filter(ms => ms > 20).slice(0, 2)).toEqual([2_000, 4_000])
  })

  test('what a `run` leaves when it is given up goes in the background', async () => {
    const blocks = await Promise.all(times(1, 3).map(time => at(time)))
    const { retention, fire, held } = await failing({ maxBlocks: 1 }, blocks, 0)
    await expect(retention.run({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' })
    for (let i = 0; i < 40 && (await held()).length > 1; i++) fire()
    expect(await held()).toEqual([3])
  })
})

describe('a policy that is misspelt', () => {
  test.each<[unknown, string, string]>([
    [7, 'bad-type', 'retention'],
    [{ maxage: 1 }, 'unknown-field', 'retention.maxage'],
    [{ maxAge: -1 }, 'out-of-range', 'retention.maxAge'],
    [{ maxBlocks: 0 }, 'out-of-range', 'retention.maxBlocks'],
    [{ maxBytes: 1.5 }, 'bad-type', 'retention.maxBytes'],
    [{ maxStubs: '9' }, 'bad-type', 'retention.maxStubs'],
    [{ perAuthor: { max: 1 } }, 'unknown-field', 'retention.perAuthor.max'],
    [{ perTag: { news: { maxBytes: 1 } } }, 'unknown-field', 'retention.perTag.news.maxBytes'],
    [{ perTag: Object.fromEntries(times(1, 257).map(n => [`${n}`, {}])) }, 'limit', 'retention.perTag'],
    [{ pins: { own: 1 } }, 'bad-type', 'retention.pins.own'],
    [{ pins: { tags: Array.from({ length: 10_001 }, () => 'x') } }, 'limit', 'retention.pins.tags'],
  ])('%j is refused by name', (policy, code, field) => {
    expect(() => readRetention(policy)).toThrow(expect.objectContaining({ code, field }))
  })
})

test('what comes while a sweep runs is looked at soon after it', async () => {
  const due: { readonly run: () => void; readonly ms: number }[] = []
  const timers: Timers = {
    set(run, ms) {
      due.push({ run, ms })
      return () => void due.splice(0)
    },
  }
  const next = async () => {
    await expect.poll(() => due.length).toBe(1)
    return due.shift()!
  }
  const policy = { maxBlocks: 3, compactWithin: false as const }
  const { store, retention, held } = await setUp(policy, await Promise.all(times(1, 5).map(time => at(time))), timers)
  const first = await next()
  first.run()
  const step = await next()
  await store.put(await Promise.all(times(6, 9).map(time => at(time))))
  let last = step
  for (; last.ms <= 20; last = await next()) last.run()
  expect(last.ms).toBeLessThanOrEqual(1_000)
  for (; last.ms <= 1_000; last = await next()) last.run()
  expect((await held()).length).toBeLessThanOrEqual(3)
  await retention.close()
})
