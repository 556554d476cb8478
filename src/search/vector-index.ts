import type { Bitmap } from './bitmap'

export interface ScanOptions {
  readonly k: number
  /** Lowest cosine of a hit, inclusive. */
  readonly minScore?: number
  /** The rows to look at; all without it. */
  readonly rows?: Bitmap
  /** Rows that have expired by then, in milliseconds, are left out (default: none). */
  readonly now?: number
  readonly signal?: AbortSignal
  /** Lets other work of the thread go first; awaited between slices of the scan. */
  readonly pause?: () => Promise<void>
}

export interface Hit {
  /** Block id. */
  readonly id: string
  /** Cosine, −1 … 1. */
  readonly score: number
}

/** What a scan found, with the distribution of all cosines it looked at: a score says little without it. */
export interface SearchResult {
  /** Best first; equal scores by ascending id. */
  readonly hits: readonly Hit[]
  /** Vectors scored, after the filters. */
  readonly scanned: number
  /** Mean and standard deviation of the cosines scored; 0 when none was. */
  readonly mean: number
  readonly deviation: number
}

/** Where there is nothing to score. */
export const NOTHING_FOUND: SearchResult = Object.freeze({ hits: [], scanned: 0, mean: 0, deviation: 0 })

/** The vectors of one (model, dims) and how they are compared. Rows are numbered from 0 in the order of adding. */
export interface VectorIndex {
  readonly dims: number
  readonly size: number
  /**
   * Takes a unit vector of `dims` numbers and when it expires, in milliseconds (default: never); answers its row. Safe
   * while a scan runs, which does not see it.
   */
  add(id: string, unit: Float32Array, expires?: number): number
  /** Changes when a row expires; `-Infinity` takes it out of every scan that begins from then on. */
  expire(row: number, expires: number): void
  /** The exact best `k` by cosine with a unit vector. */
  scan(unit: Float32Array, options: ScanOptions): Promise<SearchResult>
}
