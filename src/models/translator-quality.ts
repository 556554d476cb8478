import type { TranslatorQuality } from '../block/index'
import { dot, normalized, translate, type Translator } from './translator'

/** What the held-out pairs and the gallery are; all vectors at unit length. */
export interface Trial {
  readonly anchors: number
  readonly from: readonly Float64Array[]
  readonly to: readonly Float64Array[]
  /** Distractors beside the held-out counterparts. */
  readonly distractors: readonly Float64Array[]
}

/**
 * Measures a translator on pairs that it was not fitted on, just as a search would use it: each translated vector ranks
 * the gallery (every held-out counterpart and the distractors) by cosine. A counterpart's rank counts all that score as
 * high, so ties never flatter. `cosine` is taken after the mean is subtracted; `baseline`, the cosine of the bare mean
 * with the counterparts, is what an uncentred figure would get for nothing.
 */
export function measureQuality(translator: Omit<Translator, 'quality'>, trial: Trial): TranslatorQuality {
  const gallery = [...trial.to, ...trial.distractors]
  const mean = translator.means.to
  const meanLength = Math.sqrt(dot(mean, mean)) || 1
  const totals = { top1: 0, top10: 0, cosine: 0, baseline: 0 }
  trial.from.forEach((vector, k) => {
    const answer = translate(translator as Translator, vector)
    const own = trial.to[k]!
    const score = dot(answer, own)
    const rank = gallery.reduce((count, other) => (other !== own && dot(answer, other) >= score ? count + 1 : count), 0)
    totals.top1 += Number(rank < 1)
    totals.top10 += Number(rank < 10)
    totals.cosine += dot(answer, centredOn(own, mean))
    totals.baseline += dot(mean, own) / meanLength
  })
  return { anchors: trial.anchors, heldOut: trial.to.length, gallery: gallery.length, ...thousandths(totals, trial.to.length) }
}
