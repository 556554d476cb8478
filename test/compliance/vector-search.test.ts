import pg from 'pg'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import {
  type PostgresConnection,
  type PostgresPool,
  postgresStore,
  type Statement,
} from '../../src/adapters/storage/postgres'
import { openSearch, pushedSearch } from '../../src/search/index'
import { memoryStorage, openBlockStore } from '../../src/store/index'
import { pgvectorDamage } from '../tools/pgvector-damage'
import { startPglite } from '../tools/pglite-server'
import { storedBlock } from '../tools/stored-block'
import { clustered } from '../tools/vectors'
import { alike, alikeBlocks, recallOf, vectorSearchSuite } from '../tools/vector-search-suite'

vectorSearchSuite({
  name: 'in this process',
  open: () => openBlockStore(memoryStorage()),
  search: (store, ports) => openSearch(store, ports),
})

const pglite = await startPglite()
afterAll(() => pglite.stop())
const connection = { connectionString: pglite.address, max: 1 }
let count = 0
const open = (options = {}, over: typeof connection | PostgresPool = connection) =>
  postgresStore(over, { schema: `search_${++count}`, follow: 'none', ...options })

vectorSearchSuite({
  name: 'pgvector',
  open,
  search: async (store, ports) => pushedSearch(store, ports)!,
})

pgvectorDamage(connection)

test(
  'an index finds at least its share, also under filters, and exact mode misses nothing',
  { timeout: 180_000 },
  async () => {
    const vectors = clustered({ dims: 32, count: 3000 })
    const tagsOf = (row: number) => (row % 3 === 0 ? ['common'] : row % 60 === 1 ? ['rare'] : [])
    const blocks = await Promise.all(
      vectors.map(({ unit }, row) =>
        storedBlock({ vector: unit, model: 'test:model', text: `${row}`, tags: tagsOf(row) }),
      ),
    )
    const { pool, plans } = explaining()
    const store = await open({ indexFrom: 500 }, pool)
    await store.put(blocks.slice(0, 2000))
    await store.settled()
    await store.put(blocks.slice(2000))
    await store.settled()
    const search = pushedSearch(store, {})!
    expect(await search.look()).toMatchObject({ kernels: 'pgvector', spaces: [{ size: 3000, dims: 32 }] })
    const share = (asked: Parameters<typeof recallOf>[3]) => recallOf(search, blocks, vectors, asked)
    expect(await share({ mode: 'exact' })).toBe(1)
    expect(await share({ recall: 0.95 })).toBeGreaterThanOrEqual(0.95)
    expect(await share({ recall: 0.99 })).toBeGreaterThanOrEqual(0.98)
    expect(await share({ mode: 'fast' })).toBeGreaterThanOrEqual(0.9)
    expect(await share({ metric: 'euclidean' })).toBeGreaterThanOrEqual(0.95)
    const common = { where: { tags: ['common'] }, passes: (row: number) => tagsOf(row).includes('common') }
    expect(await share({ ...common, recall: 0.95 })).toBeGreaterThanOrEqual(0.95)
    const rare = { where: { tags: ['rare'] }, passes: (row: number) => tagsOf(row).includes('rare') }
    expect(await share({ ...rare, recall: 0.95 })).toBe(1)
    const planOf = async (asked: object) => {
      plans.length = 0
      await search.search({ vector: vectors[0]!.unit, model: 'test:model', k: 10, ...asked })
      return plans.join('\n')
    }
    expect(await planOf({ recall: 0.95 })).toMatch(/Index Scan using hnsw_\d+_32 /)
    expect(await planOf({ mode: 'fast' })).toMatch(/Index Scan using hnsw_\d+_32 /)
    expect(await planOf({ mode: 'exact' })).not.toMatch(/Index Scan using hnsw/)
    const { scanned, mean, deviation } = await search.search({ vector: vectors[0]!.unit, model: 'test:model' })
    expect(scanned).toBe(3000)
    expect(Math.abs(mean)).toBeLessThan(0.2)
    expect(deviation).toBeGreaterThan(0.05)
    await store.close()
  },
)

test(
  'conditions of this process: of many blocks only the nearest and a sample are read, and none is missed',
  { timeout: 120_000 },
  async () => {
    const vectors = clustered({ dims: 16, count: 3600 })
    const passes = (row: number) => row % 3 === 0
    const blocks = await Promise.all(
      vectors.map(({ unit }, row) => storedBlock({ vector: unit, model: 'test:model', text: `${row}`, time: row })),
    )
    const store = await open({ indexFrom: 600 })
    for (let first = 0; first < blocks.length; first += 1200) await store.put(blocks.slice(first, first + 1200))
    await store.settled()
    let asked = 0
    const predicates = { third: (block: { time: number }) => (asked++, passes(block.time)) }
    const search = pushedSearch(store, { predicates })!
    const where = { predicates: ['third'] }
    expect(await recallOf(search, blocks, vectors, { where, passes })).toBe(1)
    asked = 0
    const found = await search.search({ vector: vectors[0]!.unit, model: 'test:model', where })
    expect(asked).toBeLessThanOrEqual(2 * 1024)
    expect(found.scanned / 1200).toBeGreaterThan(0.85)
    expect(found.scanned / 1200).toBeLessThan(1.15)
    expect(found.deviation).toBeGreaterThan(0.05)
    const many = await search.search({ vector: vectors[0]!.unit, model: 'test:model', where, k: 1100 })
    expect(new Set(many.hits.map(({ id }) => id)).size).toBe(1100)
    await store.close()
  },
)

test('where rounding hides which vectors are the nearest, no index is trusted', { timeout: 60_000 }, async () => {
  const store = await open({ indexFrom: 200 })
  const memory = await openBlockStore(memoryStorage())
  const blocks = await alikeBlocks(400)
  for (const into of [store, memory]) await into.put(blocks)
  await store.settled()
  const predicates = { even: (block: { time: number }) => block.time % 2_000 === 0 }
  const [search, engine] = [pushedSearch(store, { predicates })!, await openSearch(memory, { predicates })]
  for (const model of ['test:offset', 'test:signs'])
    for (const where of [{}, { predicates: ['even'] }]) {
      const query = { vector: alike(model, 1_000), model, where }
      const [expected, found] = [await engine.search(query), await search.search(query)]
      // Of many that score the same an index knows only some.
      const by = (hit: { id: string; score: number }) => (model === 'test:signs' ? Math.fround(hit.score) : hit.id)
      expect(found.hits.map(by)).toEqual(expected.hits.map(by))
    }
  await store.close()
})

/** A pool whose server tells of each statement that compares vectors how it goes about it, just before it does. */
function explaining(): { readonly pool: PostgresPool; readonly plans: string[] } {
  const real = new pg.Pool(connection)
  onTestFinished(() => real.end())
  const plans: string[] = []
  const connect = async () => {
    const client = await real.connect()
    const query = async ({ text, values }: Statement) => {
      if (text.includes('<#>')) {
        const { rows } = await client.query<Record<string, string>>({ text: `EXPLAIN ${text}`, values: values ?? [] })
        plans.push(...rows.map(row => row['QUERY PLAN']!))
      }
      return client.query({ text, values: values ?? [] })
    }
    const on = client.on.bind(client)
    return {
      query,
      on,
      off: client.off.bind(client),
      release: client.release.bind(client),
    } as unknown as PostgresConnection
  }
  return { pool: { connect, end: () => real.end(), on: real.on.bind(real) } as PostgresPool, plans }
}
