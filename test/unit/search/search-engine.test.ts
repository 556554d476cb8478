import { describe, expect, test } from 'vitest'
import { createBlock } from '../../../src/block/index'
import { openSearch, type SearchQuery } from '../../../src/search/index'
import { memoryStorage, openBlockStore } from '../../../src/store/index'
import { CosmicValidator } from '../../../src/validate/index'
import { type SampleFields, signerOf, storedBlock } from '../../tools/stored-block'

const model = 'test:model'
const idsOf = (hits: readonly { id: string }[]) => hits.map(({ id }) => id)

async function engineOver(...fields: SampleFields[]) {
  const blocks = await Promise.all(fields.map((sample, i) => storedBlock({ text: `${i}`, ...sample })))
  const store = await openBlockStore(memoryStorage())
  await store.put(blocks)
  return { store, blocks, engine: await openSearch(store), id: (i: number) => blocks[i]!.block.id }
}

describe('SearchEngine', () => {
  test('answers the nearest by cosine, whatever the lengths, with the distribution of all scored', async () => {
    const { engine, id } = await engineOver(
      { vector: [3, 0] },
      { vector: [0, 0.5] },
      { vector: [-7, 0] },
      { vector: [1, 1] },
    )
    const { hits, scanned, mean, deviation } = await engine.search({ vector: [200, 0], model, k: 2 })
    expect(idsOf(hits)).toEqual([id(0), id(3)])
    expect(hits[0]!.score).toBe(1)
    expect(hits[1]!.score).toBeCloseTo(Math.SQRT1_2, 6)
    expect(scanned).toBe(4)
    expect(mean).toBeCloseTo(Math.SQRT1_2 / 4, 6)
    expect(deviation).toBeCloseTo(Math.sqrt(2.5 / 4 - (Math.SQRT1_2 / 4) ** 2), 6)
    expect((await engine.search({ vector: [1, 0], model, minScore: 0.9 })).hits.length).toBe(1)
  })

  test('finds what is judged anew, and no longer what is refused', async () => {
    const { engine, store, id, blocks } = await engineOver(
      { vector: [1, 0] },
      { vector: [0, 1] },
      { vector: [1, 1], admitted: false },
      { vector: [1, 2, 3], model: 'test:alone', expires: 2_000_000 },
    )
    const find = async (vector = [1, 0], of = model) => idsOf((await engine.search({ vector, model: of })).hits)
    const judge = (i: number, admitted: boolean) =>
      store.judge([{ id: id(i), admitted, ...(!admitted && { code: 'policy' as const }) }])
    expect(await find()).toEqual([id(0), id(1)])
    await judge(0, false)
    await judge(2, true)
    expect(await find()).toEqual([id(2), id(1)])
    await judge(0, true)
    expect(await find()).toEqual([id(0), id(2), id(1)])
    await judge(3, false)
    expect(engine.spaces).toMatchObject([{ model, dims: 2, size: 3 }])
    expect(await find([1, 2, 3], 'test:alone')).toEqual([])
    await judge(3, true)
    expect(await find([1, 2, 3], 'test:alone')).toEqual([id(3)])
    engine.remove(blocks[1]!.block)
    engine.remove(blocks[1]!.block)
    engine.add(blocks[0]!)
    expect(engine.spaces[0]).toMatchObject({ model, dims: 2, size: 2 })
  })

  test('a block that is admitted again expires as before', async () => {
    const { store, id } = await engineOver({ vector: [1, 0], expires: 2_000_000 })
    const engine = await openSearch(store, { clock: { now: () => 2_000_000 } })
    await store.judge([{ id: id(0), admitted: false, code: 'policy' }])
    await store.judge([{ id: id(0), admitted: true }])
    expect((await engine.search({ vector: [1, 0], model })).hits).toEqual([])
  })

  test('lets go of what is erased at once, and of what its author retracts', async () => {
    const { engine, store, id } = await engineOver({ vector: [1, 0] }, { vector: [0, 1] }, { vector: [1, 1] })
    const find = async () => idsOf((await engine.search({ vector: [1, 0], model })).hits)
    await store.erase([id(0)], 'pruned')
    expect(await find()).toEqual([id(2), id(1)])
    const retraction = await createBlock({ retraction: { block: id(2) } }, await signerOf(1))
    const verdict = await new CosmicValidator().validate(retraction)
    if (verdict.status !== 'valid') throw new Error(verdict.summary)
    await store.put([{ block: verdict.block, admitted: true }])
    expect(await find()).toEqual([id(1)])
    await store.erase([id(1)], 'expired')
    expect(await find()).toEqual([])
    expect(engine.spaces).toEqual([])
  })

  test('never compares vectors of different models or lengths', async () => {
    const { engine } = await engineOver(
      { vector: [1, 0] },
      { vector: [1, 0, 0] },
      { vector: [1, 0], model: 'test:other' },
    )
    expect((await engine.search({ vector: [1, 0], model })).scanned).toBe(1)
    expect(engine.spaces.map(({ model: name, dims, size }) => [name, dims, size]).sort()).toEqual(
      [['test:model', 2, 1], ['test:model', 3, 1], ['test:other', 2, 1]], // prettier-ignore
    )
    expect(await engine.search({ vector: [1, 2, 3, 4], model: 'test:unknown' })).toMatchObject({ hits: [], scanned: 0 })
  })

  test('applies filters before scoring: what does not pass is not scanned', async () => {
    const { engine, blocks, id } = await engineOver(
      { tags: ['a', 'b'] },
      { tags: ['a'], author: 2 },
      { tags: ['b'] },
      {},
    )
    const search = async (where: SearchQuery['where']) => {
      const { hits, scanned } = await engine.search({ vector: [1, 2, 3], model, ...(where && { where }) })
      return [idsOf(hits).sort(), scanned]
    }
    expect(await search({ tags: ['a'] })).toEqual([[id(0), id(1)].sort(), 2])
    expect(await search({ tags: ['a', 'b'] })).toEqual([[id(0)], 1])
    expect(await search({ author: blocks[1]!.block.author })).toEqual([[id(1)], 1])
    expect(await search({ author: blocks[0]!.block.author, tags: ['a'] })).toEqual([[id(0)], 1])
    expect(await search({ tags: ['a', 'never'] })).toEqual([[], 0])
    expect(await search({ author: 'did:key:nobody' })).toEqual([[], 0])
    expect(await search({ kind: 'translator' })).toEqual([[], 0])
    expect(await search({ model: 'test:other' })).toEqual([[], 0])
    expect((await search({ kind: 'embedding', model, tags: [] }))[1]).toBe(4)
  })

  test('equal scores come in order of id', async () => {
    const { engine, blocks } = await engineOver(...Array.from({ length: 20 }, () => ({ vector: [1, 1] })))
    const sorted = idsOf(blocks.map(({ block }) => block)).sort()
    expect(idsOf((await engine.search({ vector: [1, 1], model, k: 7 })).hits)).toEqual(sorted.slice(0, 7))
  })

  test('follows the store; unadmitted blocks and zero vectors are never found', async () => {
    const { engine, store, id } = await engineOver({ vector: [1, 0] }, { vector: [1, 0], admitted: false })
    const [late, zero] = [await storedBlock({ vector: [1, 0.1] }), await storedBlock({ vector: [0, 0] })]
    await store.put([late, zero, await storedBlock({ vector: [1, 0.2], admitted: false })])
    expect(idsOf((await engine.search({ vector: [1, 0], model })).hits)).toEqual([id(0), late.block.id])
    await engine.close()
    await store.put([await storedBlock({ vector: [1, 0.3] })])
    await expect(engine.search({ vector: [1, 0], model })).rejects.toMatchObject({ code: 'closed' })
  })

  test('expired blocks are neither found nor counted, and leave their places to others', async () => {
    const { store, blocks, id } = await engineOver(
      { vector: [1, 0.5], time: 1000 },
      ...Array.from({ length: 5 }, () => ({ vector: [1, 0], time: 1000, expires: 2000 })),
      { vector: [1, 0.1], time: 1000, expires: 3000 },
    )
    let now = 1999
    const engine = await openSearch(store, { clock: { now: () => now } })
    const search = async () => engine.search({ vector: [1, 0], model, k: 2 })
    expect(await search()).toMatchObject({ scanned: 7, hits: [{ score: 1 }, { score: 1 }] })
    now = 2000
    const { scanned, hits } = await search()
    expect([scanned, idsOf(hits)]).toEqual([2, [id(6), id(0)]])
    now = 3000
    expect(idsOf((await search()).hits)).toEqual([id(0)])
    const late = await storedBlock({ vector: [1, 0.2], time: 1000, expires: 3001 })
    await store.put([late])
    expect(idsOf((await search()).hits)).toEqual([late.block.id, id(0)])
    now = 3001
    expect(idsOf((await search()).hits)).toEqual([id(0)])
    const timeless = await openSearch(store)
    expect((await timeless.search({ vector: [1, 0], model })).scanned).toBe(blocks.length + 1)
  })

  test('a flood of models with zero vectors takes no room; one vector of a model takes that of one', async () => {
    const { engine, store } = await engineOver()
    const flood = (value: number) =>
      Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          storedBlock({ vector: new Float32Array(1024).fill(value), model: `evil:${value}-${i}` }),
        ),
      )
    await store.put(await flood(0))
    expect(engine.spaces).toEqual([])
    const blocks = await flood(1)
    const held = process.memoryUsage().arrayBuffers
    blocks.forEach(stored => engine.add(stored))
    // A row of 4 KiB each; read and scaled, a vector takes twice as much again in passing.
    expect(process.memoryUsage().arrayBuffers - held).toBeLessThan(3.5 * 200 * 4096)
    expect(engine.spaces.length).toBe(200)
  })

  test('a block stored while the engine loads is found once', async () => {
    const store = await openBlockStore(memoryStorage())
    await store.put(await Promise.all(Array.from({ length: 150 }, (_, i) => storedBlock({ time: i, text: `${i}` }))))
    const late = await storedBlock({ time: 1000, text: 'late' })
    const [engine] = await Promise.all([openSearch(store), store.put([late])])
    expect((await engine.search({ vector: [1, 2, 3], model, k: 1000 })).hits.length).toBe(151)
  })

  test('loading can be given up', async () => {
    const { store } = await engineOver({}, {})
    await expect(openSearch(store, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' })
  })
})

