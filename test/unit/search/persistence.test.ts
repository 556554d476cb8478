import { beforeAll, describe, expect, test } from 'vitest'
import { openSearch, type SearchOptions } from '../../../src/search/index'
import { memoryStorage, openBlockStore, type KeyValueStorage, type StoredBlock } from '../../../src/store/index'
import { utf8 } from '../../../src/base/index'
import { answersOf, countingStore, MODEL, sceneBlocks } from '../../tools/search-scenes'

let blocks: StoredBlock[]
beforeAll(async () => void (blocks = await sceneBlocks({ count: 1500 })), 60_000)

const saving = { saveFrom: 0, clock: { now: () => 5_000 } } satisfies SearchOptions

async function opened(storage: KeyValueStorage, options: SearchOptions = saving) {
  const { store, reads } = await countingStore(storage)
  const engine = await openSearch(store, options)
  await engine.settled()
  return { engine, store, reads, loaded: reads.blocks }
}

/** A storage with so many blocks and their saved index. */
async function savedStorage(count = blocks.length, options: SearchOptions = saving) {
  const storage = memoryStorage()
  const { store, engine } = await opened(storage, options)
  await store.put(blocks.slice(0, count))
  await engine.settled()
  await engine.close()
  return storage
}

/** What an engine answers that reads every block. */
async function fresh(storage: KeyValueStorage, options: SearchOptions = saving) {
  const { engine } = await opened(storage, { ...options, persist: false })
  return answersOf(engine, blocks)
}

const pagesOf = async (storage: KeyValueStorage) => {
  const store = await openBlockStore(storage)
  const found: [Uint8Array, Uint8Array][] = []
  for await (const [key, value] of store.side.range()) found.push([key, value])
  return { side: store.side, found, named: (name: string) => found.filter(([key]) => key[1] === utf8(name)[0]) }
}

