import type { Direction } from './vector-index'

/**
 * The vector as a direction of length 1 and its length; `undefined` for the zero vector, which has no direction. Divided by its
 * largest element first, so that squares neither overflow nor vanish.
 */
export function directionOf(vector: ArrayLike<number>): Direction | undefined {
  let largest = 0
  for (let i = 0; i < vector.length; i++) largest = Math.max(largest, Math.abs(vector[i]!))
  if (largest === 0) return undefined
  let squares = 0
  for (let i = 0; i < vector.length; i++) squares += (vector[i]! / largest) ** 2
  const norm = Math.sqrt(squares)
  // A loop is ten times as fast as `Float32Array.from` with a function.
  const unit = new Float32Array(vector.length)
  for (let i = 0; i < unit.length; i++) unit[i] = vector[i]! / largest / norm
  return { unit, norm: largest * norm }
}
