import { checkNames, CosmicError, fields, isObject, refuse, throwIfAborted } from '../base/index'
import type { SearchFilter } from './search-filter'
import type { Metric } from './vector-index'

/** Most hits that one search answers. */
export const MAX_HITS = 10_000

/**
 * How sure a search is. `exact` finds what comparing every vector would find; `auto` the share `recall` of it, on average; `fast`
 * about nine tenths. Sets of fewer than 1,024 vectors are always searched exactly.
 */
export type SearchMode = 'exact' | 'auto' | 'fast'

export interface SearchQuery {
  /** As the model made it; by cosine its length is of no account. */
  readonly vector: ArrayLike<number>
  /** The model that made it: only its blocks are comparable. */
  readonly model: string
  /** How many hits, 1 … 10,000 (default 10). */
  readonly k?: number
  readonly where?: SearchFilter
  /** Lowest score of a hit, inclusive. */
  readonly minScore?: number
  /** Default `cosine`. */
  readonly metric?: Metric
  /** Default `auto`. */
  readonly mode?: SearchMode
  /**
   * For `auto`: the share of the true best to be found, 0.5 … 1 (default 0.95). Above 0.97, in `exact`, and where exact vectors
   * are kept in memory, hits are ranked and scored by these; else, in large sets, by bytes, whose cosines are right to about 0.001.
   */
  readonly recall?: number
  readonly signal?: AbortSignal
}

const NAMES = ['vector', 'model', 'k', 'where', 'minScore', 'metric', 'mode', 'recall', 'signal']
const METRICS: readonly unknown[] = ['cosine', 'dot', 'euclidean']
const MODES: readonly unknown[] = ['exact', 'auto', 'fast']
const DEFAULT_RECALL = 0.95
const FAST_RECALL = 0.9

/** The share of the true best that a query asks for. */
export function recallOf({ mode = 'auto', recall = DEFAULT_RECALL }: Pick<SearchQuery, 'mode' | 'recall'>): number {
  return mode === 'exact' ? 1 : mode === 'fast' ? FAST_RECALL : recall
}

/** As `checkSearch`; also refuses what names no model. */
export function checkQuery(query: SearchQuery): void {
  checkSearch(query)
  if (!Number.isInteger(query.vector.length)) refuse('bad-type', 'vector', 'a list of numbers')
  if (typeof query.model !== 'string') refuse('bad-type', 'model', 'the model that made the vector')
}

/**
 * Refuses what cannot be searched for, whatever there is to search: `aborted`, `limit` for `k`, `non-finite` for numbers
 * that are none, `bad-type`, `unknown-field`, `bad-value` for an unknown metric or mode, or for a `recall` beside a mode that
 * does not ask for it, `out-of-range` for `recall`.
 */
export function checkSearch(query: Omit<SearchQuery, 'model'>): void {
  checkNames(fields(query, 'query'), NAMES)
  if (!isObject(query.vector)) refuse('bad-type', 'vector', 'a list of numbers')
  if (query.where !== undefined) fields(query.where, 'where')
  const { vector, k = 10, minScore = 0, metric = 'cosine', mode = 'auto', recall = 1, signal } = query
  const isAsked = mode === 'auto' || query.recall === undefined
  throwIfAborted(signal)
  if (!Number.isInteger(k) || k < 1 || k > MAX_HITS) {
    throw new CosmicError({ code: 'limit', field: 'k', limit: MAX_HITS, hint: 'k is a whole number from 1 to 10,000' })
  }
  if (!Number.isFinite(minScore)) throw new CosmicError({ code: 'non-finite', field: 'minScore' })
  if (!METRICS.includes(metric)) {
    throw new CosmicError({ code: 'bad-value', field: 'metric', hint: METRICS.join(', ') })
  }
  if (!MODES.includes(mode)) throw new CosmicError({ code: 'bad-value', field: 'mode', hint: MODES.join(', ') })
  if (!(recall >= 0.5 && recall <= 1)) {
    throw new CosmicError({ code: 'out-of-range', field: 'recall', hint: 'a share from 0.5 to 1' })
  }
  if (!isAsked)
    throw new CosmicError({ code: 'bad-value', field: 'recall', hint: `mode ${mode} has a recall of its own` })
  for (let i = 0; i < vector.length; i++) {
    if (!Number.isFinite(vector[i])) throw new CosmicError({ code: 'non-finite', field: 'vector', offset: i })
  }
}
