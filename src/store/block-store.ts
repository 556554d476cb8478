import type { ErrorCode } from '../base/index'
import type { VerifiedBlock } from '../block/index'

/** A verified block with this node's judgement of it. Unadmitted blocks are stored and synced, but neither searched nor read by default. */
export interface StoredBlock {
  readonly block: VerifiedBlock
  readonly admitted: boolean
  /** Why it is not admitted. */
  readonly code?: ErrorCode
}

/** All given conditions must hold; `tags` means every one of them. Times are milliseconds, `since` inclusive, `until` exclusive. */
export interface BlockQuery {
  readonly kind?: string
  readonly author?: string
  readonly model?: string
  readonly tags?: readonly string[]
  /** Blocks about the block of this id: its witnesses, inclusions, time proofs, keywraps and retractions. */
  readonly about?: string
  readonly since?: number
  readonly until?: number
  /** Default true: only admitted blocks. */
  readonly admittedOnly?: boolean
  /** Newest first. */
  readonly reverse?: boolean
  readonly limit?: number
  readonly signal?: AbortSignal
}

/** One line of the arrival log: what was stored, in the order of storing. */
export interface LogEntry {
  readonly seq: number
  readonly id: string
  readonly time: number
}

export interface StoreStats {
  readonly blocks: number
  readonly admitted: number
  /** Sum of the envelopes' sizes in bytes. */
  readonly bytes: number
}

/** What changed in one committed batch. */
export interface StoreChange {
  /** The blocks that `put` answered the ids of. */
  readonly added: readonly StoredBlock[]
  /** The blocks whose judgement `judge` changed, as they are judged now. */
  readonly judged: readonly StoredBlock[]
}

/** A new judgement of a block that is held. */
export type Rejudgement = Omit<StoredBlock, 'block'> & { readonly id: string }

/**
 * Where verified blocks live. `ingest/` is its only writer. Duplicates (same id) are ignored: the first stored stays.
 * Ids are CID strings. Rejects with `CosmicError` `closed`, `storage`, `bad-value`.
 *
 * A block whose record is damaged is not held: lists pass it over, `has` is false, and a `put` of it mends the record
 * without a second log entry. Only `get` of exactly that block rejects, with `storage` and the field `blocks.<id>`.
 */
export interface BlockStore {
  /** One atomic durable batch, which puts that wait at the same time may share. Answers those of these ids that were not held. */
  put(blocks: readonly StoredBlock[]): Promise<readonly string[]>
  /**
   * Changes how held blocks are judged, in one atomic durable batch; the last one of an id decides. Answers the ids whose
   * judgement is another one now: what is not held, or is judged so already, is passed over.
   */
  judge(judgements: readonly Rejudgement[]): Promise<readonly string[]>
  get(id: string): Promise<StoredBlock | undefined>
  /** In the order of `ids`; `undefined` for what is not held. */
  getMany(ids: readonly string[]): Promise<(StoredBlock | undefined)[]>
  has(ids: readonly string[]): Promise<boolean[]>
  /** In order of (time, id). */
  query(query?: BlockQuery): AsyncIterable<StoredBlock>
  /** Entries with `seq` greater than `after` (default 0: all). A damaged one is passed over, so that `seq` may have gaps. */
  log(options?: { after?: number; limit?: number; signal?: AbortSignal }): AsyncIterable<LogEntry>
  /** Damaged records count until they are put again, and no longer twice then. */
  stats(): Promise<StoreStats>
  /** Called after each batch that added or judged something; the returned function stops it. */
  onChange(listener: (change: StoreChange) => void): () => void
  close(): Promise<void>
}
