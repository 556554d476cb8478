import { attempt, CosmicError, Emitter, throwIfAborted } from '../base/index'
import { checkNumbers, matches } from './block-filter'
import type {
  BlockQuery,
  BlockStore,
  LogEntry,
  LogOptions,
  Page,
  PageQuery,
  PutOutcome,
  Rejudgement,
  StoreChange,
  StoreStats,
  StoredBlock,
  SyncMember,
  WaitOptions,
} from './block-store'
import type { KeyValueStorage } from './key-value-storage'
import { decodeLogEntry, entryId, logEnd, logKey, recordKey, sidePrefix, totalsKey } from './layout'
import { assertFormat } from './format'
import { type Plan, planQuery } from './plan'
import { prepareBatch } from './prepare-batch'
import { prepareJudgements } from './prepare-judgements'
import { GroupCommit } from './group-commit'
import { MAX_PAGE_LIMIT, PAGE_LIMIT, readCursor, writeCursor } from './page-cursor'
import { damaged, openRecord, restoreRecord } from './record'
import { SideStorage } from './side-storage'
import { decodeTotals, mendTotals } from './totals'

export interface BlockStoreOptions {
  /**
   * Told of what is damaged and was passed over, as `storage` with the field `blocks.<id>` (a record), `log.<seq>` (a log
   * entry) or `totals` (counted anew). Only `get` of exactly that block rejects.
   */
  readonly onDamage?: (error: CosmicError) => void
}

/** Records read at once by a query. */
const PAGE = 64

/**
 * Opens the block store of a storage, which it then owns: closing the store closes the storage. An empty storage is
 * claimed by writing the format; open it before other rooms write to it.
 *
 * Rejects with `storage` when the storage holds something else, or a format that this version does not know.
 *
 * @example
 * ```ts
 * const store = await openBlockStore(memoryStorage())
 * for await (const { block } of store.query({ tags: ['physics'], reverse: true, limit: 10 })) console.log(block.id)
 * ```
 */
export async function openBlockStore(storage: KeyValueStorage, options: BlockStoreOptions = {}): Promise<BlockStore> {
  await assertFormat(storage)
  if (await mendTotals(storage)) {
    options.onDamage?.(new CosmicError({ code: 'storage', field: 'totals', hint: 'they were counted anew' }))
  }
  return new KvBlockStore(storage, options)
}

/**
 * Invariants: (1) one write at a time reads totals and writes its batch, so seq has no gap and no block counts twice;
 * (2) a block's record, index entries, counts and log entry are one batch; (3) of a whole record nothing but the
 * judgement is ever rewritten.
 */
class KvBlockStore implements BlockStore {
  readonly #storage: KeyValueStorage
  readonly #options: BlockStoreOptions
  readonly #events = new Emitter<{ change: StoreChange }>()
  readonly #commits = new GroupCommit(blocks => this.#alone(() => this.#write(blocks)))
  #writing: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  readonly side: KeyValueStorage

  constructor(storage: KeyValueStorage, options: BlockStoreOptions) {
    this.#storage = storage
    this.side = new SideStorage(storage, sidePrefix())
    this.#options = options
  }

  async put(blocks: readonly StoredBlock[], { signal }: WaitOptions = {}): Promise<readonly PutOutcome[]> {
    if (this.#closing !== undefined) throw new CosmicError({ code: 'closed', field: 'store' })
    throwIfAborted(signal)
    return this.#commits.add(blocks)
  }

  async #write(blocks: readonly StoredBlock[]): Promise<readonly PutOutcome[]> {
    const { added, operations } = await prepareBatch(this.#storage, blocks)
    const fresh = new Set(added.map(({ block }) => block.id))
    if (added.length > 0) {
      await this.#storage.batch(operations)
      this.#events.emit('change', { added, judged: [], erased: [] })
    }
    return blocks.map(({ block }) => (fresh.delete(block.id) ? 'added' : 'known'))
  }

  judge(judgements: readonly Rejudgement[]): Promise<readonly string[]> {
    if (this.#closing !== undefined) return Promise.reject(new CosmicError({ code: 'closed', field: 'store' }))
    return this.#alone(async () => {
      const { judged, operations } = await prepareJudgements(this.#storage, judgements)
      if (judged.length === 0) return []
      await this.#storage.batch(operations)
      this.#events.emit('change', { added: [], judged, erased: [] })
      return judged.map(({ block }) => block.id)
    })
  }

  /** One writer after the other. */
  #alone<T>(write: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(write)
    this.#writing = done.catch(() => undefined)
    return done
  }

  async get(id: string): Promise<StoredBlock | undefined> {
    const [record] = await this.#records([id])
    return record && restoreRecord(id, openRecord(id, record))
  }

  async getMany(ids: readonly string[]): Promise<(StoredBlock | undefined)[]> {
    const records = await this.#records(ids)
    return ids.map((id, i) => {
      const record = records[i]
      return record && this.#passOver(() => restoreRecord(id, openRecord(id, record)))
    })
  }

