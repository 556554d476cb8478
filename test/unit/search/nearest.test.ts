import { expect, test } from 'vitest'
import { Clusters } from '../../../src/search/kernels/clusters'
import { CodeSpace } from '../../../src/search/kernels/code-space'
import { loadKernels } from '../../../src/search/kernels/load-kernels'
import { ScalarKernels } from '../../../src/search/kernels/scalar-kernels'
import type { Direction } from '../../../src/search/vector-index'
import { clustered, near } from '../../tools/vectors'

const simd = await loadKernels()

async function clustersOf(centroids: readonly Direction[], scalar = false) {
  const space = new CodeSpace(scalar ? new ScalarKernels() : await simd.make(), centroids[0]!.unit.length)
  const clusters = new Clusters(space, centroids.length)
  for (const [i, { unit }] of centroids.entries()) {
    space.rotate(unit, space.vector)
    clusters.set(i, space.vector)
  }
  /** Which was chosen, and what its cosine lacks of the best. */
  const ask = ({ unit }: Direction) => {
    space.rotate(unit, space.vector)
    const chosen = clusters.nearest(space.vector)
    const cosines = clusters.cosines(space.vector)
    return { chosen, lack: Math.max(...cosines) - cosines[chosen]! }
  }
  return ask
}

test.each([
  [1, 384],
  [2, 384],
  [30, 384],
  [33, 384],
  [128, 100],
])('of %i clusters in %i dimensions the nearest is found, all being compared whole', async (count, dims) => {
  const centroids = clustered({ dims, count, clusters: 7 })
  for (const scalar of [false, true]) {
    const ask = await clustersOf(centroids, scalar)
    for (const query of near(centroids, 20)) expect(ask(query).lack).toBe(0)
  }
})

test('of many it is found where one is near, and one as good as the nearest where none is', async () => {
  const centroids = clustered({ dims: 384, count: 256, clusters: 256 })
  const [ask, plain] = [await clustersOf(centroids), await clustersOf(centroids, true)]
  for (const query of near(centroids, 100)) {
    expect(ask(query)).toMatchObject({ lack: 0 })
    expect(plain(query)).toMatchObject({ lack: 0 })
  }
  // Anywhere: the nearest of all has a cosine of some 0.15, with a deviation of 0.05 over the clusters.
  const anywhere = clustered({ dims: 384, count: 400, clusters: 400, seed: 99 }).map(ask)
  expect(anywhere.filter(({ lack }) => lack === 0).length).toBeGreaterThan(0.6 * anywhere.length)
  expect(anywhere.reduce((sum, { lack }) => sum + lack, 0) / anywhere.length).toBeLessThan(0.006)
})
