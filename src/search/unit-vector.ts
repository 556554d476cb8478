import type { Direction } from './vector-index'

/**
 * The vector as a direction of length 1, its length, and itself; `undefined` for the zero vector, which has no direction. Very short and very
 * long ones are divided by their largest element first, so that squares neither overflow nor vanish. With `to`, which is as
 * long, the direction is written there.
 */
export function directionOf(vector: ArrayLike<number>, to?: Float32Array): Direction | undefined {
  let squares = squaresOf(vector)
  // In between nothing that counts overflows or vanishes, and loops without division are several times as fast.
  if (squares > 1e-200 && squares < 1e200) return scaled(vector, 1, Math.sqrt(squares), to)
  let largest = 0
  for (let i = 0; i < vector.length; i++) largest = Math.max(largest, Math.abs(vector[i]!))
  if (largest === 0) return undefined
  squares = 0
  for (let i = 0; i < vector.length; i++) squares += (vector[i]! / largest) ** 2
  return scaled(vector, largest, Math.sqrt(squares), to)
}

/** Four sums that do not wait for one another. */
function squaresOf(vector: ArrayLike<number>): number {
  let [a, b, c, d, i] = [0, 0, 0, 0, 0]
  for (; i + 3 < vector.length; i += 4) {
    a += vector[i]! * vector[i]!
    b += vector[i + 1]! * vector[i + 1]!
    c += vector[i + 2]! * vector[i + 2]!
    d += vector[i + 3]! * vector[i + 3]!
  }
  for (; i < vector.length; i++) a += vector[i]! * vector[i]!
  return a + b + c + d
}

/** A vector of length `largest * norm` as a direction. */
function scaled(
  vector: ArrayLike<number>,
  largest: number,
  norm: number,
  unit: Float32Array = new Float32Array(vector.length),
): Direction {
  const inverse = 1 / norm
  if (largest === 1) for (let i = 0; i < unit.length; i++) unit[i] = vector[i]! * inverse
  else for (let i = 0; i < unit.length; i++) unit[i] = (vector[i]! / largest) * inverse
  return { unit, norm: largest * norm, numbers: vector }
}
