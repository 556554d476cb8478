/** Numbers of a normal distribution out of a seed (mulberry32, Box and Muller). */
export function normals(seed: number): () => number {
  let state = seed
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}

/** Columns (rows, when `rows < columns`) that are orthonormal: Gram and Schmidt over random vectors. */
export function orthonormal(rows: number, columns: number, next: () => number): number[][] {
  const length = Math.max(rows, columns)
  const basis: number[][] = []
  while (basis.length < Math.min(rows, columns)) {
    const vector = Array.from({ length }, next)
    for (const other of basis) {
      const share = inner(vector, other)
      other.forEach((value, i) => (vector[i]! -= share * value))
    }
    const size = Math.sqrt(inner(vector, vector))
    basis.push(vector.map(value => value / size))
  }
  return rows < columns ? basis : Array.from({ length: rows }, (_, i) => basis.map(column => column[i]!))
}

export function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

export function unit(vector: readonly number[]): Float32Array {
  const size = Math.sqrt(inner(vector, vector))
  return Float32Array.from(vector, value => value / size)
}

/** `count` unit vectors. */
export function unitVectors(count: number, dims: number, next: () => number): Float32Array[] {
  return Array.from({ length: count }, () => unit(Array.from({ length: dims }, next)))
}

export function apply(matrix: readonly number[][], vector: ArrayLike<number>): Float32Array {
  return Float32Array.from(matrix, row => inner(row, vector))
}
