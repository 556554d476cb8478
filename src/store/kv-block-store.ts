import { random as platformRandom } from '#platform'
import { CosmicError, Emitter, type Random, toHex } from '../base/index'
import { ArrivalLog, cursorOf } from './arrival-log'
import { BlockCache } from './block-cache'
import { BlockReader } from './block-reader'
import type {
  BlockQuery,
  BlockStore,
  CountedIndex,
  CursorNotice,
  EraseReason,
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
} from './block-store'
import { BlockWriter } from './block-writer'
import { EPOCH_BYTES } from './chain'
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
} from './check-calls'
import { checkWait } from './check-storage-call'
import { checkWhole } from './check-whole'
import { openFormat } from './format'
import type { CompactionOptions, KeyValueStorage } from './key-value-storage'
import { sidePrefix } from './layout'
import { IndexGuard } from './index-guard'
import { LogReader } from './log-reader'
import type { BlockStoreOptions } from './open-block-store'
import { Suspects } from './quarantine'
import { RecordReader } from './record-reader'
import { SideStorage } from './side-storage'
import { readOptions, readStorage } from './read-options'
import { readState } from './store-state'

/** What `openBlockStore` loads. */
export async function openKvBlockStore(storage: KeyValueStorage, options: BlockStoreOptions): Promise<BlockStore> {
  const read = readOptions(options, '')
  const store = new KvBlockStore(readStorage(storage, 'storage'), read)
  await store.open(read.recover)
  return store
}

class KvBlockStore implements BlockStore {
  readonly side: KeyValueStorage
  readonly #storage: KeyValueStorage
  readonly #random: Random
  readonly #events = new Emitter<{ change: StoreChange; damage: CosmicError }>()
  readonly #cache: BlockCache
  readonly #log: ArrivalLog
  readonly #reader: BlockReader
  readonly #records: RecordReader
  readonly #writer: BlockWriter
  readonly #indexes: IndexGuard
  readonly #onDamage: (error: CosmicError) => void
  #closing: Promise<void> | undefined

