import type { TranslatorQuality } from '../block/index'
import { dot, subtract, translate, type TranslatorMatrix } from './translator'

/** Pairs held out of a fit, and what their counterparts are sought among. All vectors at unit length. */
export interface Trial {
  readonly from: readonly Float64Array[]
  readonly to: readonly Float64Array[]
  /** Candidates beside the counterparts. */
  readonly distractors: readonly Float64Array[]
}

/**
 * Measures a matrix just as a search uses it: each translated vector ranks the gallery (every counterpart and the
 * distractors) by cosine. What scores as high as the counterpart ranks before it, so ties never flatter. `cosine` is
 * taken from the mean; `baseline`, the cosine of the bare mean with the counterparts, is what an uncentred figure
 * reaches without knowing anything. All in thousandths.
 */
export function measureQuality(
  matrix: TranslatorMatrix,
  { from, to, distractors }: Trial,
): Omit<TranslatorQuality, 'anchors'> {
  const gallery = [...to, ...distractors]
  const mean = matrix.means.to
  const sums = { top1: 0, top10: 0, cosine: 0, baseline: 0 }
  from.forEach((vector, k) => {
    const answer = translate(matrix, vector)
    const own = to[k]!
    const score = dot(answer, own)
    const rank = gallery.reduce((count, other) => count + Number(other !== own && dot(answer, other) >= score), 0)
    sums.top1 += Number(rank < 1)
    sums.top10 += Number(rank < 10)
    sums.cosine += cosine(answer, subtract(own, mean))
    sums.baseline += cosine(mean, own)
  })
  const share = (sum: number) => Math.round((1000 * sum) / to.length) / 1000 + 0
  return {
    heldOut: to.length,
    gallery: gallery.length,
    top1: share(sums.top1),
    top10: share(sums.top10),
    cosine: share(sums.cosine),
    baseline: share(sums.baseline),
  }
}

/** 0 when either has no direction. */
function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)) || 0
}
