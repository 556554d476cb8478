import type { ErrorCode } from '../base/index'
import type { VerifiedBlock } from '../block/index'
import type { CompactionOptions, KeyValueStorage } from './key-value-storage'

/** A verified block with this node's judgement of it. Unadmitted blocks are stored and synced, but neither searched nor read by default. */
export interface StoredBlock {
  readonly block: VerifiedBlock
  readonly admitted: boolean
  /** Why it is not admitted. */
  readonly code?: ErrorCode
}

/** A block to be put. */
export interface PutBlock extends StoredBlock {
  /** Default false: kept though dated before the declared floor, for this node alone. */
  readonly pinned?: boolean
}

/**
 * What became of a block that was put: `added` (it was not held whole, and is now); `known`; `retracted` (its author's
 * retraction is held); `pruned` (only its id is kept, as a stub); `below-floor` (dated before the declared floor, and neither
 * pinned nor a retraction);
 * `quota` (an early retraction for which there is no room now: back-pressure, it may come again).
 */
export type PutOutcome = 'added' | 'known' | 'retracted' | 'pruned' | 'below-floor' | 'quota'

/** All given conditions must hold; `tags` means every one of them. Times are milliseconds, `since` inclusive, `until` exclusive. */
export interface BlockQuery {
  readonly kind?: string
  readonly author?: string
  readonly model?: string
  readonly tags?: readonly string[]
  /** Blocks about the block of this id: its witnesses, inclusions, time proofs, keywraps and retractions. */
  readonly about?: string
  /** Blocks with a link to this id. */
  readonly linksTo?: string
  /** Only together with `linksTo`: the link's relation. */
  readonly relation?: string
  /** Blocks that name this id in `supersedes`. */
  readonly supersedes?: string
  readonly since?: number
  readonly until?: number
  /** Default true: only admitted blocks. */
  readonly admittedOnly?: boolean
  /** Newest first. */
  readonly reverse?: boolean
  readonly limit?: number
  readonly signal?: AbortSignal
}

/** A query read in pages; `limit` is the page's (default 100, at most 1,000). */
export interface PageQuery extends BlockQuery {
  /** Where the page before ended: its `cursor`, bound to this store and this query. */
  readonly cursor?: string
}

/** Some items of a list; without `cursor` the list has ended. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly cursor?: string
}

/** A place in the arrival log. `chain` covers the ids up to `seq`, so that a log that was restored or cloned is noticed. */
export interface LogCursor {
  /** Of this store's log since it was made, restored or cloned: 32 hex digits. */
  readonly epoch: string
  readonly seq: number
  /** Over all ids up to `seq`, 32 hex digits: of each the first 16 bytes of SHA-256(chain before it, digest of the id), from zeros. */
  readonly chain: string
}

/** What `noticeCursor` makes of a cursor. */
export type CursorNotice = 'known' | 'stale' | 'renewed'

/** One line of the arrival log: what was stored, in the order of storing, and what is left of it. */
export interface LogEntry {
  readonly seq: number
  readonly id: string
  readonly time: number
  /** `held` whole, `pruned` to a stub, `erased` (retracted, expired, below the floor), or `lost` (damaged, until it comes again). */
  readonly state: 'held' | 'pruned' | 'erased' | 'lost'
}

export interface StoreStats {
  /** Held whole. */
  readonly blocks: number
  readonly admitted: number
  /** Sum of the envelopes' sizes in bytes. */
  readonly bytes: number
  /** Stubs: ids that are kept without their blocks. */
  readonly pruned: number
  /** The declared floor in milliseconds: nothing dated before it is stored or synced. */
  readonly floor: number
}

/** How many blocks, admitted or not, have a term, and their envelopes' bytes. */
export interface TermCount {
  readonly term: string
  readonly blocks: number
  readonly bytes: number
}

/** The indexes whose terms can be listed. */
export type CountedIndex = 'author' | 'kind' | 'model' | 'tag'

