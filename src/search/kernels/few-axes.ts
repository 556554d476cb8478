import type { FlatIndex } from '../flat-index'
import { AXES } from './shape'

/** Numbers of the vectors that are looked at, and their least and most: a few milliseconds. */
const SAMPLED = 1 << 16
const [LEAST, MOST] = [32, 128]
const ROUNDS = 2
/** The share of the squares of what sets vectors apart that the axes may leave: bytes then err by a quarter of what they do else. */
const LEFT = 1 / 16
/** What is left of a vector that lies along others already, as a share, and of vectors that are the same: rounding. */
const NOTHING = 1e-5

/**
 * Directions of unit length along which nearly all lies that sets vectors apart from their `mean`; `undefined` where there are no such
 * few. `rows`: a sample, in random order. (Orthogonal iteration: Golub and Van Loan 2013, section 7.3.2.)
 */
export function fewAxes(flat: FlatIndex, rows: readonly number[], mean: Float32Array): Float32Array[] | undefined {
  const count = Math.max(LEAST, Math.min(MOST, Math.floor(SAMPLED / flat.dims)))
  const vectors = rows.slice(0, count).map(row => {
    const norm = flat.normOf(row)
    return flat.vectorOf(row).map((value, i) => value / norm - mean[i]!)
  })
  let axes = orthonormal(vectors.slice(0, AXES).map(vector => vector.slice()))
  for (let round = 0; round < ROUNDS; round++) axes = orthonormal(imagesOf(axes, vectors))
  const [all, along] = [squares(vectors), vectors.map(vector => axes.map(axis => product(axis, vector)))]
  const left = all - along.flat().reduce((sum, each) => sum + each * each, 0)
  return left < LEFT * all && all > NOTHING ** 2 * count ? axes : undefined
}

/** What the sum of the outer products of all vectors makes of the axes. */
function imagesOf(axes: readonly Float32Array[], vectors: readonly Float32Array[]): Float32Array[] {
  const images = axes.map(axis => new Float32Array(axis.length))
  for (const vector of vectors) {
    for (const [i, axis] of axes.entries()) addTimes(vector, product(axis, vector), images[i]!)
  }
  return images
}

/** Gram and Schmidt's, in place, without those that lie along others. */
function orthonormal(vectors: readonly Float32Array[]): Float32Array[] {
  const axes: Float32Array[] = []
  for (const vector of vectors) {
    const before = Math.sqrt(product(vector, vector))
    for (const axis of axes) addTimes(axis, -product(axis, vector), vector)
    const length = Math.sqrt(product(vector, vector))
    if (length > NOTHING * before) axes.push(vector.map(value => value / length))
  }
  return axes
}

function squares(vectors: readonly Float32Array[]): number {
  return vectors.reduce((sum, vector) => sum + product(vector, vector), 0)
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function addTimes(from: Float32Array, times: number, to: Float32Array): void {
  for (let i = 0; i < to.length; i++) to[i]! += times * from[i]!
}
