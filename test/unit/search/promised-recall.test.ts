import { describe, expect, test } from 'vitest'
import { CodeIndex } from '../../../src/search/kernels/code-index'
import { loadKernels } from '../../../src/search/kernels/load-kernels'
import { directionOf } from '../../../src/search/unit-vector'
import type { Direction } from '../../../src/search/vector-index'
import { bestOf, clustered, near, normalNumbers, request, rowsOf } from '../../tools/vectors'

const wasm = await loadKernels()
const COUNT = 6_000
const QUERIES = 60
const DIMS = 64

/** Vectors without groups, most of whose length lies in few directions, as that of texts does; queries are of the same kind. */
function cloud(seed: number): { vectors: Direction[]; queries: Direction[] } {
  const normal = normalNumbers(seed)
  const draw = () => directionOf(Float32Array.from({ length: DIMS }, (_, i) => normal() / Math.sqrt(1 + i)))!
  const all = Array.from({ length: COUNT + QUERIES }, draw)
  return { vectors: all.slice(0, COUNT), queries: all.slice(COUNT) }
}

/** Around more centres than there are clusters, or about as many. */
function groups(clusters: number): { vectors: Direction[]; queries: Direction[] } {
  const vectors = clustered({ dims: DIMS, count: COUNT, clusters })
  return { vectors, queries: near(vectors, QUERIES) }
}

async function indexOf(vectors: readonly Direction[]): Promise<CodeIndex> {
  const index = new CodeIndex(await wasm.make(), DIMS, { centroid: new Float32Array(DIMS), clustersFrom: 1_000 })
  vectors.forEach((vector, row) => index.set(row, vector))
  await index.settled()
  return index
}

describe.each([
  ['around 60 centres', () => groups(60)],
  ['around 300 centres', () => groups(300)],
  ['without groups', () => cloud(3)],
])('of vectors %s', (_name, make) => {
  test('a search with clusters finds at least the share that it is asked for', async () => {
    const { vectors, queries } = make()
    const index = await indexOf(vectors)
    expect(index.clusters).toBeGreaterThan(30)
    const all = rowsOf(vectors.keys())
    const truth = queries.map(query => bestOf(vectors, query).map(({ row }) => row))
    for (const recall of [0.9, 0.95, 0.98, 0.99, 0.999]) {
      let found = 0
      for (const [i, query] of queries.entries()) {
        const { candidates } = await index.scan(request({ query, all, recall, refine: true }))
        // As the engine does above a recall of 0.97: exact vectors decide among the candidates.
        const rows = new Set(bestOf(vectors, query, { rows: candidates.map(({ row }) => row) }).map(({ row }) => row))
        found += truth[i]!.filter(row => rows.has(row)).length
      }
      expect(found / (10 * QUERIES)).toBeGreaterThanOrEqual(recall)
    }
  })
})
