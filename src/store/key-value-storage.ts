export type BatchOperation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'delete'; readonly key: Uint8Array }

export interface RangeOptions {
  /** Lowest key, inclusive. */
  readonly gte?: Uint8Array
  /** Highest key, exclusive. */
  readonly lt?: Uint8Array
  readonly reverse?: boolean
  readonly limit?: number
  readonly signal?: AbortSignal
}

/** Longest key that every adapter takes, in bytes. Longer ones are refused as `limit`. */
export const MAX_KEY_BYTES = 1024

/**
 * Ordered byte keys (unsigned lexicographic), atomic durable batches, range scans both ways.
 * Every method rejects with `CosmicError`: `closed` after `close`, `storage` when the engine fails, `limit` for a key over `MAX_KEY_BYTES`.
 * A batch that rejects has changed nothing; one that resolved survives a crash of the process (in-memory adapters excepted).
 * Values handed out are the caller's: changing them changes nothing in the store.
 */
export interface KeyValueStorage {
  get(key: Uint8Array): Promise<Uint8Array | undefined>
  /** All values read from one state, in the order of `keys`. */
  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>
  batch(operations: readonly BatchOperation[]): Promise<void>
  range(options?: RangeOptions): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]>
  close(): Promise<void>
}
