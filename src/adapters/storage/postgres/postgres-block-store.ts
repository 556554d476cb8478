import { CosmicError, throwIfAborted } from '../../../base/index'
import type { SearchingStore, VectorSearch, VectorSearchPorts } from '../../../search/index'
import {
  checkCompaction,
  checkCursor,
  checkDrop,
  checkErasure,
  checkFloor,
  checkId,
  checkIds,
  checkJudgements,
  checkListener,
  checkPut,
  driven,
  Suspects,
} from '../../../store/for-adapters'
import { checkWait } from '../../../store/index'
import type {
  BlockQuery,
  BlockStore,
  CompactionOptions,
  CountedIndex,
  CursorNotice,
  LogCursor,
  LogEntry,
  LogOptions,
  Page,
  PageQuery,
  PutBlock,
  PutOutcome,
  Rejudgement,
  StoreChange,
  StoredBlock,
  StoreProgress,
  StoreStats,
  SyncMember,
  TermCount,
  TermsOptions,
  WaitOptions,
  EraseReason,
} from '../../../store/index'
import { ChangeFeed, placeOf } from './change-feed'
import { checkTables } from './check-tables'
import { ChangeListener, type Following } from './change-listener'
import { compactTables } from './compact-tables'
import { positionOf, readHead } from './head'
import { IndexKeeper } from './index-keeper'
import { listLog, listMembers, listTerms } from './lists'
import { PostgresSide } from './side-storage'
import type { StoreParts } from './store-parts'
import { StoreReader } from './store-reader'
import { StoreWriter } from './store-writer'
import { PgvectorSearch } from './vector-search'

/** A store in PostgreSQL. */
export interface PostgresStore extends BlockStore, SearchingStore {
  /** Resolves when no index of vectors is being built. */
  settled(): Promise<void>
}

export class PostgresBlockStore implements PostgresStore {
  readonly side: PostgresSide
  readonly #parts: StoreParts
  readonly #feed: ChangeFeed
  readonly #listener: ChangeListener
  readonly #reader: StoreReader
  readonly #writer: StoreWriter
  readonly #indexes: IndexKeeper | undefined
  /** Ends the repairs under way. */
  readonly #repairs = new AbortController()
  #closing: Promise<void> | undefined

  constructor(parts: StoreParts) {
    const { db, tables, head, pgvector, notice, onDamage } = parts
    const report = (error: unknown) => {
      if (error instanceof CosmicError && error.code !== 'closed') onDamage(error)
    }
    this.#parts = parts
    this.side = new PostgresSide(db, tables)
    const suspects = new Suspects(ids => this.#quarantine(ids).catch(report))
    this.#reader = new StoreReader(parts, id => suspects.add(id))
    this.#feed = new ChangeFeed(db, tables, placeOf(head), report, () => this.#listener.readSoon())
    this.#indexes = pgvector && new IndexKeeper(db, tables, pgvector.types, pgvector.indexFrom, report)
    this.#writer = new StoreWriter(parts, this.#feed, blocks => this.#indexes?.note(blocks))
    this.#listener = new ChangeListener(db, notice, () => this.#writer.catchUp().catch(report))
  }

  /** Begins to notice what others change. */
  async follow(following: Following): Promise<void> {
    this.#indexes?.start()
    await this.#listener.start(following)
  }

  async put(blocks: readonly PutBlock[], options?: WaitOptions): Promise<readonly PutOutcome[]> {
    this.#assertOpen()
    return this.#writer.put(checkPut(blocks, options), options)
  }

  async judge(judgements: readonly Rejudgement[]): Promise<readonly string[]> {
    this.#assertOpen()
    checkJudgements(judgements)
    return this.#writer.judge(judgements)
  }

  async erase(ids: readonly string[], reason: EraseReason): Promise<readonly string[]> {
    this.#assertOpen()
    checkErasure(ids, reason)
    return this.#writer.erase(ids, reason)
  }

  async dropBelow(floor: number, limit: number, only?: 'stubs'): Promise<number> {
    this.#assertOpen()
    checkDrop(floor, limit, only)
    return this.#writer.dropBelow(floor, limit, only)
  }

  async raiseFloor(time: number): Promise<void> {
    this.#assertOpen()
    checkFloor(time)
    return this.#writer.raiseFloor(time)
  }

  async get(id: string): Promise<StoredBlock | undefined> {
    checkId(id)
    return this.#reader.get(id)
  }

  async getMany(ids: readonly string[]): Promise<(StoredBlock | undefined)[]> {
    checkIds(ids)
    return this.#reader.getMany(ids)
  }

  async has(ids: readonly string[]): Promise<boolean[]> {
    checkIds(ids)
    return this.#reader.has(ids)
  }

  query(query: BlockQuery = {}): AsyncIterable<StoredBlock> {
    return this.#reader.query(query)
  }

  page(query: PageQuery = {}): Promise<Page<StoredBlock>> {
    return this.#reader.page(query)
  }

  pageIds(query: PageQuery = {}): Promise<Page<string>> {
    return this.#reader.pageIds(query)
  }

  pageMembers(query: PageQuery = {}): Promise<Page<SyncMember>> {
    return this.#reader.pageMembers(query)
  }

  count(query: BlockQuery = {}): Promise<number> {
    return this.#reader.count(query)
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
    return positionOf(await readHead(this.#parts.db, this.#parts.tables))
  }

  async renewEpoch(): Promise<LogCursor> {
    this.#assertOpen()
    const { head } = await this.#writer.renewEpoch()
    this.#reader.renew(head.epoch)
    return positionOf(head)
  }

  async noticeCursor(cursor: LogCursor): Promise<CursorNotice> {
    this.#assertOpen()
    checkCursor(cursor)
    const { head, notice } = await this.#writer.renewEpoch(cursor)
    this.#reader.renew(head.epoch)
    return notice
  }

  async stats(): Promise<StoreStats> {
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

  check(options?: WaitOptions): AsyncIterable<StoreProgress> {
    checkWait(options)
    return checkTables(this.#parts, options)
  }

  /** In slices, between which others read and write. */
  async *repair(options?: WaitOptions): AsyncGenerator<StoreProgress> {
    this.#assertOpen()
    checkWait(options)
    yield* driven(async (tell, left) => {
      const signal = AbortSignal.any([left, this.#repairs.signal])
      for await (const progress of this.#writer.repair(signal)) await tell(progress)
    }, options)
  }

  /** See docs/storage.md: parts of the tables are rewritten under a lock. */
  async compact(options: CompactionOptions = {}): Promise<boolean> {
    this.#assertOpen()
    checkCompaction(options)
    throwIfAborted(options.signal)
    return compactTables(this.#parts.db, this.#parts.tables, options)
  }

  async needsCompaction(): Promise<boolean> {
    return (await readHead(this.#parts.db, this.#parts.tables)).erased.length > 0
  }

  onChange(listener: (change: StoreChange) => void): () => void {
    checkListener(listener)
    return this.#feed.onChange(listener)
  }

  /** Waits for the writes under way. A pool that was given stays open. */
  close(): Promise<void> {
    this.#repairs.abort()
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    try {
      await Promise.all([this.#writer.idle(), this.side.idle()])
      this.#listener.stop()
      await this.#indexes?.close()
      await this.#parts.db.close()
    } finally {
      this.#feed.close()
    }
  }

  async #quarantine(ids: readonly string[]): Promise<void> {
    if (this.#closing === undefined) await this.#writer.quarantine(ids)
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new CosmicError({ code: 'closed', field: 'store' })
  }
}
