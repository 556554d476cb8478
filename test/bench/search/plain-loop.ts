import type { Dataset } from './data'
import { K, type Peer } from './peer'

/** The simplest code that gives the answer: a dot product per vector over one Float32Array, the best ten kept sorted. */
export function plainLoop(data: Dataset): Peer {
  return {
    name: 'plain loop',
    knobs: [],
    at: () => loopOver(data),
    filtered: passes => loopOver(data, passes),
    rows: answer => answer as number[],
  }
}

export function loopOver(
  { vectors, dims, count }: Dataset,
  passes: (row: number) => boolean = () => true,
): (query: Float32Array) => number[] {
  return query => {
    const best: { row: number; score: number }[] = []
    for (let row = 0; row < count; row++) {
      if (!passes(row)) continue
      let score = 0
      for (let i = 0, at = row * dims; i < dims; i++) score += query[i]! * vectors[at++]!
      if (best.length === K && score <= best[K - 1]!.score) continue
      best.push({ row, score })
      best.sort((a, b) => b.score - a.score)
      best.length = Math.min(best.length, K)
    }
    return best.map(({ row }) => row)
  }
}
