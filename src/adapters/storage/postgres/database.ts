import { CosmicError, throwIfAborted, unlessAborted } from '../../../base/index'
import type { PostgresConnection, PostgresPool, QueryResult, Row } from './pool'
import { isCanceled, isLost, isTransient, storageError } from './postgres-error'

/** How often a transaction is run that others beside it make fail. */
const ATTEMPTS = 6
/** Milliseconds before the second attempt; each later one waits twice as long, less a random part. */
const FIRST_PAUSE = 10
/** Milliseconds, for the client's own clock: weeks. */
const LONGEST = 2 ** 31 - 1

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

/** Statements of one transaction, one after the other. */
export interface Transaction {
  query(text: string, values?: readonly unknown[]): Promise<Row[]>
  /** Rows that the statement changed. */
  execute(text: string, values?: readonly unknown[]): Promise<number>
}

/**
 * A pool of connections with what every call needs: typed errors without secrets, cancelling, transactions that are run
 * again when those beside them made them fail.
 */
export class Database {
  readonly #pool: PostgresPool
  readonly #owned: boolean
  readonly #under = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined

  constructor(pool: PostgresPool, owned: boolean) {
    this.#pool = pool
    this.#owned = owned
  }

  /** One statement: it reads one state. */
  async query(text: string, values: readonly unknown[] = [], { signal }: CallOptions = {}): Promise<Row[]> {
    const work = this.#with(signal, connection => connection.query({ text, values: [...values] }))
    return (await unlessAborted(work, signal)).rows
  }

  /** Reads several statements in one state. */
  read<T>(body: (transaction: Transaction) => Promise<T>, options: CallOptions = {}): Promise<T> {
    const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'
    return unlessAborted(this.#attempt(begin, body, options), options.signal)
  }

  /** All or nothing. Each statement sees what was committed before it began. The body may run several times. */
  transaction<T>(body: (transaction: Transaction) => Promise<T>, options: CallOptions = {}): Promise<T> {
    return this.#attempt('BEGIN ISOLATION LEVEL READ COMMITTED', body, options)
  }

  /** A connection outside of transactions and without a timeout, for what takes long and cannot be undone. */
  maintain<T>(body: (transaction: Transaction) => Promise<T>, timeout: number, options: CallOptions = {}): Promise<T> {
    return this.#with(options.signal, async connection => {
      await connection.query({ text: `SET statement_timeout = ${Math.max(0, Math.ceil(timeout))}` })
      try {
        return await body(statements(connection, options.signal, LONGEST))
      } finally {
        await connection.query({ text: 'RESET statement_timeout' }).catch(() => {})
      }
    })
  }

  /** A connection of one's own, to be released by the caller. */
  async connect(): Promise<PostgresConnection> {
    this.assertOpen()
    try {
      return await this.#pool.connect()
    } catch (error) {
      throw storageError(error)
    }
  }

  assertOpen(): void {
    if (this.#closing !== undefined) throw new CosmicError({ code: 'closed', field: 'store' })
  }

  /** Waits for the calls under way. */
  close(): Promise<void> {
    this.#closing ??= Promise.allSettled([...this.#under])
      .then(() => (this.#owned ? this.#pool.end() : undefined))
      .then(() => undefined)
    return this.#closing
  }

  async #attempt<T>(begin: string, body: (transaction: Transaction) => Promise<T>, { signal }: CallOptions) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#with(signal, connection => inTransaction(connection, begin, body, signal))
      } catch (error) {
        if (!(error instanceof Retry) || attempt >= ATTEMPTS) throw error instanceof Retry ? error.reason : error
        const pause = FIRST_PAUSE * 2 ** attempt * (0.5 + Math.random() / 2)
        await new Promise(resolve => setTimeout(resolve, pause))
      }
    }
  }

  /** Runs on a connection of the pool; a signal cancels the statement that runs. */
  async #with<T>(signal: AbortSignal | undefined, body: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    this.assertOpen()
    throwIfAborted(signal)
    const work = this.#borrow(signal, body)
    this.#under.add(work)
    return work.finally(() => this.#under.delete(work))
  }

  async #borrow<T>(signal: AbortSignal | undefined, body: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    const connection = await this.connect()
    // The statement that runs is told as well; without a listener the error would end the process.
    const ignore = () => {}
    connection.on('error', ignore)
    const cancel = signal && new Cancelling(this.#pool, connection, signal)
    let broken = false
    try {
      throwIfAborted(signal)
      return await body(connection)
    } catch (error) {
      broken = !(error instanceof CosmicError || error instanceof Retry) && isLost(error)
      if (signal?.aborted && (isCanceled(error) || broken)) throwIfAborted(signal)
      throw error instanceof Retry ? error : storageError(error)
    } finally {
      await cancel?.stop()
      connection.off('error', ignore)
      connection.release(broken)
    }
  }
}

/** A transaction that others made fail. */
class Retry extends Error {
  readonly reason: CosmicError

  constructor(error: unknown) {
    super('retry')
    this.reason = storageError(error)
  }
}

async function inTransaction<T>(
  connection: PostgresConnection,
  begin: string,
  body: (transaction: Transaction) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  await connection.query({ text: begin })
  try {
    const done = await body(statements(connection, signal))
    throwIfAborted(signal)
    await connection.query({ text: 'COMMIT' })
    return done
  } catch (error) {
    // Where the connection is gone there is nothing to roll back.
    await connection.query({ text: 'ROLLBACK' }).catch(() => {})
    throw isTransient(error) ? new Retry(error) : error
  }
}

function statements(connection: PostgresConnection, signal: AbortSignal | undefined, wait?: number): Transaction {
  const run = async (text: string, values: readonly unknown[] = []): Promise<QueryResult> => {
    throwIfAborted(signal)
    return connection.query({ text, values: [...values], ...(wait !== undefined && { query_timeout: wait }) })
  }
  return {
    query: async (text, values) => (await run(text, values)).rows,
    execute: async (text, values) => (await run(text, values)).rowCount ?? 0,
  }
}

/**
 * Asks the server over a second connection to stop what runs on the first, when the signal fires. The first is not given
 * back before that is done: else it could hit the statement of whoever has it next.
 */
class Cancelling {
  readonly #pool: PostgresPool
  readonly #connection: PostgresConnection & { readonly processID?: number | null }
  readonly #signal: AbortSignal
  #stopped = false
  #asking: Promise<unknown> | undefined
  readonly #onAbort = () => void this.#cancel()

  constructor(pool: PostgresPool, connection: PostgresConnection, signal: AbortSignal) {
    this.#pool = pool
    this.#connection = connection
    this.#signal = signal
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#signal.removeEventListener('abort', this.#onAbort)
    await this.#asking
  }

  async #cancel(): Promise<void> {
    const pid = this.#connection.processID
    if (typeof pid !== 'number') return
    const other = await this.#pool.connect().catch(() => undefined)
    if (other === undefined) return
    const ignore = () => {}
    other.on('error', ignore)
    try {
      if (this.#stopped) return
      this.#asking = other.query({ text: 'SELECT pg_cancel_backend($1)', values: [pid] }).catch(() => {})
      await this.#asking
    } finally {
      other.off('error', ignore)
      other.release()
    }
  }
}
