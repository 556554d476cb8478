import { describe, expect, test } from 'vitest'
import { CodeIndex, type CodeIndexOptions } from '../../../src/search/kernels/code-index'
import type { KernelSource } from '../../../src/search/kernels/kernels'
import { loadKernels } from '../../../src/search/kernels/load-kernels'
import { ScalarKernels } from '../../../src/search/kernels/scalar-kernels'
import { directionOf } from '../../../src/search/unit-vector'
import type { Direction, Metric, ScanRequest } from '../../../src/search/vector-index'
import { bestOf, clustered, near, request, rowsOf } from '../../tools/vectors'

const wasm = await loadKernels()
const scalar: KernelSource = { name: 'scalar', make: async () => new ScalarKernels() }
const sources = [wasm, scalar]

async function filled(source: KernelSource, vectors: readonly Direction[], options: Partial<CodeIndexOptions> = {}) {
  const dims = vectors[0]!.unit.length
  const centroid = new Float32Array(dims)
  for (const { unit } of vectors) unit.forEach((value, i) => (centroid[i]! += value / vectors.length))
  const index = new CodeIndex(await source.make(), dims, { centroid, ...options })
  vectors.forEach((vector, row) => index.set(row, vector))
  return index
}

const all = (vectors: readonly Direction[]) => rowsOf(vectors.keys())

/** The best rows by score, as the caller of an index takes them. */
async function found(index: CodeIndex, asked: ScanRequest) {
  const { candidates } = await index.scan(asked)
  return candidates.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, asked.k)
}

const share = (rows: readonly { row: number }[], wanted: readonly { row: number }[]) =>
  wanted.filter(({ row }) => rows.some(other => other.row === row)).length / wanted.length

test('SIMD kernels run here', () => expect(wasm.name).toMatch(/^wasm/))

