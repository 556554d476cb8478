import { CosmicError } from '../base/index'

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

/** Longest key that every adapter takes, in bytes. Longer ones, and the empty key, are refused as `limit`. */
export const MAX_KEY_BYTES = 1024

/**
 * Ordered byte keys (unsigned lexicographic), atomic durable batches, range scans both ways.
 * Every method rejects with `CosmicError`: `closed` after `close`, `storage` when the engine fails, `limit` for an empty
 * key or one over `MAX_KEY_BYTES`, `aborted` when the range's signal fires.
 * A batch that rejects has changed nothing; one that resolved survives a crash of the process (in-memory adapters excepted).
 * Values handed out are plain `Uint8Array`s and the caller's: changing them changes nothing in the store.
 */
export interface KeyValueStorage {
  get(key: Uint8Array): Promise<Uint8Array | undefined>
  /** All values read from one state, in the order of `keys`. */
  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>
  /** Operations apply in order: the last one on a key decides. */
  batch(operations: readonly BatchOperation[]): Promise<void>
  /** Keys that no concurrent batch touches are seen exactly once, in order; whether others are seen is the adapter's. */
  range(options?: RangeOptions): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]>
  close(): Promise<void>
}

/** The check of keys that every adapter makes before it touches its engine. */
export function checkKey(key: Uint8Array): void {
  if (key.length > 0 && key.length <= MAX_KEY_BYTES) return
  throw new CosmicError({ code: 'limit', field: 'key', limit: MAX_KEY_BYTES, hint: 'a key has 1 to 1024 bytes' })
}
