import { CosmicError } from '../../../base/index'
import type { Database, Transaction } from './database'
import { type Notice, readHead, writeHead } from './head'
import { stateOf } from './postgres-error'
import type { Tables } from './tables'

/** Where pgvector's types and operators are. */
export interface VectorTypes {
  /** The schema as SQL writes it. */
  readonly schema: string
  /** OID of the type `vector`. */
  readonly oid: number
  /** Scans of an index go on until enough rows pass a filter (pgvector 0.8). */
  readonly iterative: boolean
}

/** `undefined` where the extension is not installed in this database. */
export async function findVectorTypes(db: Pick<Transaction, 'query'>): Promise<VectorTypes | undefined> {
  const [row] = await db.query(
    `SELECT quote_ident(n.nspname) AS schema, t.oid, e.extversion AS version
       FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
       JOIN pg_type t ON t.typnamespace = n.oid AND t.typname = 'vector' WHERE e.extname = 'vector'`,
  )
  if (row === undefined) return undefined
  const [major = 0, minor = 0] = String(row.version).split('.').map(Number)
  return { schema: String(row.schema), oid: Number(row.oid), iterative: major > 0 || minor >= 8 }
}

/** Finds the extension, or installs it where the server has it and the role may. */
export async function installVectors(db: Database): Promise<VectorTypes | undefined> {
  const found = await findVectorTypes(db)
  if (found) return found
  const [available] = await db.query(`SELECT FROM pg_available_extensions WHERE name = 'vector'`)
  if (!available) return undefined
  try {
    await db.query('CREATE EXTENSION IF NOT EXISTS vector')
  } catch (error) {
    // Without the privilege, or when another process was a moment earlier.
    if (!(error instanceof CosmicError) || !['42501', '23505', '42710'].includes(String(error.limit ?? stateOf(error))))
      throw error
  }
  return findVectorTypes(db)
}

/**
 * Makes the tables of vectors where there are none. From then on every writer writes vectors, and what was stored before
 * is filled in.
 */
export async function claimVectors(
  db: Database,
  tables: Tables,
  { schema }: VectorTypes,
  notice: Notice,
): Promise<void> {
  const { vector, space } = tables
  await db.transaction(async transaction => {
    const head = await readHead(transaction, tables, { lock: true })
    if (head.vectors !== 'none') return
    const statements = [
      `CREATE TABLE ${vector} (
         seq bigint PRIMARY KEY, digest bytea NOT NULL, model int NOT NULL, dims int NOT NULL, unit ${schema}.vector NOT NULL,
         norm double precision NOT NULL, terms int[] NOT NULL, time bigint NOT NULL, expires bigint, sample int NOT NULL,
         latitude double precision, longitude double precision
       )`,
      `CREATE INDEX vector_space ON ${vector} (model, dims, sample)`,
      `CREATE TABLE ${space} (
         model int NOT NULL, dims int NOT NULL, size bigint NOT NULL, low double precision NOT NULL,
         high double precision NOT NULL, expiring bigint NOT NULL, PRIMARY KEY (model, dims)
       ) WITH (fillfactor = 50)`,
    ]
    for (const statement of statements) await transaction.query(statement)
    head.vectors = 'filling'
    await writeHead(transaction, tables, head, notice)
  })
}
