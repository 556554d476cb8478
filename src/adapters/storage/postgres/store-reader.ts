import { attempt, CosmicError, throwIfAborted } from '../../../base/index'
import { checkQuery, type Place, readCursor } from '../../../store/for-adapters'
import {
  type BlockQuery,
  digestOf,
  type Page,
  type PageQuery,
  type StoredBlock,
  type SyncMember,
} from '../../../store/index'
import { byteArrays } from './binary-array'
import { idOf } from './block-terms'
import { readHead } from './head'
import type { Row } from './pool'
import { isLost } from './quarantine-rows'
import { BlockSelector } from './select-blocks'
import type { StoreParts } from './store-parts'
import { damaged, isWhole, storedColumns, storedOf } from './stored-row'

/** Blocks read at once by a query. */
const PAGE = 128

/** Reads blocks, by id and by query. */
export class StoreReader {
  readonly #parts: StoreParts
  readonly #select: BlockSelector
  readonly #onSuspect: (id: string) => void
  #epoch: Uint8Array

  /** `onSuspect` is told of records that are damaged. */
  constructor(parts: StoreParts, onSuspect: (id: string) => void) {
    this.#parts = parts
    this.#onSuspect = onSuspect
    this.#epoch = parts.head.epoch
    this.#select = new BlockSelector(parts.db, parts.tables)
  }

  async get(id: string): Promise<StoredBlock | undefined> {
    const { db, tables } = this.#parts
    const row = (await this.#rows([id], storedColumns(tables))).get(0)
    if (row) return this.#open(row)
    const digest = digestOf(id)
    if (digest && (await isLost(db, tables, digest))) throw damaged(id)
    return undefined
  }

  async getMany(ids: readonly string[]): Promise<(StoredBlock | undefined)[]> {
    const rows = await this.#rows(ids, storedColumns(this.#parts.tables))
    return ids.map((_, i) => {
      const row = rows.get(i)
      return row && this.#read(row)
    })
  }

  async has(ids: readonly string[]): Promise<boolean[]> {
    const rows = await this.#rows(ids, `${isWhole(this.#parts.tables)} AS whole`)
    for (const [i, { whole }] of rows) if (whole !== true) this.#onSuspect(ids[i]!)
    return ids.map((_, i) => rows.get(i)?.whole === true)
  }

  /** By their place in `ids`. */
  async #rows(ids: readonly string[], columns: string): Promise<Map<number, Row>> {
    this.#parts.db.assertOpen()
    const asked = ids.flatMap((id, i) => {
      const digest = digestOf(id)
      return digest ? [{ digest, i }] : []
    })
    if (asked.length === 0) return new Map()
    const sql = `SELECT d.no, ${columns} FROM unnest($1::bytea[]) WITH ORDINALITY AS d (digest, no)
                   JOIN ${this.#parts.tables.block} b ON b.digest = d.digest`
    const rows = await this.#parts.db.query(sql, [byteArrays(asked.map(({ digest }) => digest))])
    return new Map(rows.map(row => [asked[Number(row.no) - 1]!.i, row]))
  }

  /** What is damaged is as good as absent to whoever reads more than that. */
  #read(row: Row): StoredBlock | undefined {
    try {
      return this.#open(row)
    } catch (error) {
      if (!(error instanceof CosmicError)) throw error
      this.#parts.onDamage(error)
      return undefined
    }
  }

  #open(row: Row): StoredBlock {
    try {
      return storedOf(row)
    } catch (error) {
      this.#onSuspect(idOf(row.digest as Uint8Array))
      throw error
    }
  }

  /** Each page is read from one state. */
  async *query(query: BlockQuery): AsyncGenerator<StoredBlock> {
    const { db, tables } = this.#parts
    db.assertOpen()
    checkQuery(query, false)
    let left = query.limit ?? Infinity
    let after: Place | undefined
    for (;;) {
      throwIfAborted(query.signal)
      const size = Math.min(PAGE, left)
      const rows = await this.#select.rows(query, storedColumns(tables), size, after)
      for (const row of rows) {
        throwIfAborted(query.signal)
        db.assertOpen()
        const stored = this.#read(row)
        if (stored === undefined) continue
        left--
        yield stored
      }
      const last = rows.at(-1)
      if (last === undefined || rows.length < size || left <= 0) return
      after = { time: Number(last.time), digest: last.digest as Uint8Array }
    }
  }

  page(query: PageQuery): Promise<Page<StoredBlock>> {
    return this.#page(query, storedColumns(this.#parts.tables), row => this.#read(row))
  }

  pageIds(query: PageQuery): Promise<Page<string>> {
    return this.#page(query, 'b.time, b.digest', ({ digest }) => idOf(digest as Uint8Array))
  }

  pageMembers(query: PageQuery): Promise<Page<SyncMember>> {
    const memberOf = ({ digest, time }: Row) => ({ id: idOf(digest as Uint8Array), time: Number(time) })
    return this.#page(query, 'b.time, b.digest', memberOf)
  }

  async #page<T>(query: PageQuery, columns: string, read: (row: Row) => T | undefined): Promise<Page<T>> {
    const { db, tables } = this.#parts
    db.assertOpen()
    checkQuery(query, true)
    throwIfAborted(query.signal)
    // Another process may have begun a new epoch since: what looks like another store's cursor is looked at again.
    const known = attempt(() => readCursor(this.#epoch, query))
    if (!known.ok) this.#epoch = (await readHead(db, tables)).epoch
    return this.#select.page(query, columns, this.#epoch, read)
  }

  /** The epoch of cursors from now on. */
  renew(epoch: Uint8Array): void {
    this.#epoch = epoch
  }

  async count(query: BlockQuery): Promise<number> {
    this.#parts.db.assertOpen()
    checkQuery(query, false)
    throwIfAborted(query.signal)
    return this.#select.count(query)
  }
}
