import { random } from '#platform'
import { createHash } from 'node:crypto'
import { count, type CosmicError, flag, func, offset, record, refuse, text, toHex, type Read } from '../../base/index'
import { EPOCH_BYTES } from '../../store/for-adapters'
import type { Following } from './postgres/change-listener'
import { Database } from './postgres/database'
import { type Notice, readHead } from './postgres/head'
import { migrate } from './postgres/migrations'
import { openPool, type PostgresConfig, type PostgresPool } from './postgres/pool'
import { PostgresBlockStore, type PostgresStore } from './postgres/postgres-block-store'
import { type Tables, tablesOf } from './postgres/tables'
import { fillVectors } from './postgres/fill-vectors'
import { VectorRows } from './postgres/vector-rows'
import { claimVectors, installVectors, type VectorTypes } from './postgres/vector-schema'

export type { PostgresConfig, PostgresConnection, PostgresPool, Statement } from './postgres/pool'
export type { Following } from './postgres/change-listener'
export type { PostgresStore } from './postgres/postgres-block-store'

export interface PostgresStoreOptions {
  /** The schema that holds the store, made where there is none (default `cosmic_embeddings`). */
  readonly schema?: string
  /**
   * How changes by other processes are noticed: `notify` (default) over a connection of its own, which needs session
   * pooling; every so many milliseconds, which works through any pooler; or `none`.
   */
  readonly follow?: Following
  /**
   * Whether vectors are kept where pgvector compares them, so that no process loads them into memory (default true: where the
   * server has the extension). Once a store has them every process writes them.
   */
  readonly vectors?: boolean
  /** Vectors of one model and length from which on they get an HNSW index, and searches that may miss some walk it (default 10,000). */
  readonly indexFrom?: number
  /** Milliseconds after which the server stops a statement (default 30,000); of a pool that is given its own setting counts. */
  readonly statementTimeout?: number
  /** Retractions that may wait for a block that is not here yet (default 100,000), and of one author (default 10,000). */
  readonly waitingRetractions?: number
  readonly waitingRetractionsPerAuthor?: number
  /** Told of what is damaged and was passed over, as `storage` with the field `blocks.<id>`. */
  readonly onDamage?: (error: CosmicError) => void
}

const STATEMENT_TIMEOUT = 30_000
const INDEX_FROM = 10_000

/** The server counts in 32 bits. */
const small: Read<number> = (value, path) =>
  count(value, path) < 2 ** 31 ? (value as number) : refuse('bad-value', path, 'a whole number below 2^31')
const following: Read<Following> = (value, path) =>
  value === 'notify' || value === 'none' || (typeof value === 'number' && value >= 10)
    ? (value as Following)
    : refuse('bad-value', path, "'notify', 'none' or milliseconds from 10 on")
const readOptions = record<PostgresStoreOptions>({
  schema: text,
  follow: following,
  vectors: flag,
  indexFrom: small,
  statementTimeout: small,
  waitingRetractions: offset,
  waitingRetractionsPerAuthor: offset,
  onDamage: func,
})

/**
 * A `BlockStore` in a schema of a PostgreSQL database (13 or later; the optional package `pg`, Node only), which several
 * processes may share. `connection` is a connection string, options of `pg`'s pool, or a pool, which then stays open when the
 * store is closed.
 *
 * Rejects with `missing-peer` when `pg` is not installed, `bad-value`, and `storage` when the server cannot be reached or the
 * schema holds something else (field `format`).
 *
 * @example
 * ```ts
 * const storage = await postgresStore('postgres://agent@localhost/memory', { schema: 'agent' })
 * const client = new SyncClient({ signer, storage })
 * ```
 */
export async function postgresStore(
  connection: string | PostgresConfig | PostgresPool,
  given: PostgresStoreOptions = {},
): Promise<PostgresStore> {
  const options = readOptions(given, '')
  const { schema = 'cosmic_embeddings', follow = 'notify', statementTimeout = STATEMENT_TIMEOUT } = options
  const tables = tablesOf(schema)
  const { pool, owned } = await openPool(connection, statementTimeout)
  const db = new Database(pool, owned)
  try {
    await migrate(db, tables, random.bytes(EPOCH_BYTES))
    const notice = { channel: channelOf(schema), writer: toHex(random.bytes(8)) }
    const { onDamage = () => {} } = options
    const vectors = new VectorRows(tables)
    const { indexFrom = INDEX_FROM, waitingRetractions = 100_000, waitingRetractionsPerAuthor = 10_000 } = options
    const limits = { author: waitingRetractionsPerAuthor, all: waitingRetractions }
    const types = options.vectors === false ? undefined : await openVectors(db, tables, vectors, notice)
    const head = await readHead(db, tables)
    const store = new PostgresBlockStore({
      db,
      tables,
      head,
      vectors,
      limits,
      pgvector: types && { types, indexFrom },
      notice,
      onDamage,
    })
    await store.follow(follow)
    return store
  } catch (error) {
    await db.close()
    throw error
  }
}

/** Makes the tables of vectors, and fills them, where the server has pgvector. */
async function openVectors(
  db: Database,
  tables: Tables,
  rows: VectorRows,
  notice: Notice,
): Promise<VectorTypes | undefined> {
  const types = await installVectors(db)
  if (types === undefined) return undefined
  await claimVectors(db, tables, types, notice)
  await fillVectors(db, tables, rows, notice)
  return types
}

/** Names of channels are cut at 63 bytes. */
function channelOf(schema: string): string {
  return `cosmic_${createHash('sha256').update(schema).digest('hex').slice(0, 24)}`
}
