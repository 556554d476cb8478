import { expect, test } from 'vitest'
import { CodeIndex } from '../../../src/search/kernels/code-index'
import type { Kernels } from '../../../src/search/kernels/kernels'
import { loadKernels } from '../../../src/search/kernels/load-kernels'
import { ScalarKernels } from '../../../src/search/kernels/scalar-kernels'
import { bestOf, clustered, near, request, rowsOf } from '../../tools/vectors'

const DIMS = 100

test.each([
  ['SIMD', async () => (await loadKernels()).make()],
  ['plain JavaScript', async () => new ScalarKernels() as Kernels],
] as const)('%s takes vectors as they come, but leaves those without a usual length to its caller', async (_, make) => {
  const vectors = clustered({ dims: DIMS, count: 1100, norm: row => 10 ** ((row % 40) - 20) })
  const index = new CodeIndex(await make(), DIMS, { centroid: new Float32Array(DIMS) })
  for (const [row, { unit, norm }] of vectors.entries()) {
    const length = index.lay(unit.map(x => x * norm))
    expect(Math.abs(length / norm - 1)).toBeLessThan(1e-6)
    index.setLaid(row, length)
  }
  for (const value of [0, 1e-35, 1e35]) expect(index.lay(new Float32Array(DIMS).fill(value))).toBe(0)
  for (const query of near(vectors, 8)) {
    const { candidates } = await index.scan(request({ query, all: rowsOf(vectors.keys()), recall: 1 }))
    const rows = new Set(candidates.map(({ row }) => row))
    for (const { row } of bestOf(vectors, query)) expect(rows).toContain(row)
  }
})
