import { expect, test } from 'vitest'
import { CodeIndex } from '../../../src/search/kernels/code-index'
import type { Kernels } from '../../../src/search/kernels/kernels'
import { loadKernels } from '../../../src/search/kernels/load-kernels'
import { clustered, near, request, rowsOf } from '../../tools/vectors'

const wasm = await loadKernels()
const [DIMS, COUNT, QUERIES] = [32, 6_000, 2_000]

/** What share of the codes each of many queries near rows has estimated, in lists for `clusters` groups. */
async function sharesOf(clusters: number): Promise<number[]> {
  const vectors = clustered({ dims: DIMS, count: COUNT, clusters })
  const kernels = await wasm.make()
  let blocks = 0
  const scanBlocks: Kernels['scanBlocks'] = (list, from, to, bits) => {
    const done = kernels.scanBlocks(list, from, to, bits)
    blocks += done - from
    return done
  }
  const counting = { ...kernels, scanBlocks }
  const index = new CodeIndex(counting, DIMS, { centroid: new Float32Array(DIMS), clustersFrom: 1_000 })
  vectors.forEach((vector, row) => index.set(row, vector))
  await index.settled()
  const all = rowsOf(vectors.keys())
  const shares: number[] = []
  for (const query of near(vectors, QUERIES)) {
    blocks = 0
    await index.scan(request({ query, all }))
    shares.push((32 * blocks) / COUNT)
  }
  return shares
}

test('queries with a little noise look a little further than rows', async () => {
  const shares = await sharesOf(20)
  expect(shares.filter(share => share > 0.25).length).toBeLessThan(0.05 * QUERIES)
})

test('a list of few rows does not tell how far queries near it have to look', async () => {
  const shares = await sharesOf(40)
  expect(shares.filter(share => share > 0.9).length).toBeLessThan(0.005 * QUERIES)
})
