import { expect, test } from 'vitest'
import { CodeIndex } from '../../../src/search/kernels/code-index'
import { loadKernels } from '../../../src/search/kernels/load-kernels'
import { directionOf } from '../../../src/search/unit-vector'
import type { Direction } from '../../../src/search/vector-index'
import { bestOf, clustered, near, normalNumbers, request, rowsOf } from '../../tools/vectors'

const wasm = await loadKernels()
const [DIMS, COUNT, GROUPS, QUERIES] = [64, 6_000, 90, 50]
const vectors = clustered({ dims: DIMS, count: COUNT, clusters: GROUPS })

async function indexOf(rows: readonly Direction[]): Promise<CodeIndex> {
  const index = new CodeIndex(await wasm.make(), DIMS, { centroid: new Float32Array(DIMS), clustersFrom: 1_000 })
  rows.forEach((vector, row) => index.set(row, vector))
  await index.settled()
  return index
}

async function shareOf(index: CodeIndex, rows: readonly Direction[], queries: readonly Direction[], recall: number) {
  let found = 0
  for (const query of queries) {
    const { candidates } = await index.scan(request({ query, all: rowsOf(rows.keys()), recall, refine: true }))
    const best = new Set(bestOf(rows, query, { rows: candidates.map(({ row }) => row) }).map(({ row }) => row))
    found += bestOf(rows, query).filter(({ row }) => best.has(row)).length
  }
  return found / (10 * queries.length)
}

/** As many directions as there are queries. */
const each = (make: (i: number) => Float32Array) => Array.from({ length: QUERIES }, (_, i) => directionOf(make(i))!)
const normal = normalNumbers(11)

test.each([
  ['between two groups', each(i => vectors[i]!.unit.map((x, at) => x + vectors[(i * 7 + 1) % COUNT]!.unit[at]!))],
  ['from anywhere', each(() => Float32Array.from({ length: DIMS }, normal))],
  ['of groups that are not there', clustered({ dims: DIMS, count: QUERIES, clusters: 25, seed: 77 })],
  ['with much noise', each(i => vectors[i * 101]!.unit.map(x => x + 0.15 * normal()))],
])('queries %s find what they are promised', async (_name, queries) => {
  const index = await indexOf(vectors)
  expect(index.clusters).toBeGreaterThan(30)
  for (const recall of [0.9, 0.95, 0.99])
    expect(await shareOf(index, vectors, queries, recall)).toBeGreaterThanOrEqual(recall)
})

test('new groups are found before anything is learned of them', async () => {
  const index = await indexOf(vectors)
  const others = clustered({ dims: DIMS, count: 200, clusters: 8, seed: 99 })
  others.forEach((vector, i) => index.set(COUNT + i, vector))
  const rows = [...vectors, ...others]
  expect(await shareOf(index, rows, near(others, QUERIES), 0.95)).toBeGreaterThanOrEqual(0.95)
})
