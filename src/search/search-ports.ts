import type { Clock, Timers } from '../base/index'
import type { Predicate } from './entry'
import type { SearchWorker } from './worker/search-worker'

export interface SearchOptions extends SearchPorts {
  /** Gives up the loading. */
  readonly signal?: AbortSignal
}

/** What an engine needs of its surroundings. */
export interface SearchPorts {
  /**
   * Awaited between slices of long work (about ten milliseconds each), so that other work of the thread goes first;
   * `() => new Promise(resolve => timers.set(resolve, 0))` will do. Without it a scan runs to its end at once. Where it rejects the
   * work goes on without it, and `onError` is told the first time (`bad-value`).
   */
  readonly pause?: () => Promise<void>
  /** Tells which blocks have expired: they are not scored. Without it none ever does. */
  readonly clock?: Clock
  /** With it what changed is saved some seconds later; without it on `save` and `close`. */
  readonly timers?: Timers
  /**
   * The compiled `cosmic-embeddings/search.wasm`, for runtimes that forbid compiling bytes. Without it the fastest kernels that
   * run here are compiled when a set of vectors first grows large.
   */
  readonly module?: WebAssembly.Module
  /**
   * Where the exact vectors of large sets are: `store` (the default of an engine that follows one) reads them from their blocks
   * when a search needs them, `memory` keeps them, which takes four bytes a number more and is faster.
   */
  readonly vectors?: 'store' | 'memory'
  /** Conditions by name, asked of each block once, when it comes; searches name them in `where.predicates`. */
  readonly predicates?: Readonly<Record<string, Predicate>>
  /**
   * To be changed together with `predicates`: with it their answers are saved; without it an engine that has predicates reads
   * every block when it opens.
   */
  readonly predicatesVersion?: string
  /** Sets of so many vectors are sorted into clusters in the background (default 16,384); of smaller ones every code is scanned. */
  readonly clustersFrom?: number
  /** Whether the index is saved beside the blocks, once it has some thousands (default true). */
  readonly persist?: boolean
  /** Blocks from which on it is saved (default 4,096): fewer are as quickly read again. */
  readonly saveFrom?: number
  /**
   * Starts a worker that runs `cosmic-embeddings/worker`, in which the index then lives. When it dies, calls under way reject with
   * `worker` and another is started; after the third death the index lives on the calling thread.
   *
   * @example
   * ```ts
   * const worker = () => new Worker(new URL('cosmic-embeddings/worker', import.meta.url), { type: 'module' })
   * ```
   */
  readonly worker?: () => SearchWorker
  /**
   * Memory for the index in bytes, about: blocks beyond it are stored as ever but left out of search, which `omitted` counts and
   * the first `limit` error tells. Places that become free are used again.
   */
  readonly maxBytes?: number
  /** Told when work in the background fails, such as making codes of a large set, which then stays as it is. What it throws is dropped. */
  readonly onError?: (error: unknown) => void
}