  constructor(storage: KeyValueStorage, options: BlockStoreOptions) {
    const { cacheBytes = 8 << 20, waitingRetractions: all = 100_000, random = platformRandom } = options
    const perAuthor = options.waitingRetractionsPerAuthor ?? 10_000
    this.#cache = new BlockCache(cacheBytes)
    const shared = { storage, log: new LogReader(storage), cache: this.#cache }
    this.#storage = storage
    this.#random = random
    // What the caller's function throws must not end the mending.
    if (options.onDamage) this.#events.on('damage', options.onDamage)
    const onDamage = (error: CosmicError) => this.#events.emit('damage', error)
    this.#onDamage = onDamage
    this.side = new SideStorage(storage, sidePrefix())
    const suspects = new Suspects(ids => this.#quarantine(ids))
    const onChange = (change: StoreChange) => this.#events.emit('change', change)
    this.#writer = new BlockWriter({
      ...shared,
      limits: { all, author: perAuthor },
      ...{ onChange, onDamage, newEpoch: () => this.#newEpoch(), onRepaired: () => this.#indexes.repaired() },
    })
    const { mender } = this.#writer
    this.#indexes = new IndexGuard({ storage, mender, alone: write => this.#writer.alone(write), onDamage })
    this.#log = new ArrivalLog(storage, this.#indexes)
    const indexes = this.#indexes
    this.#records = new RecordReader({ ...shared, onDamage, onSuspect: id => suspects.add(id), indexes })
    this.#reader = new BlockReader({ ...shared, records: this.#records, indexes })
  }

  async open(recover = false): Promise<void> {
    const [storage, epoch] = [this.#storage, this.#newEpoch()]
    await openFormat({ storage, epoch, writer: this.#writer, onDamage: this.#onDamage, recover })
  }

  async put(blocks: readonly PutBlock[], options?: WaitOptions): Promise<readonly PutOutcome[]> {
    this.#assertOpen()
    const checked = checkPut(blocks, options)
    this.#indexes.begin()
    return this.#writer.put(checked, options)
  }

  async judge(judgements: readonly Rejudgement[]): Promise<readonly string[]> {
    this.#assertOpen()
    checkJudgements(judgements)
    return this.#writer.judge(judgements)
  }

  async erase(ids: readonly string[], reason: EraseReason): Promise<readonly string[]> {
    this.#assertOpen()
    checkErasure(ids, reason)
    this.#indexes.begin()
    return this.#writer.erase(ids, reason)
  }

  async raiseFloor(time: number): Promise<void> {
    this.#assertOpen()
    checkFloor(time)
    await this.#writer.update(state => (state.floor = Math.max(state.floor, Math.ceil(time))))
  }

  async dropBelow(floor: number, limit: number, only?: 'stubs'): Promise<number> {
    this.#assertOpen()
    checkDrop(floor, limit, only)
    return this.#writer.dropBelow(floor, limit, only)
  }

  async get(id: string): Promise<StoredBlock | undefined> {
    checkId(id)
    return this.#records.get(id)
  }

  async getMany(ids: readonly string[]): Promise<(StoredBlock | undefined)[]> {
    checkIds(ids)
    return this.#records.getMany(ids)
  }

  async envelopes(ids: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    checkIds(ids)
    return this.#records.envelopes(ids)
  }

  async has(ids: readonly string[]): Promise<boolean[]> {
    checkIds(ids)
    return this.#records.has(ids)
  }

  query(query?: BlockQuery): AsyncIterable<StoredBlock> {
    return this.#reader.query(query)
  }

  page(query?: PageQuery): Promise<Page<StoredBlock>> {
    return this.#reader.page(query)
  }

  pageIds(query?: PageQuery): Promise<Page<string>> {
    return this.#reader.pageIds(query)
  }

  pageMembers(query?: PageQuery): Promise<Page<SyncMember>> {
    return this.#reader.pageMembers(query)
  }

  count(query?: BlockQuery): Promise<number> {
    return this.#reader.count(query)
  }

  terms(index: CountedIndex, options?: TermsOptions): Promise<readonly TermCount[]> {
    return this.#reader.terms(index, options)
  }

  log(options?: LogOptions): AsyncIterable<LogEntry> {
    return this.#log.entries(options)
  }

  members(options?: WaitOptions): AsyncIterable<readonly SyncMember[]> {
    return this.#log.members(options)
  }

  position(): Promise<LogCursor> {
    return this.#log.position()
  }

  async renewEpoch(): Promise<LogCursor> {
    this.#assertOpen()
    return this.#writer.update(state => {
      state.epoch = this.#newEpoch()
      return cursorOf(state)
    })
  }

  async noticeCursor(cursor: LogCursor): Promise<CursorNotice> {
    this.#assertOpen()
    checkCursor(cursor)
    return this.#writer.update(async state => {
      if (cursor.epoch !== toHex(state.epoch)) return 'stale'
      if (await this.#log.has(cursor, state)) return 'known'
      state.epoch = this.#newEpoch()
      return 'renewed'
    })
  }

  async stats(): Promise<StoreStats> {
    const { blocks, admitted, bytes, pruned, floor } = await this.#indexes.settled(() => readState(this.#storage))
    return { blocks, admitted, bytes, pruned, floor }
  }

  async *check(options?: WaitOptions): AsyncGenerator<StoreProgress> {
    checkWait(options)
    yield* checkWhole({ storage: this.#storage, indexes: this.#indexes, writer: this.#writer }, options)
  }

  async *repair(options?: WaitOptions): AsyncGenerator<StoreProgress> {
    this.#assertOpen()
    checkWait(options)
    yield* this.#writer.mender.repair(options)
  }

  async compact(options?: CompactionOptions): Promise<boolean> {
    this.#assertOpen()
    checkCompaction(options)
    return this.#writer.compact(options)
  }

  async needsCompaction(): Promise<boolean> {
    this.#assertOpen()
    return this.#writer.needsCompaction()
  }

  onChange(listener: (change: StoreChange) => void): () => void {
    checkListener(listener)
    return this.#events.on('change', listener)
  }

  /** Waits for the writes under way; a repair that was asked for ends. */
  close(): Promise<void> {
    this.#writer.mender.asked.abort()
    this.#closing ??= this.#indexes
      .end()
      .then(() => this.#writer.idle())
      .then(() => this.#storage.close())
      .finally(() => {
        this.#cache.clear()
        this.#events.clear()
      })
    return this.#closing
  }

  async #quarantine(ids: readonly string[]): Promise<void> {
    if (this.#closing !== undefined) return
    await this.#writer.quarantine(ids).catch((error: unknown) => {
      if (error instanceof CosmicError) this.#onDamage(error)
    })
  }

  #newEpoch(): Uint8Array {
    return this.#random.bytes(EPOCH_BYTES)
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new CosmicError({ code: 'closed', field: 'store' })
  }
}
