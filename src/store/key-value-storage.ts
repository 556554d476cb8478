import { CosmicError } from '../base/index'

export type BatchOperation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'delete'; readonly key: Uint8Array }

export interface CallOptions {
  readonly signal?: AbortSignal
}

export interface RangeOptions extends CallOptions {
  /** Lowest key, inclusive. */
  readonly gte?: Uint8Array
  /** Highest key, exclusive. */
  readonly lt?: Uint8Array
  readonly reverse?: boolean
  readonly limit?: number
}

export interface CompactionOptions extends CallOptions {
  /** Milliseconds after which the call answers, done or not; it moves on a little even with 0. Default: until it is done. */
  readonly budgetMs?: number
  /** In entries; `total` is how many there were when it began. */
  readonly onProgress?: (done: number, total: number) => void
}

/** Longest key that every adapter takes, in bytes. Longer ones, and the empty key, are refused as `limit`. */
export const MAX_KEY_BYTES = 1024

/**
 * Ordered byte keys (unsigned lexicographic), atomic durable batches, range scans both ways.
 * Every method rejects with `CosmicError`: `closed` after `close`, `storage` when the engine fails, `limit` for an empty
 * key or one over `MAX_KEY_BYTES`, `aborted` when the call's signal fires.
 * A batch that rejects has changed nothing; one that resolved survives a crash of the process (in-memory adapters excepted).
 * Values handed out are plain `Uint8Array`s and the caller's: changing them changes nothing in the store.
 * What each adapter promises beyond that stands in docs/storage.md.
 */
export interface KeyValueStorage {
  get(key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined>
  /** All values read from one state, in the order of `keys`. */
  getMany(keys: readonly Uint8Array[], options?: CallOptions): Promise<(Uint8Array | undefined)[]>
  /** Operations apply in order: the last one on a key decides. A signal that fires too late to stop the batch changes nothing. */
  batch(operations: readonly BatchOperation[], options?: CallOptions): Promise<void>
  /**
   * Read in pages, each from one state. Keys that no concurrent batch touches are seen exactly once, in order; others are
   * seen as they were at the first step where the adapter says so (memory, LMDB), else as some page found them.
   */
  range(options?: RangeOptions): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]>
  /**
   * Where the engine keeps bytes of deleted entries: frees their space and clears their bytes, beside other calls. `true`:
   * nothing that was deleted before this call is left in the engine's files; `false`: the budget was spent, call again. A
   * value that was replaced counts as deleted when its batch deletes the key before it puts the new one. Stopped by its
   * signal, a failure or a crash it has lost nothing. Absent where an engine has nothing to tidy.
   */
  compact?(options?: CompactionOptions): Promise<boolean>
  /** Finishes the calls under way. Ranges under way end with `closed`. */
  close(): Promise<void>
}

/** The check of keys that every adapter makes before it touches its engine. */
export function checkKey(key: Uint8Array): void {
  if (key.length > 0 && key.length <= MAX_KEY_BYTES) return
  throw new CosmicError({ code: 'limit', field: 'key', limit: MAX_KEY_BYTES, hint: 'a key has 1 to 1024 bytes' })
}