describe.each(sources)('$name', source => {
  test.each([8, 100, 250, 300, 1024])('finds its share of the nearest in %i dimensions', async dims => {
    const vectors = clustered({ dims, count: 1200 })
    const index = await filled(source, vectors)
    const queries = near(vectors, 12).map(query => ({ query, best: bestOf(vectors, query) }))
    for (const recall of [0.9, 0.95]) {
      const shares: number[] = []
      for (const { query, best } of queries) {
        shares.push(share(await found(index, request({ query, all: all(vectors), recall })), best))
      }
      expect(shares.reduce((a, b) => a + b) / shares.length).toBeGreaterThanOrEqual(recall)
    }
  })

  test.each(['cosine', 'dot', 'euclidean'] as Metric[])('by %s, exact mode misses nothing', async metric => {
    const vectors = clustered({ dims: 100, count: 1500, norm: row => 0.5 + (row % 7) })
    const index = await filled(source, vectors)
    for (const query of near(vectors, 8)) {
      const { candidates } = await index.scan(request({ query, all: all(vectors), metric, recall: 1 }))
      const best = bestOf(vectors, query, { metric })
      expect(share(candidates, best)).toBe(1)
      const scores = new Map(candidates.map(({ row, score }) => [row, score]))
      for (const { row, score } of best)
        expect(Math.abs(scores.get(row)! - score)).toBeLessThan(0.01 * query.norm ** 2 + 0.01)
      const fast = await found(index, request({ query, all: all(vectors), metric, recall: 0.95 }))
      expect(share(fast, best)).toBeGreaterThanOrEqual(0.8)
    }
  })

  test('looks only at the rows asked for, few or many', async () => {
    const vectors = clustered({ dims: 64, count: 1600 })
    const index = await filled(source, vectors)
    for (const every of [2, 50]) {
      const rows = rowsOf([...vectors.keys()].filter(row => row % every === 0))
      for (const query of near(vectors, 10)) {
        const hits = await found(index, request({ query, all: all(vectors), rows }))
        expect(hits.every(({ row }) => row % every === 0)).toBe(true)
        expect(share(hits, bestOf(vectors, query, { rows }))).toBeGreaterThanOrEqual(0.9)
      }
    }
  })

  test('what is unset is never found, and its place is used again', async () => {
    const vectors = clustered({ dims: 64, count: 1600 })
    const index = await filled(source, vectors)
    const [query] = near(vectors, 1)
    await index.scan(request({ query: query!, all: all(vectors) }))
    const before = index.byteLength
    const gone = new Set(bestOf(vectors, query!, { k: 5 }).map(({ row }) => row))
    gone.forEach(row => index.unset(row))
    const left = rowsOf([...vectors.keys()].filter(row => !gone.has(row)))
    const hits = await found(index, request({ query: query!, all: left }))
    expect(hits.some(({ row }) => gone.has(row))).toBe(false)
    for (let round = 0; round < 50; round++) {
      gone.forEach(row => index.set(row, vectors[row]!))
      if (round < 49) gone.forEach(row => index.unset(row))
    }
    expect(index.byteLength).toBe(before)
    expect(index.size).toBe(1600)
    expect(share(await found(index, request({ query: query!, all: all(vectors) })), bestOf(vectors, query!))).toBe(1)
  })

  test('what is unset takes no place, however small the values', async () => {
    const vectors = clustered({ dims: 64, count: 1500, norm: row => (row < 30 ? 9 : 1) })
    const index = await filled(source, vectors)
    for (let row = 0; row < 30; row++) index.unset(row)
    const rows = rowsOf([...vectors.keys()].slice(30))
    for (const { unit } of near(vectors, 5)) {
      const query = { unit, norm: 1e-6 }
      const hits = await found(index, request({ query, all: rows, metric: 'dot', recall: 0.95 }))
      expect(share(hits, bestOf(vectors, query, { metric: 'dot', rows }))).toBeGreaterThanOrEqual(0.8)
    }
  })

  test('thousands of equal vectors are all candidates, so that ids can decide', async () => {
    const [vector] = clustered({ dims: 32, count: 1 })
    const vectors = Array.from({ length: 5000 }, () => vector!)
    const index = await filled(source, vectors)
    for (const recall of [0.95, 1]) {
      const { candidates } = await index.scan(request({ query: vector!, all: all(vectors), recall }))
      expect(candidates.length).toBe(5000)
    }
  })

  test('leaves out what scores too little', async () => {
    const vectors = clustered({ dims: 64, count: 1500, norm: row => 1 + (row % 3) })
    const index = await filled(source, vectors)
    const [query] = near(vectors, 1)
    for (const metric of ['cosine', 'dot', 'euclidean'] as Metric[]) {
      const minScore = bestOf(vectors, query!, { metric, k: 6 })[5]!.score - 1e-9
      const { candidates } = await index.scan(
        request({ query: query!, all: all(vectors), metric, minScore, recall: 1 }),
      )
      const hits = candidates.filter(({ score }) => score >= minScore - 0.05)
      expect(share(hits, bestOf(vectors, query!, { metric, k: 6 }))).toBe(1)
      expect(candidates.length).toBeLessThan(60)
    }
  })

  test('vectors at the edges: one axis, opposite, tiny, huge', async () => {
    const dims = 40
    const axis = (i: number, size: number) => directionOf(new Float32Array(dims).fill(0).with(i, size))!
    const vectors = [axis(0, 1), axis(0, -1), axis(1, 1e-38), axis(2, 3e38), ...clustered({ dims, count: 60 })]
    const index = await filled(source, vectors)
    for (const [row, query] of vectors.slice(0, 4).entries()) {
      for (const recall of [0.95, 1]) {
        const hits = await found(index, request({ query, all: all(vectors), recall, k: 1 }))
        expect(hits[0]!.row).toBe(row)
        expect(hits[0]!.score).toBeCloseTo(1, 2)
      }
    }
  })
})

test('the scalar kernels find what the SIMD kernels find', async () => {
  const vectors = clustered({ dims: 200, count: 1500 })
  const [fast, slow] = [await filled(wasm, vectors), await filled(scalar, vectors)]
  let shared = 0
  for (const query of near(vectors, 20)) {
    for (const recall of [0.8, 0.95, 1]) {
      const asked = request({ query, all: all(vectors), recall })
      const [ours, theirs] = [await found(fast, asked), await found(slow, asked)]
      shared += share(theirs, ours)
      theirs.forEach(({ score }, i) => expect(Math.abs(score - ours[i]!.score)).toBeLessThan(0.002))
    }
  }
  // Sums of floats differ in their last bits, and so does, rarely, which of two neighbours is compared.
  expect(shared / 60).toBeGreaterThan(0.98)
})

