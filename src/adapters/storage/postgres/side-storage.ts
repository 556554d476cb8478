import { throwIfAborted } from '../../../base/index'
import {
  type BatchOperation,
  checkBatch,
  checkKeys,
  checkRange,
  type CallOptions,
  type KeyValueStorage,
  MAX_SIDE_KEY_BYTES,
  type RangeOptions,
} from '../../../store/index'
import { bytea, byteArrays, toBytes } from './binary-array'
import type { Database } from './database'
import { markSide } from './erased-marks'
import type { Tables } from './tables'

type Put = Extract<BatchOperation, { type: 'put' }>
type Entry = readonly [key: Uint8Array, value: Uint8Array]

/** Entries of a range that are read at once. */
const PAGE = 256

/** Small byte keys in a table of their own. Each page of a range reads a state of its own. Closing it does nothing. */
export class PostgresSide implements KeyValueStorage {
  readonly #db: Database
  readonly #tables: Tables
  readonly #table: string
  #writing: Promise<unknown> = Promise.resolve()

  constructor(db: Database, tables: Tables) {
    this.#db = db
    this.#tables = tables
    this.#table = tables.side
  }

  async get(key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return (await this.getMany([key], options))[0]
  }

  async getMany(keys: readonly Uint8Array[], options: CallOptions = {}): Promise<(Uint8Array | undefined)[]> {
    this.#db.assertOpen()
    checkKeys(keys, options, MAX_SIDE_KEY_BYTES)
    const sql = `SELECT k.no, s.value FROM unnest($1::bytea[]) WITH ORDINALITY AS k (key, no) JOIN ${this.#table} s USING (key)`
    const rows = await this.#db.query(sql, [byteArrays(keys)], options)
    const found = new Map(rows.map(({ no, value }) => [Number(no) - 1, value]))
    return keys.map((_, i) => (found.has(i) ? toBytes(found.get(i)) : undefined))
  }

  async batch(operations: readonly BatchOperation[], options: CallOptions = {}): Promise<void> {
    this.#db.assertOpen()
    checkBatch(operations, options, MAX_SIDE_KEY_BYTES)
    throwIfAborted(options.signal)
    // The last operation on a key decides. In one order of keys, so that batches that meet wait instead of blocking each other.
    const last = new Map(operations.map(operation => [textOf(operation.key), operation]))
    const ordered = [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, operation]) => operation)
    const puts = ordered.filter(operation => operation.type === 'put')
    // A value counts as deleted also where the same batch puts another one in its place.
    const deleted = new Set(operations.filter(({ type }) => type === 'delete').map(({ key }) => textOf(key)))
    const deletes = ordered.map(({ key }) => key).filter(key => deleted.has(textOf(key)))
    if (ordered.length > 0) await this.#inOrder(() => this.#write(puts, deletes, options))
  }

  /** Batches take effect in the order of the calls. */
  #inOrder(write: () => Promise<void>): Promise<void> {
    const done = this.#writing.then(write)
    this.#writing = done.catch(() => undefined)
    return done
  }

  #write(puts: readonly Put[], deletes: readonly Uint8Array[], options: CallOptions): Promise<void> {
    return this.#db.transaction(async transaction => {
      if (deletes.length > 0) {
        const sql = `DELETE FROM ${this.#table} WHERE key = ANY ($1::bytea[])`
        const gone = await transaction.execute(sql, [byteArrays(deletes)])
        if (gone > 0) await markSide(transaction, this.#tables)
      }
      if (puts.length > 0) {
        const sql = `INSERT INTO ${this.#table} (key, value) SELECT * FROM unnest($1::bytea[], $2::bytea[])
                     ON CONFLICT (key) DO UPDATE SET value = excluded.value`
        const columns = [puts.map(({ key }) => key), puts.map(({ value }) => value)]
        await transaction.execute(
          sql,
          columns.map(column => byteArrays(column)),
        )
      }
    }, options)
  }

  /** Resolves when no batch is under way. */
  async idle(): Promise<void> {
    await this.#writing
  }

  async *range(options: RangeOptions = {}): AsyncGenerator<Entry> {
    this.#db.assertOpen()
    checkRange(options, MAX_SIDE_KEY_BYTES)
    const { reverse = false, limit = Infinity, signal } = options
    let { gte, lt } = options
    let after: Uint8Array | undefined
    for (let left = limit; left > 0;) {
      const size = Math.min(left, PAGE)
      const entries = await this.#page({ gte, lt, after }, reverse, size, signal)
      for (const entry of entries) {
        throwIfAborted(signal)
        this.#db.assertOpen()
        yield entry
      }
      if (entries.length < size) return
      left -= size
      const [last] = entries.at(-1)!
      if (reverse) lt = last
      else [after, gte] = [last, undefined]
    }
  }

  /** In SQL, absent bounds are left out: comparisons with null would spoil the plan. */
  async #page(
    bounds: { gte?: Uint8Array | undefined; lt?: Uint8Array | undefined; after?: Uint8Array | undefined },
    reverse: boolean,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<Entry[]> {
    const values: unknown[] = [limit]
    const conditions = Object.entries({ '>=': bounds.gte, '>': bounds.after, '<': bounds.lt }).flatMap(
      ([operator, bound]) => (bound === undefined ? [] : [`key ${operator} $${values.push(bytea(bound))}::bytea`]),
    )
    const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
    const sql = `SELECT key, value FROM ${this.#table} ${where} ORDER BY key ${reverse ? 'DESC' : ''} LIMIT $1`
    const rows = await this.#db.query(sql, values, { signal })
    return rows.map(({ key, value }) => [toBytes(key), toBytes(value)])
  }

  async close(): Promise<void> {}
}

const textOf = (key: Uint8Array) => Buffer.from(key).toString('latin1')
