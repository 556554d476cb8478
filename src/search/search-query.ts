import { CosmicError, throwIfAborted } from '../base/index'
import type { SearchFilter } from './postings'

/** Most hits that one search answers. */
export const MAX_HITS = 10_000

export interface SearchQuery {
  /** As the model made it; its length is of no account. */
  readonly vector: ArrayLike<number>
  /** The model that made it: only its blocks are comparable. */
  readonly model: string
  /** How many hits, 1 … 10,000 (default 10). */
  readonly k?: number
  readonly where?: SearchFilter
  /** Lowest cosine of a hit, inclusive. */
  readonly minScore?: number
  readonly signal?: AbortSignal
}

/**
 * Refuses what cannot be searched for, whatever there is to search: `aborted`, `limit` for `k`, `non-finite` for numbers
 * that are none.
 */
export function checkSearch({ vector, k = 10, minScore = -1, signal }: Omit<SearchQuery, 'model'>): void {
  throwIfAborted(signal)
  if (!Number.isInteger(k) || k < 1 || k > MAX_HITS) {
    throw new CosmicError({ code: 'limit', field: 'k', limit: MAX_HITS, hint: 'k is a whole number from 1 to 10,000' })
  }
  if (!Number.isFinite(minScore)) throw new CosmicError({ code: 'non-finite', field: 'minScore' })
  for (let i = 0; i < vector.length; i++) {
    if (!Number.isFinite(vector[i])) throw new CosmicError({ code: 'non-finite', field: 'vector', offset: i })
  }
}
