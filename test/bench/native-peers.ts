import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { root } from '../tools/run.mjs'

/** Peers that compile native code when they are installed stay out of the project's own dependencies. */
const FOLDER = path.join(root, '.cache/bench-peers')

/** better-sqlite3's database, as far as the benchmarks need it. */
export interface Sqlite {
  exec(sql: string): void
  pragma(text: string): unknown
  prepare(sql: string): { run(...values: unknown[]): unknown; all(...values: unknown[]): unknown[] }
  transaction<T extends unknown[]>(work: (...values: T) => void): (...values: T) => void
  close(): void
}

/** `undefined`, with a word on how to install it, when it is not there. */
export function loadSqlite(): (new (path: string) => Sqlite) | undefined {
  return loadPeer<new (path: string) => Sqlite>('better-sqlite3', '12')
}

/** PouchDB's database, over its own LevelDB. */
export interface Pouch {
  bulkDocs(documents: readonly object[]): Promise<unknown>
  query(view: string, options: object): Promise<{ rows: unknown[] }>
  put(document: object): Promise<unknown>
  close(): Promise<void>
}

export function loadPouch(): (new (path: string) => Pouch) | undefined {
  return loadPeer<new (path: string) => Pouch>('pouchdb', '9')
}

function loadPeer<T>(name: string, version: string): T | undefined {
  if (existsSync(path.join(FOLDER, 'node_modules', name))) {
    return createRequire(path.join(FOLDER, 'package.json'))(name) as T
  }
  const install = `npm install --prefix ${FOLDER} --foreground-scripts ${name}@${version}`
  process.stderr.write(`» without ${name}; to compare with it: ${install}\n`)
  return undefined
}
