export interface ClusteredSample {
  readonly dims: number
  readonly count: number
  readonly vectors: Float32Array
  readonly queries: readonly Float32Array[]
}

const CLUSTERS = 200
const SPREAD = 0.6
const NUDGE = 0.02

/**
 * Vectors of unit length around 200 random centres in turn, and queries near some of them; the same on every run and in
 * every runtime.
 */
export function clusteredSample({
  dims,
  count,
  queryCount,
}: {
  dims: number
  count: number
  queryCount: number
}): ClusteredSample {
  const normal = normalNumbers(1)
  const centres = Array.from({ length: CLUSTERS }, () => Float32Array.from({ length: dims }, normal))
  const vectors = new Float32Array(count * dims)
  for (let row = 0; row < count; row++) {
    const centre = centres[row % CLUSTERS]!
    const vector = vectors.subarray(row * dims, (row + 1) * dims)
    for (let i = 0; i < dims; i++) vector[i] = centre[i]! + SPREAD * normal()
    toUnit(vector)
  }
  const queries = Array.from({ length: queryCount }, (_, index) => {
    const row = (index * 7919) % count
    const noise = normalNumbers(index + 1000)
    return toUnit(vectors.slice(row * dims, (row + 1) * dims).map(x => x + NUDGE * noise()))
  })
  return { dims, count, vectors, queries }
}

function toUnit(vector: Float32Array): Float32Array {
  let squares = 0
  for (const value of vector) squares += value * value
  const length = Math.sqrt(squares)
  for (let i = 0; i < vector.length; i++) vector[i]! /= length
  return vector
}

/** Standard normal numbers (Box and Muller, both of a pair) over a 32-bit linear congruential generator. */
export function normalNumbers(seed: number): () => number {
  let state = seed >>> 0
  let spare: number | undefined
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  return () => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}