/**
 * Why blocks are erased. Their authors' retractions erase them by being stored; `withdrawn` says that another key of the
 * author's identity retracted them.
 */
export type EraseReason = 'expired' | 'pruned' | 'below-floor' | 'withdrawn'

/** A block that is no longer held, and why. */
export interface ErasedBlock {
  readonly id: string
  readonly time: number
  readonly kind: string
  readonly author: string
  readonly reason: EraseReason | 'retracted'
}

/** What changed in one committed batch. */
export interface StoreChange {
  /** The blocks that `put` answered `added` for. */
  readonly added: readonly StoredBlock[]
  /** The blocks whose judgement `judge` changed, as they are judged now. */
  readonly judged: readonly StoredBlock[]
  /** The blocks that are no longer held. */
  readonly erased: readonly ErasedBlock[]
  /** Blocks whose records turned out to be damaged, and that therefore left the reconciled set until they come again. */
  readonly lost?: readonly SyncMember[]
}

/** A new judgement of a block that is held. */
export type Rejudgement = Omit<StoredBlock, 'block'> & { readonly id: string }

/** One of the reconciled set. */
export interface SyncMember {
  readonly id: string
  readonly time: number
  /** When it leaves the set by itself, in milliseconds. */
  readonly expires?: number
}

export interface LogOptions {
  /** Entries after this place: a `seq` (default 0: all), or a cursor, refused as `stale-cursor` when it is not this log's. */
  readonly after?: number | LogCursor
  readonly limit?: number
  readonly signal?: AbortSignal
}

export interface WaitOptions {
  readonly signal?: AbortSignal
}

export interface TermsOptions {
  /** Terms after this one. */
  readonly after?: string
  readonly limit?: number
}

/**
 * Where verified blocks live. `ingest/` is its only writer. Calls that write (`put`, `judge`, `erase`, `dropBelow`,
 * `raiseFloor`, epochs) are done in the order in which they are made, whether or not they are awaited; a reading shows at
 * least what was stored when it was called. Blocks that are given out may be shared: writing into their bytes changes
 * nothing that the store answers later. Duplicates (same id) are ignored: the first stored stays.
 * Ids are CID strings. Lists are in order of (time, digest), the digest being the 32 bytes that the id names: the order of
 * the reconciled set. Rejects with `CosmicError` `closed`, `storage`, `bad-value`, `unknown-field`, `limit`, `aborted`.
 *
 * A block whose record is damaged is not held: lists pass it over, `has` is false, and a `put` of it mends the record
 * without a second log entry. Once that was noticed it is `lost`, and out of the reconciled set. Only `get` of exactly that block rejects, with `storage` and the field `blocks.<id>`.
 */
