/** The vector scaled to length 1, summed in double precision; `undefined` for the zero vector, which has no direction. */
export function unitVector(vector: ArrayLike<number>): Float32Array | undefined {
  let squares = 0
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!
  const norm = Math.sqrt(squares)
  if (norm === 0) return undefined
  return Float32Array.from(vector, value => value / norm)
}