describe('a saved index', () => {
  test.each([40, 1500])('of %i blocks is opened without reading one, and answers as a fresh one does', async count => {
    const storage = await savedStorage(count)
    const { engine, loaded } = await opened(storage)
    expect(loaded).toBe(0)
    expect(engine.loading).toBeUndefined()
    expect(await answersOf(engine, blocks)).toEqual(await fresh(storage))
    expect(engine.spaces).toMatchObject([{ model: MODEL, size: count }])
    expect(engine.kernels).toMatch(count > 1024 ? /^wasm/ : 'scalar')
  })

  test('keeps exact vectors where they are to be in memory', async () => {
    const inMemory = { ...saving, vectors: 'memory' } as const
    const storage = await savedStorage(1500, inMemory)
    const { engine, reads } = await opened(storage, inMemory)
    const answers = await answersOf(engine, blocks)
    expect(reads.blocks).toBe(0)
    expect(answers).toEqual(await fresh(storage))
    // The other way round exact vectors are not needed; but what was saved without them has to be read anew.
    const { loaded } = await opened(storage)
    expect(loaded).toBe(0)
    const without = await savedStorage()
    const back = await opened(without, inMemory)
    expect(back.loaded).toBe(1500)
    expect(await answersOf(back.engine, blocks)).toEqual(answers)
  })

  test('reads what came later, and drops what was refused, while no engine followed', async () => {
    const storage = await savedStorage(1400)
    const store = await openBlockStore(storage)
    await store.put(blocks.slice(1400))
    await store.judge(
      blocks.slice(0, 30).map(({ block: { id } }) => ({ id, admitted: false, code: 'policy' as const })),
    )
    const { engine, loaded } = await opened(storage)
    expect(loaded).toBe(100)
    expect(engine.spaces[0]!.size).toBe(1470)
    expect(await answersOf(engine, blocks)).toEqual(await fresh(storage))
    await store.judge(blocks.slice(0, 30).map(({ block: { id } }) => ({ id, admitted: true })))
    await engine.close()
    expect((await opened(storage)).loaded).toBe(30)
  })

  test('is written in pages as it changes: few of them for few changes', async () => {
    const storage = await savedStorage()
    const { engine, store } = await opened(storage)
    const { found, named } = await pagesOf(storage)
    expect(named('p').length).toBeGreaterThan(2)
    await store.judge([{ id: blocks[3]!.block.id, admitted: false, code: 'policy' }])
    await engine.save()
    const after = await pagesOf(storage)
    const changed = after.found.filter(([, value], i) => Buffer.compare(value, found[i]![1]) !== 0)
    expect(changed.map(([key]) => String.fromCharCode(key[1]!)).sort()).toEqual(['h', 'p'])
    await engine.close()
    const again = await opened(storage)
    expect(again.loaded).toBe(0)
    expect(await answersOf(again.engine, blocks)).toEqual(await fresh(storage))
  })

  test('is saved by itself some seconds after a change', async () => {
    const storage = memoryStorage()
    const due: (() => void)[] = []
    const timers = { set: (callback: () => void) => (due.push(callback), () => void due.splice(0)) }
    const { store, engine } = await opened(storage, { ...saving, timers })
    await store.put(blocks.slice(0, 50))
    expect(due.length).toBe(1)
    due.splice(0)[0]!()
    await engine.save()
    expect((await opened(storage)).loaded).toBe(0)
  })

  test('is saved once it is quiet, or after ten seconds in which something came all the time', async () => {
    for (const [busy, waits] of [
      [2, 3],
      [9, 5],
    ] as const) {
      const storage = memoryStorage()
      const set: number[] = []
      let due: (() => void) | undefined
      const timers = { set: (callback: () => void, wait: number) => (set.push(wait), (due = callback), () => {}) }
      const { store, engine } = await opened(storage, { ...saving, timers })
      await store.put(blocks.slice(0, 5))
      let armed = 0
      for (let turn = 1; armed < set.length; turn++) {
        if (turn <= busy) await store.put(blocks.slice(turn * 5, turn * 5 + 5))
        armed = set.length
        due!()
      }
      await expect.poll(async () => (await pagesOf(storage)).found.length).toBeGreaterThan(0)
      expect(set).toEqual(Array.from({ length: waits }, () => 2_000))
      await engine.close()
    }
  })

  test('is saved the more seldom the longer that takes, and after five minutes at the latest', async () => {
    const waits: number[] = []
    const timers = { set: (_: () => void, wait: number) => (waits.push(wait), () => {}) }
    let now = 0
    let lasts = 0
    const clock = { now: () => now }
    const storage = memoryStorage()
    const batch = storage.batch.bind(storage)
    storage.batch = (...call) => ((now += lasts), batch(...call))
    const { store, engine } = await opened(storage, { saveFrom: 0, clock, timers })
    // Of each saving: a batch of pages, and one of the head.
    for (const [i, each] of [0, 500, 1e9, -5_000].entries()) {
      await store.put(blocks.slice(i * 10, i * 10 + 10))
      await engine.settled()
      lasts = each
      await engine.save()
      lasts = 0
    }
    await store.put(blocks.slice(40, 50))
    await engine.settled()
    expect(waits).toEqual([2_000, 2_000, 10_000, 300_000, 2_000])
    await engine.close()
  })

  test('is left out for few blocks, and where it is not wanted', async () => {
    for (const options of [{}, { ...saving, persist: false }]) {
      expect((await pagesOf(await savedStorage(100, options))).found).toEqual([])
    }
  })

  test('lets go of the pages of a model that has no blocks any more', async () => {
    const storage = await savedStorage(40)
    const { store, engine } = await opened(storage)
    await store.judge(
      blocks.slice(0, 40).map(({ block: { id } }) => ({ id, admitted: false, code: 'policy' as const })),
    )
    await engine.close()
    expect((await pagesOf(storage)).found.map(([key]) => String.fromCharCode(key[1]!))).toEqual(['h'])
  })
})

