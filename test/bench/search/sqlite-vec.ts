import { rowOf, type Dataset } from './data'
import { installed } from './install-peers'
import { K, processorTime, type Peer } from './peer'

interface Database {
  exec(sql: string): void
  prepare(sql: string): { run(...values: unknown[]): void; all(...values: unknown[]): { rowid: number }[] }
  transaction(work: () => void): () => void
}

interface Libraries {
  readonly Sqlite: new (file: string) => Database
  readonly vec: { load(db: Database): void }
}

/** sqlite-vec in memory, under better-sqlite3; exact. */
export async function openSqliteVec(data: Dataset): Promise<Peer | undefined> {
  const libraries = installed({
    folder: 'sqlite-vec',
    specs: ['sqlite-vec@0.1.9', 'better-sqlite3@12.11.1'],
    compiles: 'better-sqlite3',
    load: (require): Libraries => {
      const [Sqlite, vec] = [
        require('better-sqlite3') as Libraries['Sqlite'],
        require('sqlite-vec') as Libraries['vec'],
      ]
      vec.load(new Sqlite(':memory:'))
      return { Sqlite, vec }
    },
  })
  if (!libraries) return undefined
  const db = new libraries.Sqlite(':memory:')
  libraries.vec.load(db)
  db.exec(`create virtual table vectors using vec0(vector float[${data.dims}] distance_metric=cosine)`)
  const insert = db.prepare('insert into vectors(rowid, vector) values (?, ?)')
  const start = processorTime()
  db.transaction(() => {
    for (let row = 0; row < data.count; row++) insert.run(BigInt(row), bytesOf(rowOf(data, row)))
  })()
  const insertion = (1000 * (processorTime() - start)) / data.count
  const nearest = db.prepare(`select rowid from vectors where vector match ? and k = ${K} order by distance`)
  return {
    name: 'sqlite-vec',
    knobs: [],
    insertion,
    at: () => query => nearest.all(bytesOf(query)),
    rows: answer => (answer as { rowid: number }[]).map(({ rowid }) => rowid),
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
}
