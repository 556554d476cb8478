import { Bitmap } from '../../src/search/bitmap'
import { directionOf } from '../../src/search/unit-vector'
import { scoreOf, type Direction, type Metric, type ScanRequest } from '../../src/search/vector-index'

/** Standard normal numbers (Box and Muller) over a 32-bit linear congruential generator: the same on every run. */
export function normalNumbers(seed: number): () => number {
  let state = seed >>> 0
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
}

export interface Sample {
  readonly dims: number
  readonly count: number
  readonly clusters?: number
  /** Length of a vector, by row; default 1. */
  readonly norm?: (row: number) => number
  readonly seed?: number
}

/** Vectors around random centres, in turn. */
export function clustered({ dims, count, clusters = 20, norm = () => 1, seed = 1 }: Sample): Direction[] {
  const normal = normalNumbers(seed)
  const centres = Array.from({ length: clusters }, () => Float32Array.from({ length: dims }, normal))
  return Array.from({ length: count }, (_, row) => {
    const { unit } = directionOf(centres[row % clusters]!.map(x => x + 0.6 * normal()))!
    return { unit, norm: Math.fround(norm(row)) }
  })
}

/** Directions near some of the vectors. */
export function near(vectors: readonly Direction[], count: number, seed = 7): Direction[] {
  const normal = normalNumbers(seed)
  return Array.from({ length: count }, (_, i) => {
    const { unit, norm } = vectors[(i * 7919) % vectors.length]!
    return { unit: directionOf(unit.map(x => x + 0.02 * normal()))!.unit, norm }
  })
}

export function rowsOf(rows: Iterable<number>): Bitmap {
  const bitmap = new Bitmap()
  for (const row of rows) bitmap.add(row)
  return bitmap
}

/** A request with the defaults of the tests. */
export function request(fields: Partial<ScanRequest> & Pick<ScanRequest, 'query' | 'all'>): ScanRequest {
  return { metric: 'cosine', k: 10, minScore: -1e30, recall: 0.95, refine: false, before: (a, b) => a < b, ...fields }
}

/** What comparing every vector finds: the rows of the best `k`, best first. */
export function bestOf(
  vectors: readonly Direction[],
  query: Direction,
  { k = 10, metric = 'cosine', rows }: { k?: number; metric?: Metric; rows?: Iterable<number> } = {},
): { row: number; score: number }[] {
  const score = (row: number) => {
    const { unit, norm } = vectors[row]!
    let [cosine, squares] = [0, 0]
    for (let i = 0; i < unit.length; i++) {
      cosine += unit[i]! * query.unit[i]!
      squares += (norm * unit[i]! - query.norm * query.unit[i]!) ** 2
    }
    return metric === 'euclidean' ? -Math.sqrt(squares) : scoreOf(metric, cosine, query.norm, norm)
  }
  const scored = Array.from(rows ?? vectors.keys(), row => ({ row, score: score(row) }))
  return scored.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, k)
}