  async has(ids: readonly string[]): Promise<boolean[]> {
    const records = await this.#records(ids)
    return ids.map((id, i) => {
      const record = records[i]
      return record !== undefined && attempt(() => openRecord(id, record)).ok
    })
  }

  async #records(ids: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    const keys = ids.map(recordKey)
    const found = await this.#storage.getMany(keys.filter(key => key !== undefined))
    let next = 0
    return keys.map(key => (key === undefined ? undefined : found[next++]))
  }

  /** Each page is read from one state; blocks stored meanwhile may or may not be met. */
  async *query(query: BlockQuery = {}): AsyncGenerator<StoredBlock> {
    const { since, until, limit, signal } = query
    checkNumbers({ since, until, limit })
    const plan = await planQuery(this.#storage, query)
    let left = limit ?? Infinity
    for await (const ids of this.#pages(plan, query)) {
      const records = await this.#records(ids)
      for (const [i, id] of ids.entries()) {
        if (left <= 0) return
        throwIfAborted(signal)
        const stored = this.#read(id, records[i], query)
        if (stored === undefined) continue
        left--
        yield stored
      }
      if (left <= 0) return
    }
  }

  async page(query: PageQuery = {}): Promise<Page<StoredBlock>> {
    const { reverse = false, limit = PAGE_LIMIT } = query
    const after = readCursor(query)
    const most = Math.min(limit, MAX_PAGE_LIMIT)
    const items: StoredBlock[] = []
    const bounds = after && (reverse ? { until: after.time + 1 } : { since: after.time })
    for await (const stored of this.query({ ...query, ...bounds, limit: Infinity })) {
      const { id, time } = stored.block
      if (after?.time === time && (reverse ? id >= after.id : id <= after.id)) continue
      if (items.length === most) return { items, ...(most > 0 && { cursor: writeCursor(query, items.at(-1)!.block) }) }
      items.push(stored)
    }
    return { items }
  }

  async pageIds(query: PageQuery = {}): Promise<Page<string>> {
    const { items, ...cursor } = await this.page(query)
    return { items: items.map(({ block }) => block.id), ...cursor }
  }

  async count(query: BlockQuery = {}): Promise<number> {
    let count = 0
    for await (const _ of this.query(query)) count++
    return count
  }

  async *members({ signal }: WaitOptions = {}): AsyncGenerator<readonly SyncMember[]> {
    let page: SyncMember[] = []
    for await (const { block } of this.query({ admittedOnly: false, ...(signal && { signal }) })) {
      const { id, time } = block
      const expires = block.opaque ? undefined : block.expires
      page.push({ id, time, ...(expires !== undefined && { expires }) })
      if (page.length < PAGE) continue
      yield page
      page = []
    }
    if (page.length > 0) yield page
  }

  async *#pages({ prefix, gte, lt }: Plan, { reverse = false, signal }: BlockQuery): AsyncGenerator<string[]> {
    let page: string[] = []
    for await (const [key] of this.#storage.range({ gte, lt, reverse, ...(signal && { signal }) })) {
      page.push(entryId(prefix, key))
      if (page.length < PAGE) continue
      yield page
      page = []
    }
    if (page.length > 0) yield page
  }

  #read(id: string, record: Uint8Array | undefined, query: BlockQuery): StoredBlock | undefined {
    return this.#passOver(() => {
      if (record === undefined) throw damaged(id)
      const opened = openRecord(id, record)
      if (query.admittedOnly !== false && !opened.admitted) return undefined
      const stored = restoreRecord(id, opened)
      return matches(stored.block, query) ? stored : undefined
    })
  }

  /** What is damaged is as good as absent to whoever reads more than that. */
  #passOver<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof CosmicError)) throw error
      this.#options.onDamage?.(error)
      return undefined
    }
  }

  async *log(options: LogOptions & { readonly after?: number } = {}): AsyncGenerator<LogEntry> {
    const { after = 0, limit = Infinity, signal } = options
    checkNumbers({ after, limit })
    const gte = logKey(Math.max(0, Math.floor(after)) + 1)
    let left = limit
    for await (const [key, value] of this.#storage.range({ gte, lt: logEnd(), ...(signal && { signal }) })) {
      if (left <= 0) return
      const entry = this.#passOver(() => decodeLogEntry(key, value))
      if (entry === undefined) continue
      left--
      yield entry
    }
  }

  async stats(): Promise<StoreStats> {
    const { blocks, admitted, bytes } = decodeTotals(await this.#storage.get(totalsKey()))
    return { blocks, admitted, bytes, pruned: 0, floor: 0 }
  }

  onChange(listener: (change: StoreChange) => void): () => void {
    return this.#events.on('change', listener)
  }

  /** Waits for the writes under way. */
  close(): Promise<void> {
    this.#closing ??= this.#commits
      .idle()
      .then(() => this.#writing)
      .then(() => this.#storage.close())
      .finally(() => this.#events.clear())
    return this.#closing
  }
}
