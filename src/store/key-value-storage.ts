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

/** The same of `BlockStore.side`. */
export const MAX_SIDE_KEY_BYTES = 1000

/**
 * Ordered byte keys (unsigned lexicographic), atomic durable batches, range scans both ways.
 * Every method rejects with `CosmicError`: `closed` after `close`, `storage` when the engine fails, `limit` for an empty
 * key or a key or bound over `MAX_KEY_BYTES`, `bad-type` and `bad-value` for what is no such call (the
 * checks of check-storage-call.ts see to that in every adapter), `aborted` when the call's signal fires.
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
