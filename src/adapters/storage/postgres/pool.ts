import { CosmicError, loadPeer } from '../../../base/index'

/** A row as `pg` gives it: by column name. */
export type Row = Readonly<Record<string, unknown>>

export interface QueryResult {
  readonly rows: Row[]
  readonly rowCount: number | null
}

/** `query_timeout`: milliseconds that the client waits, where not as long as its pool says. */
export interface Statement {
  readonly text: string
  readonly values?: unknown[]
  readonly query_timeout?: number
}

/** What is used of a connection of `pg`, and of drivers of its shape. */
export interface PostgresConnection {
  query(statement: Statement): Promise<QueryResult>
  /** `true` ends the connection instead of giving it back. */
  release(destroy?: boolean): void
  on(event: string, listener: (payload: never) => void): unknown
  off(event: string, listener: (payload: never) => void): unknown
}

/** What is used of a pool: one of `pg` fits, and those of drivers of its shape. */
export interface PostgresPool {
  connect(): Promise<PostgresConnection>
  end(): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** Options of `pg`'s pool, such as `{ host, database, ssl, max }`. TLS is set here or in the connection string. */
export type PostgresConfig = Readonly<Record<string, unknown>>

/** Milliseconds to wait for a connection. */
const CONNECT_TIMEOUT = 10_000
/** What the client waits longer than the server, which may be out of reach. */
const GRACE = 5_000

/** Makes a pool of what is not one yet. `owned`: closing the store ends it. */
export async function openPool(
  connection: string | PostgresConfig | PostgresPool,
  statementTimeout: number,
): Promise<{ pool: PostgresPool; owned: boolean }> {
  if (isPool(connection)) return { pool: connection, owned: false }
  const config = typeof connection === 'string' ? { connectionString: connection } : connection
  if (typeof config !== 'object' || config === null) {
    throw new CosmicError({ code: 'bad-type', field: 'connection', hint: 'a connection string, options or a pool' })
  }
  const { default: pg } = await loadPeer('pg', () => import('pg'))
  try {
    // Reads the connection string, which the pool does only when it connects.
    new pg.Client({ ...config })
    const pool = new pg.Pool({
      application_name: 'cosmic-embeddings',
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      statement_timeout: statementTimeout,
      query_timeout: statementTimeout + GRACE,
      keepAlive: true,
      ...config,
    })
    // A connection that breaks while nobody uses it is replaced; without a listener it would end the process.
    pool.on('error', () => {})
    return { pool: pool as unknown as PostgresPool, owned: true }
  } catch {
    // The words of a parser may repeat the string, and with it a password.
    throw new CosmicError({
      code: 'bad-value',
      field: 'connection',
      hint: 'postgres://user:password@host:port/database',
    })
  }
}

function isPool(value: unknown): value is PostgresPool {
  if (typeof value !== 'object' || value === null) return false
  const { connect, end } = value as Partial<PostgresPool>
  return typeof connect === 'function' && typeof end === 'function'
}