describe('predicates', () => {
  const predicates = { even: (block: { time: number }) => block.time % 2 === 0 }
  const where = { predicates: ['even'] }
  const ask = { vector: new Float32Array(16).fill(1), model: MODEL, k: 2000, where }

  test('are asked again unless their version is the saved one', async () => {
    const versioned = { ...saving, predicates, predicatesVersion: 'a' }
    const storage = await savedStorage(200, versioned)
    const same = await opened(storage, versioned)
    expect(same.loaded).toBe(0)
    expect((await same.engine.search(ask)).scanned).toBe(100)
    await same.engine.close()
    for (const options of [
      { ...saving, predicates },
      { ...versioned, predicatesVersion: 'b' },
    ]) {
      const other = await opened(storage, { ...options, predicates: { even: () => true } })
      expect(other.loaded).toBe(200)
      expect((await other.engine.search(ask)).scanned).toBe(200)
    }
  })
})

describe('damage', () => {
  test('of any byte of a page, a base or the head is noticed, and mended from the blocks', async () => {
    const intact = await savedStorage(1030)
    const { found } = await pagesOf(intact)
    const expected = await fresh(intact)
    const one = found.filter(([key], i) => found.findIndex(([other]) => other[1] === key[1]) === i)
    expect(one.map(([key]) => String.fromCharCode(key[1]!)).sort()).toEqual(['b', 'h', 'p'])
    for (const [key, value] of one) {
      for (const at of [2, value.length >> 1, value.length - 1]) {
        const storage = memoryStorage()
        const { side } = await openBlockStore(storage)
        await copy(intact, storage)
        await side.batch([{ type: 'put', key, value: value.with(at, value[at]! ^ (1 << (at % 8))) }])
        const { engine, loaded } = await opened(storage)
        expect(loaded).toBeGreaterThan(0)
        expect(await answersOf(engine, blocks)).toEqual(expected)
        await engine.close()
      }
    }
  }, 120_000)

  test('of the head leaves no page behind: nobody would erase from them what is erased', async () => {
    const storage = await savedStorage(1030)
    const { side, found, named } = await pagesOf(storage)
    const [[head, value]] = named('h') as [[Uint8Array, Uint8Array]]
    const foreign: [Uint8Array, Uint8Array] = [utf8('sync/secret'), Uint8Array.of(1)]
    await side.batch([
      { type: 'put', key: head, value: value.with(9, value[9]! ^ 1) },
      { type: 'put', key: foreign[0], value: foreign[1] },
    ])
    expect(found.length).toBeGreaterThan(3)
    const { engine } = await opened(storage, { ...saving, saveFrom: 10_000 })
    await engine.close()
    expect((await pagesOf(storage)).found).toEqual([foreign])
  })

  test('of a page cut short, emptied, swapped with another, or missing', async () => {
    const intact = await savedStorage(1030)
    const { named } = await pagesOf(intact)
    const expected = await fresh(intact)
    const [[first, one], [second, two]] = named('p') as [[Uint8Array, Uint8Array], [Uint8Array, Uint8Array]]
    const harms = [
      [{ type: 'put', key: first, value: one.slice(0, -1) }],
      [{ type: 'put', key: first, value: new Uint8Array(0) }],
      [{ type: 'put', key: first, value: new Uint8Array(one.length) }],
      [{ type: 'delete', key: first }],
      [
        { type: 'put', key: first, value: two },
        { type: 'put', key: second, value: one },
      ],
    ] as const
    for (const harm of harms) {
      const storage = memoryStorage()
      await openBlockStore(storage)
      await copy(intact, storage)
      await (await openBlockStore(storage)).side.batch(harm)
      const { engine } = await opened(storage)
      expect(await answersOf(engine, blocks)).toEqual(expected)
    }
  })
})

async function copy(from: KeyValueStorage, to: KeyValueStorage) {
  for await (const [key, value] of from.range()) await to.batch([{ type: 'put', key, value }])
}
