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
  on(event: string, listener: (payload: unknown) => void): unknown
  off(event: string, listener: (payload: unknown) => void): unknown
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
  if (isPool(connection)) return { pool: outliving(connection), owned: false }
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
    return { pool: outliving(pool as unknown as PostgresPool), owned: true }
  } catch {
    // The words of a parser may repeat the string, and with it a password.
    throw new CosmicError({
      code: 'bad-value',
      field: 'connection',
      hint: 'postgres://user:password@host:port/database',
    })
  }
}

const outlivingPools = new WeakSet<PostgresPool>()

/**
 * A pool whose connections may break: an error that nobody listens for would end the process. One that breaks while nobody
 * uses it is the pool's, and replaced. One may also break in the instant in which it is lent, when the server says both in
 * one message, before whoever borrows it can listen: so that it is listened to first, once for all.
 */
function outliving(pool: PostgresPool): PostgresPool {
  if (outlivingPools.has(pool)) return pool
  outlivingPools.add(pool)
  const ignore = () => {}
  pool.on('error', ignore)
  const lent = new WeakSet<object>()
  const listen = (connection: unknown) => {
    if (typeof connection !== 'object' || connection === null || lent.has(connection)) return
    lent.add(connection)
    ;(connection as PostgresConnection).on('error', ignore)
  }
  // Of `pg`'s pool; one that does not know it never calls.
  ;(pool.on as (event: string, listener: (connection: unknown) => void) => unknown).call(pool, 'acquire', listen)
  return pool
}

function isPool(value: unknown): value is PostgresPool {
  if (typeof value !== 'object' || value === null) return false
  const { connect, end, on } = value as Partial<PostgresPool>
  if (typeof connect !== 'function' || typeof end !== 'function') return false
  // Taken for options it would connect to wherever the surroundings say.
  if (typeof on !== 'function')
    throw new CosmicError({
      code: 'bad-type',
      field: 'connection.on',
      hint: 'a pool tells of errors: connect, end, on',
    })
  return true
}
