import { existsSync } from 'node:fs'
import path from 'node:path'
import { cacheFolder, say } from './cache'
import { rowOf, type Dataset } from './data'
import { installed } from './install-peers'
import { K, type Peer } from './peer'

interface Table {
  add(rows: readonly object[]): Promise<unknown>
  query(): { nearestTo(vector: number[]): Query }
}

interface Query {
  distanceType(type: 'cosine'): Query
  select(columns: string[]): Query
  limit(k: number): Query
  toArray(): Promise<{ row: number }[]>
}

interface Lancedb {
  connect(folder: string): Promise<{
    openTable(name: string): Promise<Table>
    createTable(name: string, rows: readonly object[]): Promise<Table>
  }>
}

const BATCH = 10_000

/** LanceDB without an index, which is exact; its table lies on disk, in the cache of the machine's files. */
export async function openLancedb(data: Dataset): Promise<Peer | undefined> {
  process.env['RUST_LOG'] ??= 'error'
  const library = installed({
    folder: 'lancedb',
    specs: ['@lancedb/lancedb@0.37.1'],
    load: require => require('@lancedb/lancedb') as Lancedb,
  })
  if (!library) return undefined
  const folder = cacheFolder('indexes', `lancedb-0.37.1-${data.name}`)
  const db = await library.connect(folder)
  const table = existsSync(path.join(folder, 'vectors.lance')) ? await db.openTable('vectors') : await fill(db, data)
  return {
    name: 'LanceDB',
    knobs: [],
    at: () => query =>
      table
        .query()
        .nearestTo([...query])
        .distanceType('cosine')
        .select(['row', '_distance'])
        .limit(K)
        .toArray(),
    rows: answer => (answer as { row: number }[]).map(({ row }) => row),
  }
}

async function fill(db: Awaited<ReturnType<Lancedb['connect']>>, data: Dataset): Promise<Table> {
  say('filling LanceDB, once')
  const rows = (from: number) =>
    Array.from({ length: Math.min(BATCH, data.count - from) }, (_, i) => ({
      row: from + i,
      vector: [...rowOf(data, from + i)],
    }))
  const table = await db.createTable('vectors', rows(0))
  for (let from = BATCH; from < data.count; from += BATCH) await table.add(rows(from))
  return table
}
