import { CosmicError, throwIfAborted } from '../../../base/index'
import type { SearchingStore, VectorSearch, VectorSearchPorts } from '../../../search/index'
import {
  type BlockQuery,
  digestOf,
  MAX_PUT_BLOCKS,
  MAX_PUT_BYTES,
  checkNumbers,
  type CompactOptions,
  type CountedIndex,
  type ErasedBlock,
  type BlockStore,
  GroupCommit,
  type LogCursor,
  type LogEntry,
  type LogOptions,
  type Page,
  type PageQuery,
  type PutOutcome,
  type Rejudgement,
  type StoreChange,
  type StoredBlock,
  type StoreStats,
  type SyncMember,
  type TermCount,
  type TermsOptions,
  type WaitOptions,
} from '../../../store/index'
import { byteArrays } from './binary-array'
import { idOf } from './block-terms'
import { ChangeFeed, placeOf } from './change-feed'
import { ChangeListener, type Following } from './change-listener'
import { compactTables } from './compact-tables'
import type { Database, Transaction } from './database'
import { eraseRows } from './erase-rows'
import { type Notice, type Head, positionOf, readHead, writeHead } from './head'
import { dropBelow, listLog, listMembers, listTerms } from './lists'
import type { Row } from './pool'
import { BlockSelector } from './select-blocks'
import { IndexKeeper } from './index-keeper'
import type { RetractionLimits } from '../../../store/index'
import { PostgresSide } from './side-storage'
import { isWhole, storedColumns, storedOf } from './stored-row'
import type { Tables } from './tables'
import type { VectorRows } from './vector-rows'
import type { VectorTypes } from './vector-schema'
import { PgvectorSearch } from './vector-search'
import { writeJudgements } from './write-judgements'
import { writePut } from './write-put'

/** Blocks read at once by a query. */
const PAGE = 128

export interface StoreParts {
  readonly db: Database
  readonly tables: Tables
  readonly head: Head
  readonly vectors: VectorRows
  readonly limits: RetractionLimits
  /** Where the server compares vectors, and from how many on by an index. */
  readonly pgvector: { readonly types: VectorTypes; readonly indexFrom: number } | undefined
  readonly notice: Notice
  readonly onDamage: (error: CosmicError) => void
}

/** A store in PostgreSQL. */
export interface PostgresStore extends BlockStore, SearchingStore {
  /** Resolves when no index of vectors is being built. */
  settled(): Promise<void>
}

/**
 * Invariants: (1) a writer locks the row of `store` from before its first read to its commit, so that seq and changes are
 * numbered in the order of commits, without a gap; (2) what one call changes is one transaction; (3) writes of this process
 * and the reading of others' take turns, so that changes are told in the order of commits.
 */