describe('clusters', () => {
  const vectors = clustered({ dims: 32, count: 4000, clusters: 60 })
  const pause = () => new Promise<void>(resolve => setImmediate(resolve))
  const options = { clustersFrom: 1000, pause, onError: (error: unknown) => console.error(error) }
  const queries = near(vectors, 20).map(query => ({ query, best: bestOf(vectors, query) }))

  async function shareFound(index: CodeIndex, recall: number) {
    let sum = 0
    for (const { query, best } of queries)
      sum += share(await found(index, request({ query, all: all(vectors), recall })), best)
    return sum / queries.length
  }

  test('are made in the background; what is set and unset meanwhile is right at once', async () => {
    const index = await filled(wasm, vectors, options)
    expect(index.clusters).toBe(1)
    let busy = true
    const settled = index.settled().then(() => (busy = false))
    for (let row = 0; busy; row = (row + 7) % 4000) {
      index.unset(row)
      const left = all(vectors)
      left.delete(row)
      const { candidates } = await index.scan(request({ query: vectors[row]!, all: left, recall: 0.95 }))
      expect(candidates.some(hit => hit.row === row)).toBe(false)
      index.set(row, vectors[row]!)
      const [first] = await found(index, request({ query: vectors[row]!, all: all(vectors) }))
      expect(first!.row).toBe(row)
      await pause()
    }
    await settled
    expect(index.clusters).toBeGreaterThan(16)
    expect(index.size).toBe(4000)
    // The codes moved into the places that they left: a tenth more, not twice.
    expect(index.byteLength / 4000).toBeLessThan(170)
    for (const recall of [0.9, 0.95]) expect(await shareFound(index, recall)).toBeGreaterThanOrEqual(recall)
    for (const { query, best } of queries) {
      const { candidates } = await index.scan(request({ query, all: all(vectors), recall: 1 }))
      expect(share(candidates, best)).toBe(1)
    }
  })

  test('keep their promise as the data drift, and give memory back', async () => {
    const index = await filled(wasm, vectors.slice(0, 1500), options)
    await index.settled()
    const before = index.clusters
    for (let row = 1500; row < 4000; row++) index.set(row, vectors[row]!)
    for (let row = 0; row < 4000; row++) {
      index.unset(row)
      index.set(row, { unit: vectors[row]!.unit.map((value, i) => (i < 16 ? value : -value)), norm: 1 })
      if (row % 200 === 0) await pause()
    }
    for (let row = 0; row < 4000; row++) {
      index.unset(row)
      index.set(row, vectors[row]!)
      if (row % 200 === 0) await pause()
    }
    await index.settled()
    expect(index.clusters).toBeGreaterThan(before)
    expect(await shareFound(index, 0.95)).toBeGreaterThanOrEqual(0.95)
    const { byteLength } = index
    for (let round = 0; round < 3; round++) {
      for (let row = 0; row < 3000; row++) index.unset(row)
      await index.settled()
      for (let row = 0; row < 3000; row++) index.set(row, vectors[row]!)
      await index.settled()
    }
    expect(index.byteLength).toBeLessThan(1.5 * byteLength)
    expect(await shareFound(index, 0.95)).toBeGreaterThanOrEqual(0.95)
  })

  test('find the nearest under a filter that leaves out whole clusters, and by other metrics', async () => {
    const index = await filled(wasm, vectors, options)
    await index.settled()
    const rows = rowsOf([...vectors.keys()].filter(row => row % 4 === 0))
    for (const { query } of queries.slice(0, 8)) {
      const hits = await found(index, request({ query, all: all(vectors), rows }))
      expect(share(hits, bestOf(vectors, query, { rows }))).toBeGreaterThanOrEqual(0.8)
      for (const metric of ['dot', 'euclidean'] as const) {
        const other = await found(index, request({ query, all: all(vectors), metric }))
        expect(share(other, bestOf(vectors, query, { metric }))).toBeGreaterThanOrEqual(0.8)
      }
    }
  })
})

describe('slices', () => {
  /** Eight kilobytes a vector: a scan of all has several slices. */
  const vectors = clustered({ dims: 8192, count: 1 })
  const many = Array.from({ length: 9_000 }, () => vectors[0]!)

  test('scans that overlap do not disturb each other, nor do writes between their slices', async () => {
    const index = await filled(wasm, many)
    const opposite = { unit: vectors[0]!.unit.map(value => -value), norm: 1 }
    let pauses = 0
    const pause = async () => {
      pauses++
      index.set(many.length + pauses, opposite)
      index.unset(pauses)
      await new Promise(resolve => setImmediate(resolve))
    }
    const ask = (query: Direction) => index.scan(request({ query, all: all(many), recall: 1, k: 3, pause }))
    const [ours, theirs] = await Promise.all([ask(vectors[0]!), ask(opposite)])
    expect(pauses).toBeGreaterThan(1)
    expect(ours.candidates[0]!.score).toBeCloseTo(1, 3)
    expect(theirs.candidates[0]!.score).toBeCloseTo(-1, 3)
  })
})
