import { describe, expect, test } from 'vitest'
import type { SearchFilter, SearchQuery, VectorSearch, VectorSearchPorts } from '../../src/search/index'
import { openSearch } from '../../src/search/index'
import { type BlockStore, memoryStorage, openBlockStore, type StoredBlock } from '../../src/store/index'
import { storedBlock } from './stored-block'
import { bestOf, clustered, near } from './vectors'

export interface VectorSearchSubject {
  readonly name: string
  open(): Promise<BlockStore>
  /** The search of a store that `open` made. */
  search(store: BlockStore, ports: VectorSearchPorts): Promise<VectorSearch>
}

const model = 'test:model'
const other = 'test:other'
const NOW = 5_000_000
const COUNT = 700
const idsOf = (hits: readonly { id: string }[]) => hits.map(({ id }) => id)

/** Vectors of several lengths, some of them equal, with everything that filters ask for. */
function makeBlocks(): Promise<StoredBlock[]> {
  const vectors = clustered({ dims: 24, count: COUNT, norm: row => 0.5 + (row % 5) })
  return Promise.all(
    vectors.map((_, row) => {
      const { unit, norm } = vectors[row % 50 === 49 ? 49 : row]!
      return storedBlock({
        vector: unit.map(value => value * norm),
        model,
        author: row % 4,
        time: 1_000_000 + row * 1_000,
        tags: ['even', 'third', 'rare'].filter((_tag, i) => row % [2, 3, 70][i]! === 0),
        admitted: row % 9 !== 8,
        text: `${row}`,
        ...(row % 20 === 7 && { expires: row % 40 === 7 ? NOW - 1 : NOW + 1 }),
        ...(row % 10 === 3 && { place: { latitude: 40 + row / 100, longitude: -150 - (row % 30) } }),
      })
    }),
  )
}

const wrapped = (longitude: number) => ((longitude + 540) % 360) - 180
const FILTERS: readonly SearchFilter[] = [
  {},
  { tags: ['even'] },
  { tags: ['even', 'third'] },
  { tags: ['rare'] },
  { tags: ['never'] },
  { tags: ['even', 'even'] },
  { since: 1_100_000.5 },
  { since: 1_200_000, until: 1_300_000 },
  { until: -Infinity },
  { since: -Infinity, until: Infinity },
  { near: { latitude: 43, longitude: wrapped(-190), radius: 800_000 } },
  { near: { latitude: 44, longitude: 179, radius: 1_500_000 }, tags: ['third'] },
  { near: { latitude: -89, longitude: 0, radius: 30_000_000 } },
  { near: { latitude: 42.03, longitude: -173, radius: 0 } },
  { model: other },
  { kind: 'embedding', model },
  { kind: 'witness' },
]
const PREDICATES = { odd: (block: { time: number }) => block.time % 2_000 === 1_000 }

