import { describe, expect, test } from 'vitest'
import { CodeIndex } from '../../../src/search/kernels/code-index'
import { loadKernels } from '../../../src/search/kernels/load-kernels'
import { directionOf } from '../../../src/search/unit-vector'
import type { Direction } from '../../../src/search/vector-index'
import { bestOf, clustered, near, normalNumbers, request, rowsOf } from '../../tools/vectors'

const wasm = await loadKernels()
const pause = () => new Promise<void>(resolve => setImmediate(resolve))

/** Vectors whose common direction turns from the first to the last. */
function drifting(count: number, dims: number): Direction[] {
  const normal = normalNumbers(5)
  const [from, to] = [Float32Array.from({ length: dims }, normal), Float32Array.from({ length: dims }, normal)]
  return Array.from({ length: count }, (_, row) => {
    const share = row / count
    return directionOf(from.map((x, i) => (1 - share) * x + share * to[i]! + 0.9 * normal()))!
  })
}

async function emptyIndex(dims: number, centroid = new Float32Array(dims), clustersFrom = 1000) {
  return new CodeIndex(await wasm.make(), dims, { centroid, clustersFrom, pause })
}

/** Mean share of the true nearest of vectors like the newest that is found among the rows from `first` to `last`. */
async function shareOf(index: CodeIndex, vectors: readonly Direction[], first: number, last: number, recall: number) {
  const rows = rowsOf(Array.from({ length: last - first }, (_, i) => first + i))
  const queries = near(vectors.slice(last - 400, last), 25)
  let found = 0
  for (const query of queries) {
    const { candidates } = await index.scan(request({ query, all: rows, recall }))
    const best = candidates.sort((a, b) => b.score - a.score).slice(0, 10)
    for (const { row } of bestOf(vectors, query, { rows })) if (best.some(hit => hit.row === row)) found++
  }
  return found / (10 * queries.length)
}

describe('data that drift', () => {
  const vectors = drifting(9000, 48)
  const window = 3000

  test('recall holds for the newest at every step, while the oldest leave, and memory does not grow', async () => {
    const index = await emptyIndex(48)
    for (let row = 0; row < window; row++) index.set(row, vectors[row]!)
    await index.settled()
    const { byteLength } = index
    for (let row = window; row < vectors.length; row++) {
      // Rows are numbered anew as those of an engine are.
      index.unset(row - window)
      index.set(row, vectors[row]!)
      if (row % 1000 !== 0) continue
      expect(await shareOf(index, vectors, row - window + 1, row + 1, 0.9)).toBeGreaterThanOrEqual(0.9)
    }
    await index.settled()
    expect(index.clusters).toBeGreaterThan(16)
    expect(await shareOf(index, vectors, vectors.length - window, vectors.length, 0.9)).toBeGreaterThanOrEqual(0.9)
    // Row numbers went up to three times the window, and so did the rows' chunks; the codes' places were used again.
    expect(index.byteLength).toBeLessThan(byteLength + 6000 * 64 * 1.1 + 200_000)
  })

  test('no work in the background takes a slice of more than some milliseconds', async () => {
    let [longest, begin] = [0, 0]
    const timed = async () => {
      if (begin > 0) longest = Math.max(longest, process.cpuUsage().user / 1000 - begin)
      await pause()
      begin = process.cpuUsage().user / 1000
    }
    const index = new CodeIndex(await wasm.make(), 48, {
      centroid: new Float32Array(48),
      clustersFrom: 1000,
      pause: timed,
    })
    for (let row = 0; row < vectors.length; row++) index.set(row, vectors[row]!)
    await index.settled()
    expect(index.clusters).toBeGreaterThan(16)
    // Compiling and collecting included; a scan of everything takes as long.
    expect(longest).toBeLessThan(60)
  })
})

describe('lengths at the ends', () => {
  test.each([8, 8192])('of %i dimensions, with clusters, finds its share and forgets nothing', async dims => {
    const vectors = clustered({ dims, count: dims === 8 ? 3000 : 300 })
    const centroid = vectors[0]!.unit.map(
      (_, i) => vectors.reduce((sum, { unit }) => sum + unit[i]!, 0) / vectors.length,
    )
    const index = await emptyIndex(dims, centroid, dims === 8 ? 1000 : 150)
    vectors.forEach((vector, row) => index.set(row, vector))
    await index.settled()
    expect(index.clusters).toBeGreaterThan(1)
    let found = 0
    const queries = near(vectors, 10)
    for (const query of queries) {
      const { candidates } = await index.scan(request({ query, all: rowsOf(vectors.keys()), recall: 0.95 }))
      const best = candidates.sort((a, b) => b.score - a.score).slice(0, 10)
      for (const { row } of bestOf(vectors, query)) if (best.some(hit => hit.row === row)) found++
      const sure = await index.scan(request({ query, all: rowsOf(vectors.keys()), recall: 1 }))
      const exact = new Set(sure.candidates.map(({ row }) => row))
      expect(bestOf(vectors, query).every(({ row }) => exact.has(row))).toBe(true)
    }
    expect(found / (10 * queries.length)).toBeGreaterThanOrEqual(0.9)
  })
})