export interface BlockStore {
  /** One atomic durable batch, which puts that wait at the same time may share. Answers what became of each, in the order given. Bytes that do not come from the funnel are copied and hashed again; their signature is not checked again. */
  put(blocks: readonly PutBlock[], options?: WaitOptions): Promise<readonly PutOutcome[]>
  /**
   * Changes how held blocks are judged, in one atomic durable batch; the last one of an id decides. Answers the ids whose
   * judgement is another one now: what is not held, or is judged so already, is passed over.
   */
  judge(judgements: readonly Rejudgement[]): Promise<readonly string[]>
  get(id: string): Promise<StoredBlock | undefined>
  /** In the order of `ids`; `undefined` for what is not held. */
  getMany(ids: readonly string[]): Promise<(StoredBlock | undefined)[]>
  /** The same as `bytes` alone, for those who only hand them on: nothing is decoded. Without it, `getMany` serves. */
  envelopes?(ids: readonly string[]): Promise<(Uint8Array | undefined)[]>
  has(ids: readonly string[]): Promise<boolean[]>
  query(query?: BlockQuery): AsyncIterable<StoredBlock>
  /** A page of a query. A cursor of another store or another query is refused as `bad-cursor`. */
  page(query?: PageQuery): Promise<Page<StoredBlock>>
  /** The same as ids, without reading a block. */
  pageIds(query?: PageQuery): Promise<Page<string>>
  /** The same with their times, where the engine can tell them without reading a block. */
  pageMembers?(query?: PageQuery): Promise<Page<SyncMember>>
  /** How many blocks a query finds. Of one term or none, and without bounds of time, nothing is walked for it. */
  count(query?: BlockQuery): Promise<number>
  /** In order of the terms' bytes, admitted or not. */
  terms(index: CountedIndex, options?: TermsOptions): Promise<readonly TermCount[]>
  /** A damaged entry is passed over, so that `seq` may have gaps. */
  log(options?: LogOptions): AsyncIterable<LogEntry>
  /** The end of the log. */
  position(): Promise<LogCursor>
  /** Begins a new epoch of the log, once it was noticed that the store was restored from a backup or cloned. */
  renewEpoch(): Promise<LogCursor>
  /**
   * Is told of a cursor that this store once gave out and that came back, such as from a peer. `known`: it is of this log;
   * `stale`: of an earlier epoch, or no cursor of this store; `renewed`: it is of this epoch, yet of a place that the log does not
   * have, or had other ids: the store was restored from a backup or is a clone, and a new epoch has begun, once for all
   * who notice at the same time. Whoever knows an epoch can make such a cursor up: be sure that this store made it.
   */
  noticeCursor(cursor: LogCursor): Promise<CursorNotice>
  /** The reconciled set without the clock: what is held and what is pruned to a stub, in pages. */
  members(options?: WaitOptions): AsyncIterable<readonly SyncMember[]>
  /**
   * Erases in one batch what is held of these ids: `pruned` and `withdrawn` leave a stub, `expired` and `below-floor` nothing
   * but the log entry. Answers the ids of those that changed. Retractions stay, whatever is asked.
   */
  erase(ids: readonly string[], reason: EraseReason): Promise<readonly string[]>
  /** Declares the floor in milliseconds; erases nothing by itself, and never lowers it. */
  raiseFloor(time: number): Promise<void>
  /** Erases up to `limit` blocks and stubs, or only stubs, dated before `floor`, the oldest first; answers how many. */
  dropBelow(floor: number, limit: number, only?: 'stubs'): Promise<number>
  /** Damaged records count until they are put again, and no longer twice then. */
  stats(): Promise<StoreStats>
  /** Small byte keys (at most 1,000 bytes) that other rooms keep beside the blocks, as durable as they; its `close` does nothing. */
  readonly side: KeyValueStorage
  /** Compares everything with what the records say, and tells each difference as a `finding`. */
  check?(options?: WaitOptions): AsyncIterable<StoreProgress>
  /**
   * Makes indexes, counts and log anew from the records, under a new epoch; what is damaged is set aside as `lost`. It
   * works on whether or not its progress is read, until `signal` fires, its reader stops with `break`, or the store is closed. Lists
   * and writes wait for it. Stopped before its end it is begun again with the next of these, or when the store is opened.
   */
  repair?(options?: WaitOptions): AsyncIterable<StoreProgress>
  /** Brings erased bytes out of the files, as far as the engine can, as `KeyValueStorage.compact` does. True: nothing is left to do. */
  compact?(options?: CompactionOptions): Promise<boolean>
  /** Whether something was erased since `compact` last answered that nothing is left; false where there is nothing to tidy. */
  needsCompaction?(): Promise<boolean>
  /** Called after each batch that changed something; the returned function stops it. */
  onChange(listener: (change: StoreChange) => void): () => void
  close(): Promise<void>
}

/** Progress of a check or a repair, and what it found damaged. */
export interface StoreProgress {
  /** What is looked at: `records`, `log`, `indexes` or `counts`. */
  readonly stage: 'records' | 'log' | 'indexes' | 'counts'
  readonly done: number
  readonly total: number
  /** What is damaged here, as `onDamage` tells it; `records.<seq>`, or `records` alone, is one that stands where it does not belong. */
  readonly finding?: { readonly field: string; readonly hint: string }
}