describe('refusals', () => {
  const cases: [string, Partial<SearchQuery>, object][] = [
    ['too short', { vector: [1, 2] }, { code: 'wrong-length', field: 'vector', limit: 3 }],
    ['too long', { vector: [1, 2, 3, 4] }, { code: 'wrong-length', field: 'vector', limit: 3 }],
    ['empty', { vector: [] }, { code: 'wrong-length', field: 'vector', limit: 3 }],
    ['NaN', { vector: [1, NaN, 3] }, { code: 'non-finite', field: 'vector' }],
    ['infinite', { vector: [1, 2, -Infinity] }, { code: 'non-finite', field: 'vector' }],
    ['zero', { vector: [0, -0, 0] }, { code: 'bad-value', field: 'vector' }],
    ['k 0', { k: 0 }, { code: 'limit', field: 'k', limit: 10_000 }],
    ['k 10,001', { k: 10_001 }, { code: 'limit', field: 'k', limit: 10_000 }],
    ['k 1.5', { k: 1.5 }, { code: 'limit', field: 'k' }],
    ['k NaN', { k: NaN }, { code: 'limit', field: 'k' }],
    ['minScore NaN', { minScore: NaN }, { code: 'non-finite', field: 'minScore' }],
    ['aborted', { signal: AbortSignal.abort() }, { code: 'aborted' }],
  ]
  test.each(cases)('%s', async (_name, change, error) => {
    const { engine } = await engineOver({ vector: [1, 2, 3] })
    await expect(engine.search({ vector: [1, 2, 3], model, k: 10, ...change })).rejects.toMatchObject(error)
  })

  test.each(cases.slice(4))('%s, also where there is nothing to search', async (_name, change, error) => {
    const { engine } = await engineOver()
    await expect(engine.search({ vector: [1, 2, 3], model, k: 10, ...change })).rejects.toMatchObject(error)
  })

  test('several lengths of one model are all named', async () => {
    const { engine } = await engineOver({ vector: [1, 2, 3] }, { vector: [1, 2] })
    await expect(engine.search({ vector: [1], model })).rejects.toMatchObject({ limit: '2 or 3' })
  })

  test('the extremes of k and of magnitude are taken', async () => {
    const { engine } = await engineOver({ vector: [3e38, 0] }, { vector: [1e-45, 1e-45] })
    for (const vector of [
      [1e300, 1e-300],
      [5e-324, 0],
    ]) {
      const { hits } = await engine.search({ vector, model, k: 10_000 })
      expect(hits.map(({ score }) => Math.round(score * 1000))).toEqual([1000, 707])
    }
  })
})
