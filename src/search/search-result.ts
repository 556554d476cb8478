import type { Loading } from './saved/keeper'

export interface Hit {
  /** Block id. */
  readonly id: string
  /** By the metric of the query: cosine, dot product, or Euclidean distance negated. Higher is better. */
  readonly score: number
}

/** What a search found, with the distribution of all scores: a score says little without it. */
export interface SearchResult {
  /** Best first; equal scores by ascending id. */
  readonly hits: readonly Hit[]
  /** Vectors that passed the filters and could have been found. */
  readonly scanned: number
  /** Mean and standard deviation of their scores, in large sets those of a sample; 0 when there are none. */
  readonly mean: number
  readonly deviation: number
  /**
   * There where vectors are so alike that rounding hides which are the best, and to compare as many exactly as `recall` needs would take too
   * long: the share of the best that is to be expected among the hits, below the one asked for.
   */
  readonly expectedRecall?: number
  /** There while blocks are still loaded: only what is there was searched. */
  readonly loading?: Loading
}

/** Where there is nothing to score. */
export const NOTHING_FOUND: SearchResult = Object.freeze({ hits: [], scanned: 0, mean: 0, deviation: 0 })
