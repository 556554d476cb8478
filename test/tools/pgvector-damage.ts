import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { postgresStore } from '../../src/adapters/storage/postgres'
import { pushedSearch } from '../../src/search/index'
import type { BlockStore } from '../../src/store/index'
import { collect } from '../../src/testing/suite-tools'
import { storedBlock } from './stored-block'

const model = 'test:model'
type Connection = { readonly connectionString: string; readonly max: number }

/** Two spaces, one block that is not admitted, one with a place, one that expires, one without a direction. */
async function fill(connection: Connection, schema: string) {
  const store = await postgresStore(connection, { schema, follow: 'none' })
  const fields = [
    ...Array.from({ length: 12 }, () => ({})),
    ...[{ admitted: false }, { place: { latitude: 4, longitude: 5 } }, { expires: 4e12 }, { vector: [0, 0, 0] }],
    ...[{ vector: [1, 2] }, { vector: [2, 2] }],
  ]
  const blocks = await Promise.all(
    fields.map((each, i) => storedBlock({ vector: [1, i, 2], model, text: `${i}`, tags: ['all'], ...each })),
  )
  await store.put(blocks)
  return store
}

const findings = async (store: BlockStore) =>
  (await collect(store.check!())).flatMap(({ finding }) => finding?.field ?? [])

async function answers(store: BlockStore) {
  const search = pushedSearch(store, {})!
  const ask = (vector: number[]) => search.search({ vector, model, k: 50, mode: 'exact' })
  return { spaces: (await search.look()).spaces, three: await ask([1, 0, 2]), two: await ask([1, 1]) }
}

const DAMAGES = [
  ['a vector that is missing', `DELETE FROM %.vector WHERE seq = 5`],
  ['all of them', `TRUNCATE %.vector, %.space`],
  ['a vector that is another one', `UPDATE %.vector SET unit = '[0,1,0]' WHERE seq = 3`],
  ['a vector of other dimensions', `UPDATE %.vector SET unit = '[0,1]' WHERE seq = 3`],
  ['a length', `UPDATE %.vector SET norm = norm * 2 WHERE seq = 18`],
  ['tags', `UPDATE %.vector SET terms = '{}' WHERE seq = 4`],
  ['a place', `UPDATE %.vector SET latitude = NULL WHERE seq = 14`],
  ['an expiry', `UPDATE %.vector SET expires = NULL WHERE seq = 15`],
  [
    'the vector of a block that is not admitted',
    `INSERT INTO %.vector SELECT 13, digest, model, dims, unit, norm, terms, time, expires, sample FROM %.vector WHERE seq = 1`,
  ],
  [
    'vectors of no block',
    `INSERT INTO %.vector SELECT 1000 + g, digest, model, dims, unit, norm, terms, time, expires, sample
       FROM %.vector, generate_series(1, 1100) g WHERE seq = 1`,
  ],
  ['how many there are', `UPDATE %.space SET size = size + 3, expiring = 9 WHERE dims = 2`],
  ['the shortest and the longest', `UPDATE %.space SET low = 2, high = 2`],
  ['a space', `DELETE FROM %.space WHERE dims = 3`],
  ['a space of nothing', `INSERT INTO %.space VALUES (77, 5, 3, 1, 1, 0)`],
] as const

/** pgvector's table, spoilt in every way, and compared with the blocks. */
export function pgvectorDamage(connection: Connection): void {
  const admin = new pg.Pool(connection)
  afterAll(() => admin.end())
  const schema = 'vectors'
  const spoil = (sql: string) => admin.query(sql.replaceAll('%', schema))

  test('pgvector’s table is compared with the blocks, and made anew', { timeout: 60_000 }, async () => {
    const store = await fill(connection, schema)
    expect(await findings(store)).toEqual([])
    const before = await answers(store)
    for (const [name, sql] of DAMAGES) {
      await spoil(sql)
      expect([name, await findings(store)]).toEqual([name, ['vectors']])
      const found = await collect(store.repair!())
      const told = new Set(found.flatMap(({ finding }) => finding?.field ?? []))
      expect([name, [...told], await answers(store)]).toEqual([name, ['vectors'], before])
    }
    expect(await findings(store)).toEqual([])
    // Vectors that are still to be written are no damage.
    await spoil(`DELETE FROM %.vector WHERE seq > 9`)
    await spoil(`UPDATE %.store SET vectors = 'filling', filled = 9`)
    await spoil(
      `UPDATE %.space s SET (size, expiring) = (SELECT count(*), count(expires) FROM %.vector v WHERE v.dims = s.dims)`,
    )
    await spoil(`DELETE FROM %.space WHERE size = 0`)
    expect(await findings(store)).toEqual([])
    await store.close()
  })
}
