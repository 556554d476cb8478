import type { Bitmap } from './bitmap'

/** How vectors are compared: by angle, by dot product, or by distance (its score is the distance negated). */
export type Metric = 'cosine' | 'dot' | 'euclidean'

/** A vector as a direction and a length, and as it was given; without `numbers` it is `unit` times `norm`. */
export interface Direction {
  readonly unit: Float32Array
  readonly norm: number
  readonly numbers?: ArrayLike<number>
}

export interface ScanRequest {
  readonly query: Direction
  readonly metric: Metric
  readonly k: number
  /** Lowest score, inclusive. */
  readonly minScore: number
  /** Every row that is set. */
  readonly all: Bitmap
  /** Those of them to look at; all without it. */
  readonly rows?: Bitmap
  /**
   * Share of the true best that must be found, at most 1, which means all; and whether the caller will score the candidates
   * again by their exact vectors: then those come too whose order is in doubt.
   */
  readonly recall: number
  readonly refine: boolean
  /** Which of two rows comes first when their scores are equal. */
  readonly before: (a: number, b: number) => boolean
  readonly signal?: AbortSignal
  /** Lets other work of the thread go first; awaited between slices of the scan. */
  readonly pause?: () => Promise<void>
}

/** A row with its score, exact or nearly so. */
export interface Candidate {
  readonly row: number
  readonly score: number
  /** What it is off by at most, but for one in some hundreds; absent where it is exact. */
  readonly doubt?: number
}

/** What a scan found, with mean and standard deviation of the scores: of all that passed, or of a sample of them. */
export interface Found {
  /** At least the best `k`, in no order. */
  readonly candidates: Candidate[]
  readonly mean: number
  readonly deviation: number
}

/** The vectors of one length, by row number, and how they are compared. */
export interface VectorIndex {
  readonly dims: number
  /** Bytes of memory taken. */
  readonly byteLength: number
  set(row: number, vector: Direction): void
  unset(row: number): void
  /** Resolves when no work is left in the background. */
  settled?(): Promise<void>
  /** Rows set or unset while it runs may or may not be found. */
  scan(request: ScanRequest): Promise<Found>
}

/** The score that a metric gives to a cosine and the two lengths. */
export function scoreOf(metric: Metric, cosine: number, query: number, norm: number): number {
  if (metric === 'cosine') return cosine
  if (metric === 'dot') return cosine * query * norm
  return -Math.sqrt(Math.max(0, query * query + norm * norm - 2 * cosine * query * norm))
}