export class PostgresBlockStore implements PostgresStore {
  readonly side: PostgresSide
  readonly #parts: StoreParts
  readonly #feed: ChangeFeed
  readonly #listener: ChangeListener
  readonly #select: BlockSelector
  readonly #indexes: IndexKeeper | undefined
  readonly #commits = new GroupCommit(blocks => this.#put(blocks))
  #turn: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(parts: StoreParts) {
    const { db, tables, head, pgvector, notice, onDamage } = parts
    this.#parts = parts
    this.side = new PostgresSide(db, tables)
    this.#select = new BlockSelector(db, tables)
    const report = (error: unknown) => {
      if (error instanceof CosmicError) onDamage(error)
    }
    this.#feed = new ChangeFeed(db, tables, placeOf(head), report)
    this.#indexes = pgvector && new IndexKeeper(db, tables, pgvector.types, pgvector.indexFrom, report)
    this.#listener = new ChangeListener(db, notice, () => this.#inTurn(() => this.#feed.catchUp()).catch(report))
  }

  /** Begins to notice what others change. */
  async follow(following: Following): Promise<void> {
    this.#indexes?.start()
    await this.#listener.start(following)
  }

  async put(blocks: readonly StoredBlock[], { signal }: WaitOptions = {}): Promise<readonly PutOutcome[]> {
    this.#assertOpen()
    throwIfAborted(signal)
    checkBatch(blocks)
    return this.#commits.add(blocks)
  }

  #put(blocks: readonly StoredBlock[]): Promise<readonly PutOutcome[]> {
    const { tables } = this.#parts
    return this.#write(async (transaction, head) => {
      const { outcomes, ...change } = await writePut(transaction, tables, head, blocks, this.#parts)
      return { answer: outcomes, change }
    })
  }

  async judge(judgements: readonly Rejudgement[]): Promise<readonly string[]> {
    this.#assertOpen()
    if (judgements.length === 0) return []
    const { tables, vectors } = this.#parts
    return this.#write(async (transaction, head) => {
      const judged = await writeJudgements(transaction, tables, head, judgements, vectors)
      return { answer: judged.map(({ block }) => block.id), change: { judged } }
    })
  }

  async erase(ids: readonly string[], reason: 'expired' | 'pruned'): Promise<readonly string[]> {
    this.#assertOpen()
    if (!['expired', 'pruned'].includes(reason)) throw new CosmicError({ code: 'bad-value', field: 'reason' })
    const digests = [...new Set(ids)].map(digestOf).filter(digest => digest !== undefined)
    const erased = await this.#erase(async (transaction, head) =>
      eraseRows(transaction, this.#parts.tables, head, { reason, digests }, this.#parts.vectors),
    )
    return erased.map(({ id }) => id)
  }

  async dropBelow(floor: number, limit: number): Promise<number> {
    this.#assertOpen()
    checkNumbers({ floor, limit })
    const { tables, vectors } = this.#parts
    return (await this.#erase((transaction, head) => dropBelow(transaction, tables, head, { floor, limit }, vectors)))
      .length
  }

  #erase(
    body: (transaction: Transaction, head: Head) => Promise<readonly ErasedBlock[]>,
  ): Promise<readonly ErasedBlock[]> {
    return this.#write(async (transaction, head) => {
      const erased = await body(transaction, head)
      return { answer: erased, change: { erased } }
    })
  }

  async raiseFloor(time: number): Promise<void> {
    this.#assertOpen()
    checkNumbers({ time })
    await this.#write(async (_, head) => {
      const changed = time > head.floor
      if (changed) head.floor = Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(time))
      return { answer: undefined, change: {}, changed }
    })
  }

  /** One transaction under the lock; tells what it changed once it is committed. */
  #write<T>(
    body: (
      transaction: Transaction,
      head: Head,
    ) => Promise<{ answer: T; change: Partial<StoreChange>; changed?: boolean }>,
  ): Promise<T> {
    const { db, tables, notice } = this.#parts
    return this.#inTurn(async () => {
      const { before, after, answer, change } = await db.transaction(async transaction => {
        const head = await readHead(transaction, tables, { lock: true })
        const before = placeOf(head)
        const { answer, change, changed } = await body(transaction, head)
        const after = placeOf(head)
        const moved = after.seq > before.seq || after.change > before.change
        if (changed || moved || (change.added?.length ?? 0) > 0) await writeHead(transaction, tables, head, notice)
        return { before, after, answer, change }
      })
      this.#indexes?.note(change.added?.length ?? 0)
      await this.#feed.announce(before, after, { added: [], judged: [], erased: [], ...change })
      return answer
    })
  }

  #inTurn<T>(body: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(body)
    this.#turn = done.catch(() => undefined)
    return done
  }

  async get(id: string): Promise<StoredBlock | undefined> {
    const row = (await this.#rows([id], storedColumns(this.#parts.tables))).get(0)
    return row && storedOf(row)
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
    return ids.map((_, i) => rows.get(i)?.whole === true)
  }

  /** By their place in `ids`. */
  async #rows(ids: readonly string[], columns: string): Promise<Map<number, Row>> {
    this.#assertOpen()
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
      return storedOf(row)
    } catch (error) {
      if (!(error instanceof CosmicError)) throw error
      this.#parts.onDamage(error)
      return undefined
    }
  }

  /** Each page is read from one state. */
  async *query(query: BlockQuery = {}): AsyncGenerator<StoredBlock> {
    this.#assertOpen()
    const columns = storedColumns(this.#parts.tables)
    let left = query.limit ?? Infinity
    let after: { time: number; digest: Uint8Array } | undefined
    for (;;) {
      throwIfAborted(query.signal)
      const size = Math.min(PAGE, left)
      const rows = await this.#select.rows(query, columns, size, after)
      for (const row of rows) {
        throwIfAborted(query.signal)
        this.#assertOpen()
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

  page(query: PageQuery = {}): Promise<Page<StoredBlock>> {
    return this.#page(query, storedColumns(this.#parts.tables), row => this.#read(row))
  }

  pageIds(query: PageQuery = {}): Promise<Page<string>> {
    return this.#page(query, 'b.time, b.digest', ({ digest }) => idOf(digest as Uint8Array))
  }

  async #page<T>(query: PageQuery, columns: string, read: (row: Row) => T | undefined): Promise<Page<T>> {
    this.#assertOpen()
    throwIfAborted(query.signal)
    const { epoch } = await readHead(this.#parts.db, this.#parts.tables)
    return this.#select.page(query, columns, epoch, read)
  }

  async count(query: BlockQuery = {}): Promise<number> {
    this.#assertOpen()
    throwIfAborted(query.signal)
    return this.#select.count(query)
  }

  terms(index: CountedIndex, options: TermsOptions = {}): Promise<readonly TermCount[]> {
    return listTerms(this.#parts.db, this.#parts.tables, index, options)
  }

  log(options: LogOptions = {}): AsyncIterable<LogEntry> {
    return listLog(this.#parts.db, this.#parts.tables, options)
  }

  members(options: WaitOptions = {}): AsyncIterable<readonly SyncMember[]> {
    return listMembers(this.#parts.db, this.#parts.tables, options)
  }

  async position(): Promise<LogCursor> {
    this.#assertOpen()
    return positionOf(await readHead(this.#parts.db, this.#parts.tables))
  }

  async renewEpoch(): Promise<LogCursor> {
    this.#assertOpen()
    const { db, tables } = this.#parts
    await db.query(`UPDATE ${tables.store} SET epoch = $1`, [Buffer.from(crypto.getRandomValues(new Uint8Array(16)))])
    return this.position()
  }

  async stats(): Promise<StoreStats> {
    this.#assertOpen()
    const { blocks, admitted, bytes, pruned, floor } = await readHead(this.#parts.db, this.#parts.tables)
    return { blocks, admitted, bytes, pruned, floor }
  }

  vectorSearch(ports: VectorSearchPorts): VectorSearch | undefined {
    const { db, tables, pgvector } = this.#parts
    return pgvector && new PgvectorSearch({ db, tables, ...pgvector, getMany: ids => this.getMany(ids) }, ports)
  }

  async settled(): Promise<void> {
    await this.#indexes?.settled()
  }

  onChange(listener: (change: StoreChange) => void): () => void {
    return this.#feed.onChange(listener)
  }

  /** See docs/storage.md: parts of the tables are rewritten under a lock. */
  async compact(options: CompactOptions = {}): Promise<boolean> {
    this.#assertOpen()
    throwIfAborted(options.signal)
    return compactTables(this.#parts.db, this.#parts.tables, options)
  }

  /** Waits for the writes under way. A pool that was given stays open. */
  close(): Promise<void> {
    this.#closing ??= this.#commits
      .idle()
      .then(() => Promise.all([this.#turn, this.side.idle()]))
      .then(() => this.#listener.stop())
      .then(() => this.#indexes?.close())
      .then(() => this.#parts.db.close())
      .finally(() => this.#feed.close())
    return this.#closing
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new CosmicError({ code: 'closed', field: 'store' })
  }
}

function checkBatch(blocks: readonly StoredBlock[]): void {
  const bytes = blocks.reduce((sum, { block }) => sum + block.bytes.length, 0)
  const refuse = (field: string, limit: number) => {
    throw new CosmicError({ code: 'limit', field, limit, hint: 'put fewer blocks at once' })
  }
  if (blocks.length > MAX_PUT_BLOCKS) refuse('blocks', MAX_PUT_BLOCKS)
  if (bytes > MAX_PUT_BYTES) refuse('bytes', MAX_PUT_BYTES)
}
