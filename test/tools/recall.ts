/**
 * Mean share of each query's `k` nearest vectors of `exact`, by cosine, that are also among its `k` nearest of `stored`. The
 * two galleries hold the same items in the same order; no vector is zero.
 */
export function recall(
  exact: readonly Float32Array[],
  stored: readonly Float32Array[],
  queries: readonly Float32Array[],
  k: number,
): number {
  const shares = queries.map(query => {
    const wanted = new Set(nearest(exact, query, k))
    return nearest(stored, query, k).filter(row => wanted.has(row)).length / k
  })
  return shares.reduce((sum, share) => sum + share, 0) / queries.length
}

/** Rows of the `k` vectors with the highest cosine, the best first. */
function nearest(gallery: readonly Float32Array[], query: Float32Array, k: number): number[] {
  const scores = gallery.map((vector, row) => ({ row, score: inner(vector, query) / Math.sqrt(inner(vector, vector)) }))
  scores.sort((a, b) => b.score - a.score)
  return scores.slice(0, k).map(({ row }) => row)
}

function inner(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