/** The same questions to the engine in this process and to another search over the same blocks, and their answers. */
export function vectorSearchSuite(subject: VectorSearchSubject): void {
  describe(`vector search: ${subject.name}`, { timeout: 120_000 }, () => {
    const ports = { clock: { now: () => NOW }, predicates: PREDICATES }
    const over = async (blocks: readonly StoredBlock[]) => {
      const store = await subject.open()
      await store.put(blocks)
      const ours = await openBlockStore(memoryStorage())
      await ours.put(blocks)
      return { store, engine: await openSearch(ours, ports), ours, search: await subject.search(store, ports) }
    }

    test('answers as the engine does: metrics, filters, thresholds, ties', async () => {
      const blocks = await makeBlocks()
      const { store, engine, search } = await over(blocks)
      const queries = near(clustered({ dims: 24, count: COUNT }), 3).map(({ unit }) => unit.map(value => value * 3))
      const authors = [0, 1].map(author => ({ author: blocks[author]!.block.author }))
      for (const [i, where] of [...FILTERS, ...authors, { ...authors[1], tags: ['rare'] }].entries()) {
        const vector = queries[i % queries.length]!
        for (const metric of ['cosine', 'dot', 'euclidean'] as const) {
          for (const k of [1, 10, 10_000]) await same({ vector, model, where, metric, k, mode: 'exact' })
          await same({ vector, model, where, metric, minScore: metric === 'euclidean' ? -3 : 0.4 })
        }
      }
      const { unit, norm } = clustered({ dims: 24, count: 50, norm: row => 0.5 + (row % 5) })[49]!
      await same({ vector: unit.map(value => value * norm), model, k: 7 })
      await same({ vector: queries[0]!, model, where: { predicates: ['odd'], tags: ['third'] } })
      await store.close()

      async function same(query: SearchQuery) {
        const [expected, found] = [await engine.search(query), await search.search(query)]
        expect(idsOf(found.hits)).toEqual(idsOf(expected.hits))
        found.hits.forEach(({ score }, i) => expect(Math.abs(score - expected.hits[i]!.score)).toBeLessThan(2e-5))
        expect(found.scanned).toBe(expected.scanned)
        expect(Math.abs(found.mean - expected.mean)).toBeLessThan(1e-5)
        expect(Math.abs(found.deviation - expected.deviation)).toBeLessThan(1e-5)
      }
    })

    test('follows what is stored, judged and erased', async () => {
      const blocks = await Promise.all(
        [
          { vector: [1, 0] },
          { vector: [0, 1] },
          { vector: [1, 1], admitted: false },
          { vector: [1, 2, 3], model: other },
          { vector: [0, 0], text: 'no direction' },
        ].map((fields, i) => storedBlock({ text: `${i}`, model, ...fields })),
      )
      const { store, search } = await over(blocks.slice(0, 1))
      const [a, b, c, d] = blocks.map(({ block }) => block.id)
      const find = async (vector = [1, 0], of = model) => idsOf((await search.search({ vector, model: of })).hits)
      const spaces = async () => (await search.look()).spaces.map(({ model, dims, size }) => [model, dims, size])
      expect(await find()).toEqual([a])
      await store.put(blocks)
      expect(await find()).toEqual([a, b])
      expect(await spaces()).toEqual([
        [model, 2, 2],
        [other, 3, 1],
      ])
      await store.judge([{ id: c!, admitted: true }])
      await store.judge([{ id: a!, admitted: false, code: 'policy' }])
      expect(await find()).toEqual([c, b])
      await store.judge([{ id: d!, admitted: false, code: 'policy' }])
      expect(await find([1, 2, 3], other)).toEqual([])
      expect(await spaces()).toEqual([[model, 2, 2]])
      if ('erase' in store) {
        await (store as unknown as { erase(ids: string[], reason: string): Promise<unknown> }).erase([c!], 'expired')
        expect(await find()).toEqual([b])
      }
      await store.close()
    })

    test('vectors at the edges: one axis, opposite, tiny, huge', async () => {
      const axis = (i: number, size: number) => new Float32Array(8).fill(0).with(i, size)
      const vectors = [axis(0, 1), axis(0, -1), axis(1, 1e-38), axis(2, 3e38), axis(3, 1)]
      const { store, engine, search } = await over(
        await Promise.all(vectors.map((vector, i) => storedBlock({ vector, model, text: `${i}` }))),
      )
      for (const vector of vectors)
        for (const metric of ['cosine', 'dot', 'euclidean'] as const) {
          const [expected, found] = [
            await engine.search({ vector, model, metric }),
            await search.search({ vector, model, metric }),
          ]
          expect(idsOf(found.hits)).toEqual(idsOf(expected.hits))
        }
      await store.close()
    })

    test('vectors that 32-bit floats hardly tell apart, or not at all', async () => {
      const { store, engine, search } = await over(await alikeBlocks(300))
      for (const model of ['test:offset', 'test:signs'])
        for (const metric of ['cosine', 'dot', 'euclidean'] as const)
          for (const asked of [{}, { mode: 'exact' as const, k: 40 }, { where: { predicates: ['odd'] } }]) {
            const query = { vector: alike(model, 1_000), model, metric, ...asked }
            const [expected, found] = [await engine.search(query), await search.search(query)]
            expect(idsOf(found.hits)).toEqual(idsOf(expected.hits))
          }
      await store.close()
    })

    test('refuses what cannot be searched for', async () => {
      const { store, search } = await over([await storedBlock({ vector: [1, 2], model })])
      const codeOf = async (fields: object) => {
        const error = await search.search({ vector: [1, 0], model, ...fields }).catch((failure: unknown) => failure)
        return (error as { code?: string }).code
      }
      expect(await codeOf({ vector: [1, 0, 0] })).toBe('wrong-length')
      expect(await codeOf({ vector: [1, NaN] })).toBe('non-finite')
      expect(await codeOf({ vector: [0, 0] })).toBe('bad-value')
      expect(await codeOf({ k: 0 })).toBe('limit')
      expect(await codeOf({ metric: 'manhattan' })).toBe('bad-value')
      expect(await codeOf({ where: { tag: 'x' } })).toBe('unknown-field')
      expect(await codeOf({ where: { predicates: ['even'] } })).toBe('unknown-field')
      expect(await codeOf({ signal: AbortSignal.abort() })).toBe('aborted')
      expect(await search.search({ vector: [1], model: 'test:unknown' })).toMatchObject({ hits: [], scanned: 0 })
      await search.close()
      expect(await codeOf({})).toBe('closed')
      await store.close()
    })
  })
}

/** A vector of one of two kinds: with an offset that is 10,000 times the spread, or with nothing but signs, so that many score the same. */
export function alike(model: string, row: number): number[] {
  const random = (i: number) => Math.sin((row + 1) * 12.9898 + (i + 1) * 78.233) * 43_758.5453
  const share = (i: number) => random(i) - Math.floor(random(i))
  return Array.from({ length: 8 }, (_, i) =>
    model === 'test:signs' ? (share(i) < 0.5 ? -1 : 1) : 100 + share(i) / 100,
  )
}

/** So many of each kind. */
export function alikeBlocks(count: number): Promise<StoredBlock[]> {
  const rows = Array.from({ length: count }, (_, row) => row)
  return Promise.all(
    ['test:offset', 'test:signs'].flatMap(model =>
      rows.map(row => storedBlock({ vector: alike(model, row), model, text: `${row}`, time: 1_000 * row })),
    ),
  )
}

/** The share of the true best ten that a search finds, unfiltered and under filters. */
export async function recallOf(
  search: VectorSearch,
  blocks: readonly StoredBlock[],
  vectors: ReturnType<typeof clustered>,
  asked: Partial<SearchQuery> & { passes?: (row: number) => boolean },
): Promise<number> {
  const { passes = () => true, ...fields } = asked
  const rows = [...vectors.keys()].filter(passes)
  const rowOf = new Map(blocks.map(({ block }, row) => [block.id, row]))
  const queries = near(vectors, 40)
  let found = 0
  for (const query of queries) {
    const { hits } = await search.search({ vector: query.unit, model, ...fields })
    const best = bestOf(vectors, query, { rows })
    found += best.filter(({ row }) => hits.some(({ id }) => rowOf.get(id) === row)).length
  }
  return found / queries.length / 10
}
