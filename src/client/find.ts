import { unlessAborted } from '../base/index'
import type { Currency } from './currency'
import { exactly, inOrder } from './exact-hits'
import { MAX_HITS } from '../search/index'
import { rankAny, type SearchHit, type SearchOptions, type SearchReport } from './query'
import type { QueryVector } from './query-vector'
import type { Running } from './running'
import { checkShape, ranksFor, shapeHits, suffices } from './shape-hits'

/** Looks this many times further when hits are hidden, such as those of a key that was revoked. */
const WIDENING = 4
/** Lists are fused to this depth at least: what both know must not be cut off in one of them, however few hits are wanted. */
const FUSED_DEPTH = 100

/** The best `k` hits that may be shown; what is hidden or passed over makes room for what comes after it. */
export async function find(
  asked: readonly QueryVector[],
  options: SearchOptions,
  running: Running,
): Promise<{ hits: SearchHit[]; report: SearchReport }> {
  const { k: wanted = 10, minScore = -Infinity, where: { grades = [], ...where } = {} } = options
  const { engine, book, store, verdicts, currency } = running
  checkShape(options, wanted)
  const { signal } = options
  // Whoever gives up does not wait; the words are made for those who come after.
  const hybrid = options.hybrid === true ? await unlessAborted(running.hybrid(), signal) : undefined
  hybrid?.check(asked)
  for (let k = depthOf(ranksFor(options, wanted), hybrid !== undefined); ; k = Math.min(k * WIDENING, MAX_HITS)) {
    const { ranked: near, report } = await rankAny(asked, { ...options, where, k }, engine, book)
    const ranked = hybrid
      ? await hybrid.fuse(near, asked, { where, k, metric: options.metric, minScore: options.minScore })
      : near
    const stored = await store.getMany(ranked.map(({ id }) => id))
    const explained = await Promise.all(
      ranked.map((entry, i) => verdicts.explain(exactly(entry, stored[i]), stored[i])),
    )
    const shown = explained.filter(
      hit => hit !== undefined && hit.score >= minScore && grades.every(grade => hit.verdict.grades[grade]),
    ) as SearchHit[]
    const found = options.versions === 'all' ? shown : await current(shown, currency, options.signal)
    if (suffices(found, options, wanted) || ranked.length < k || k >= MAX_HITS) {
      const hits = shapeHits(found, options, wanted)
      return { hits: hybrid || options.diversity ? hits : inOrder(hits), report }
    }
  }
}

/** How far to look at first. What is no number of hits stays what it is, and is refused as that. */
function depthOf(ranks: number, isFused: boolean): number {
  return isFused && Number.isInteger(ranks) && ranks > 0 ? Math.max(ranks, FUSED_DEPTH) : ranks
}

/** The hits that no later version replaced. */
async function current(hits: readonly SearchHit[], currency: Currency, signal?: AbortSignal): Promise<SearchHit[]> {
  const superseded = await currency.superseded(
    hits.map(({ block }) => block),
    signal,
  )
  return hits.filter((_, i) => !superseded[i])
}
