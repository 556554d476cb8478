import { Clusters } from './clusters'
import type { CodeSpace } from './code-space'
import { rowsPerSlice } from './kernels'

const ROUNDS = 5
/** Rows of which a centroid begins from one. */
const SEEDS = 16

/**
 * Centroids of `count` clusters of some rows, by direction (k-means of Lloyd 1982 on the sphere), and the mean of all at
 * `mean`. `rows` are at least as many, in random order.
 */
export async function trainClusters(
  space: CodeSpace,
  rows: readonly number[],
  count: number,
  mean: number,
  pause: () => Promise<void>,
): Promise<Clusters> {
  const { kernels, memory, shape } = space
  const { bytes } = shape
  const clusters = new Clusters(space, count)
  await seed(space, clusters, rows, pause)
  const sums = memory.allocate(4 * count * bytes)
  const sumsNow = () => memory.floats.subarray(sums >>> 2, (sums >>> 2) + count * bytes)
  for (let round = 0; round < ROUNDS; round++) {
    sumsNow().fill(0)
    const sizes = new Uint32Array(count)
    for (const [i, row] of rows.entries()) {
      if (i % rowsPerSlice(space.kernels, bytes) === 0) await pause()
      space.restoreRow(row)
      const cluster = clusters.nearest(space.vector)
      kernels.add(space.vector, bytes, sums + 4 * cluster * bytes)
      sizes[cluster]!++
    }
    move(space, clusters, { sums: sumsNow(), sizes }, rows, round)
    if (round === ROUNDS - 1) setMean(space, sumsNow(), rows.length, mean)
  }
  memory.release(sums, 4 * count * bytes)
  return clusters
}

/** Each centroid begins from that of some rows which is farthest from those before it: groups without one are rare then. */
async function seed(
  space: CodeSpace,
  clusters: Clusters,
  rows: readonly number[],
  pause: () => Promise<void>,
): Promise<void> {
  const each = Math.min(SEEDS, Math.floor(rows.length / clusters.count))
  for (let cluster = 0; cluster < clusters.count; cluster++) {
    if (cluster % Math.ceil(rowsPerSlice(space.kernels, space.shape.bytes) / each) === 0) await pause()
    let [farthest, least] = [rows[cluster * each]!, Infinity]
    for (const row of cluster === 0 ? [] : rows.slice(cluster * each, (cluster + 1) * each)) {
      space.restoreRow(row)
      const cosine = clusters.cosineOfNearest(space.vector, cluster)
      if (cosine < least) [farthest, least] = [row, cosine]
    }
    space.restoreRow(farthest)
    clusters.set(cluster, space.vector)
  }
}

/** Each centroid to the mean of its rows; one that has none to a row from elsewhere. */
function move(
  space: CodeSpace,
  clusters: Clusters,
  { sums, sizes }: { sums: Float32Array; sizes: Uint32Array },
  rows: readonly number[],
  round: number,
): void {
  const { bytes } = space.shape
  for (let cluster = 0; cluster < clusters.count; cluster++) {
    if (sizes[cluster] === 0) space.restoreRow(rows[(cluster * 7919 + round) % rows.length]!)
    else space.memory.floats.set(normalized(sums.subarray(cluster * bytes, (cluster + 1) * bytes)), space.vector >>> 2)
    clusters.set(cluster, space.vector)
  }
}

function normalized(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  return length > 0 ? vector.map(value => value / length) : vector
}

function setMean(space: CodeSpace, sums: Float32Array, count: number, mean: number): void {
  const { bytes } = space.shape
  const at = mean >>> 2
  const { floats } = space.memory
  floats.fill(0, at, at + bytes)
  for (let i = 0; i < sums.length; i++) floats[at + (i % bytes)]! += sums[i]! / count
}
