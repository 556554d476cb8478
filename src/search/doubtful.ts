import type { Candidate } from './vector-index'

/** Deviations of its error that a candidate's `doubt` is. */
const DEVIATIONS = 3

/**
 * Candidates whose exact scores decide which `k` are the best: none where the errors of the scores as they are cost, as far as can
 * be expected, less than what a search of this `recall` may miss. The gaps between neighbours tell: where all vectors
 * point nearly the same way, these are smaller than the errors.
 */
export function doubtfulOf(candidates: readonly Candidate[], k: number, recall: number): Candidate[] {
  if (candidates.length <= k) return []
  const sorted = candidates.toSorted((a, b) => b.score - a.score)
  const edge = (sorted[k - 1]!.score + sorted[k]!.score) / 2
  const lost = sorted.slice(0, k).reduce((sum, { score, doubt = 0 }) => sum + misplaced(score - edge, doubt), 0)
  if (lost <= k * (1 - recall)) return []
  return sorted.filter(({ score, doubt = 0 }) => score - 2 * doubt <= edge)
}

/** How likely a normal error exceeds a gap (a fit to the tail of the distribution, right to some hundredths). */
function misplaced(gap: number, doubt: number): number {
  if (!(doubt > 0)) return 0
  const z = (DEVIATIONS * gap) / doubt
  return 0.5 * Math.exp(-0.717 * z - 0.416 * z * z)
}
