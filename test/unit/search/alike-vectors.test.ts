import { describe, expect, test } from 'vitest'
import { idOf, MODEL as model, storedEngine, truth } from '../../tools/stored-engine'
import { normalNumbers } from '../../tools/vectors'

/** What one search reads at most for ten hits. */
const MOST = 552
/** Around a common vector of ones. */
function offset(spread: number, dims = 64, count = 2_020, size = 1) {
  const normal = normalNumbers(3)
  const draw = () => Float32Array.from({ length: dims }, () => size + spread * normal())
  const all = Array.from({ length: count }, draw)
  return { vectors: all.slice(20), queries: all.slice(0, 20) }
}

/** Mean share of the true ten that is found, what the answers say of it, and blocks read for one. */
async function measured(vectors: readonly Float32Array[], queries: readonly Float32Array[]) {
  const { engine, reads } = await storedEngine(vectors)
  const mean = { found: 0, expected: 0, reads: 0 }
  for (const vector of queries) {
    const { hits, expectedRecall = 1 } = await engine.search({ vector, model })
    const { ids, scores } = truth(vectors, vector)
    mean.found += hits.filter(({ id }) => ids.includes(id)).length / 10 / queries.length
    mean.expected += expectedRecall / queries.length
    // Even what is none of the best is nearly as good as they are.
    for (const { score } of hits) expect(score).toBeGreaterThan(scores[9]! - 0.002)
  }
  mean.reads = reads.count / queries.length
  return { ...mean, engine, reads }
}

describe('vectors that point nearly the same way', () => {
  test.each([
    [0.01, MOST],
    [0.05, 100],
    [0.1, 60],
    [0.3, 60],
  ])('are told apart by what their bytes say of the differences: spread %f', async (spread, most) => {
    const { vectors, queries } = offset(spread)
    const { found, expected, reads } = await measured(vectors, queries)
    expect(found).toBeGreaterThanOrEqual(0.95)
    expect(expected).toBeCloseTo(1, 9)
    expect(reads.count / queries.length).toBeLessThan(most)
  })

  test('are read up to a bound where that does not suffice, and the answer says so', async () => {
    const { vectors, queries } = offset(0.003)
    const { found, expected, engine, reads } = await measured(vectors, queries)
    expect(reads.count / queries.length).toBeLessThanOrEqual(MOST)
    expect(expected).toBeLessThan(0.6)
    expect(found).toBeGreaterThan(expected)
    for (const vector of queries.slice(0, 5)) {
      const { hits, expectedRecall } = await engine.search({ vector, model, mode: 'exact' })
      expect(hits.map(({ id }) => id)).toEqual(truth(vectors, vector).ids)
      expect(expectedRecall).toBeUndefined()
    }
  })
})

test('vectors of one plane, denser than bytes can tell, are told apart by what lies along it', async () => {
  const inPlane = (turn: number) => Float32Array.from({ length: 32 }, (_, i) => Math.sin(turn + i))
  const vectors = Array.from({ length: 12_000 }, (_, row) => inPlane(row * 7_919))
  const queries = Array.from({ length: 10 }, (_, turn) => inPlane(turn * 7_907))
  const { found, reads } = await measured(vectors, queries)
  expect(found).toBeGreaterThanOrEqual(0.95)
  expect(reads.count / queries.length).toBeLessThan(40)
})

test('equal vectors are read once, and any of them may stand for the others', async () => {
  const normal = normalNumbers(9)
  const draw = () => Float32Array.from({ length: 48 }, normal)
  const [same, others] = [draw(), Array.from({ length: 1_000 }, draw)]
  const { engine, byId, reads } = await storedEngine([...others, ...Array.from({ length: 3_000 }, () => same)])
  for (const recall of [0.95, 0.99]) {
    reads.count = 0
    const { hits, expectedRecall } = await engine.search({ vector: same, model, recall })
    expect(hits.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, i) => idOf(1_000 + i)))
    for (const { score } of hits) expect(score).toBeCloseTo(1, 6)
    expect(expectedRecall).toBeUndefined()
    expect(reads.count).toBeLessThan(40)
  }
  // One whose block has gone from the store is none that can be found.
  byId.delete(idOf(1_000))
  const { hits } = await engine.search({ vector: same, model, recall: 0.99, k: 3 })
  expect(hits.map(({ id }) => id)).toEqual([1_001, 1_002, 1_003].map(idOf))
})

test('by distance, groups much narrower than their vectors are long are told apart', async () => {
  const normal = normalNumbers(9)
  const centers = Array.from({ length: 20 }, () => Float32Array.from({ length: 48 }, normal))
  const all = Array.from({ length: 2_020 }, (_, i) => centers[i % 20]!.map(value => value + 0.02 * normal()))
  const [vectors, queries] = [all.slice(20), all.slice(0, 20)]
  const { engine } = await storedEngine(vectors)
  let found = 0
  for (const vector of queries) {
    const { hits, expectedRecall } = await engine.search({ vector, model, metric: 'euclidean' })
    found += hits.filter(({ id }) => truth(vectors, vector, 'euclidean').ids.includes(id)).length
    expect(expectedRecall).toBeUndefined()
    hits.forEach(({ score }) => expect(score).toBeLessThanOrEqual(0))
  }
  expect(found / (10 * queries.length)).toBeGreaterThanOrEqual(0.95)
})

test('cosines next to one are told apart', async () => {
  const at = (angle: number) => Float32Array.of(1, angle, 0)
  const { engine } = await storedEngine([at(3e-5), at(1e-5), at(2e-5)])
  const { hits } = await engine.search({ vector: at(0), model, mode: 'exact' })
  expect(hits.map(({ id }) => id)).toEqual([1, 2, 0].map(idOf))
  for (const [i, angle] of [1e-5, 2e-5, 3e-5].entries()) expect(1 - hits[i]!.score).toBeCloseTo(angle ** 2 / 2, 14)
})

describe.each([
  ['a few', 500],
  ['many', 2_000],
])('by distance, far from the origin, of %s', (_name, count) => {
  test('exact mode finds what differences tell', async () => {
    const { vectors, queries } = offset(0.1, 64, count + 20, 1_000)
    const { engine } = await storedEngine(vectors)
    for (const vector of queries.slice(0, 5)) {
      const { hits } = await engine.search({ vector, model, metric: 'euclidean', mode: 'exact' })
      const { ids, scores } = truth(vectors, vector, 'euclidean')
      expect(hits.map(({ id }) => id)).toEqual(ids)
      hits.forEach(({ score }, i) => expect(score).toBeCloseTo(scores[i]!, 9))
    }
  })
})
