import { MAX_HITS } from '../search/index'
import { rank, type QueryVector, type SearchHit, type SearchOptions, type SearchReport } from './query'
import type { Running } from './running'

/** Looks this many times further when hits are hidden, such as those of a key that was revoked. */
const WIDENING = 4

/** The best `k` hits that may be shown; what is hidden makes room for what comes after it. */
export async function find(
  asked: QueryVector,
  options: SearchOptions,
  { engine, book, store, verdicts }: Running,
): Promise<{ hits: SearchHit[]; report: SearchReport }> {
  const { k: wanted = 10 } = options
  for (let k = wanted; ; k = Math.min(k * WIDENING, MAX_HITS)) {
    const { ranked, report } = await rank(asked, { ...options, k }, engine, book)
    const stored = await store.getMany(ranked.map(({ id }) => id))
    const explained = await Promise.all(ranked.map((entry, i) => verdicts.explain(entry, stored[i])))
    const hits = explained.filter(hit => hit !== undefined)
    if (hits.length >= wanted || ranked.length < k || k >= MAX_HITS) return { hits: hits.slice(0, wanted), report }
  }
}
