import type { Direction, Metric } from './vector-index'

/** A query as exact scores ask for it: its numbers are those that were asked with, for the cosine those of its direction. */
export interface ExactQuery {
  readonly metric: Metric
  readonly numbers: Float64Array
}

export function exactQuery(
  metric: Metric,
  { unit, norm, numbers = unit.map(each => each * norm) }: Direction,
): ExactQuery {
  if (metric !== 'cosine') return { metric, numbers: divided(numbers, 1) }
  return { metric, numbers: norm > LEAST ? divided(numbers, norm) : divided(unit, 1) }
}

/** By a loop: `Float64Array.from` takes twenty times as long. */
function divided(numbers: ArrayLike<number>, by: number): Float64Array {
  const to = new Float64Array(numbers.length)
  for (let i = 0; i < to.length; i++) to[i] = numbers[i]! / by
  return to
}

/** Below it 64-bit floats have fewer digits. */
const LEAST = 1e-300

/**
 * The score of the vector at `offset`, of length `norm`, from its own numbers, in 64-bit floats: the squares and sums of any 32-bit floats
 * stay within these, and a distance is that of differences, not the difference of lengths.
 */
export function exactScore(query: ExactQuery, vectors: Float32Array, offset: number, norm: number): number {
  if (query.metric === 'euclidean') return -distance(vectors, offset, query.numbers)
  const dot = product(vectors, offset, query.numbers)
  return query.metric === 'dot' ? dot : Math.min(1, Math.max(-1, dot / norm))
}

// Sums that do not wait for one another, in each.

function product(a: Float32Array, at: number, b: Float64Array): number {
  let [s0, s1, s2, s3, i] = [0, 0, 0, 0, 0]
  for (; i + 3 < b.length; i += 4) {
    s0 += a[at + i]! * b[i]!
    s1 += a[at + i + 1]! * b[i + 1]!
    s2 += a[at + i + 2]! * b[i + 2]!
    s3 += a[at + i + 3]! * b[i + 3]!
  }
  for (; i < b.length; i++) s0 += a[at + i]! * b[i]!
  return s0 + s1 + s2 + s3
}

function distance(a: Float32Array, at: number, b: Float64Array): number {
  let [s0, s1, i] = [0, 0, 0]
  for (; i + 1 < b.length; i += 2) {
    s0 += (a[at + i]! - b[i]!) ** 2
    s1 += (a[at + i + 1]! - b[i + 1]!) ** 2
  }
  if (i < b.length) s0 += (a[at + i]! - b[i]!) ** 2
  return Math.sqrt(s0 + s1)
}
