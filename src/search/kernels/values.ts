import type { Direction, Metric } from '../vector-index'

interface Asked {
  readonly metric: Metric
  readonly query: Direction
}

const LARGEST = 3e38

/**
 * The kernels compare by values `norm × (slope × cosine + bend × norm)`: the cosine; the dot product over the query's length; or, of a
 * distance d and a query of length q, q² − d², over q where that is above 1. Whatever q is, they stay within 32-bit floats.
 */
export function valuesOf({ metric, query: { norm } }: Asked): { readonly slope: number; readonly bend: number } {
  if (metric !== 'euclidean') return { slope: 1, bend: 0 }
  return norm > 1 ? { slope: 2, bend: -1 / norm } : { slope: 2 * norm, bend: -1 }
}

/**
 * The score of a value. A distance whose square errors made negative is above zero, so that what may be nearer still ranks before
 * what may not, and its error is an error.
 */
export function scoreOfValue({ metric, query: { norm } }: Asked, value: number): number {
  if (metric === 'cosine') return value
  if (metric === 'dot') return value * norm
  const square = norm * norm - value * Math.max(1, norm)
  return -Math.sign(square) * Math.sqrt(Math.abs(square))
}

/** The value of the lowest score. */
export function leastValue({ metric, query: { norm }, minScore }: Asked & { readonly minScore: number }): number {
  if (metric === 'euclidean' && minScore > 0) return Infinity
  const value =
    metric === 'cosine'
      ? minScore
      : metric === 'dot'
        ? minScore / norm
        : (norm * norm - minScore * minScore) / Math.max(1, norm)
  return Math.min(LARGEST, Math.max(-LARGEST, value))
}
