import { describe, expect, test } from 'vitest'
import { CodeIndex } from '../../../src/search/kernels/code-index'
import { loadKernels } from '../../../src/search/kernels/load-kernels'
import { ScalarKernels } from '../../../src/search/kernels/scalar-kernels'
import { directionOf } from '../../../src/search/unit-vector'
import { idOf, MODEL as model, storedEngine, truth } from '../../tools/stored-engine'
import { normalNumbers, request, rowsOf } from '../../tools/vectors'

const DIMS = 24
const wasm = await loadKernels()

/** Vectors whose lengths are powers of ten, from `from` to `to` in turn. */
function ofLengths(from: number, to: number, count: number, seed = 4): Float32Array[] {
  const normal = normalNumbers(seed)
  return Array.from({ length: count }, (_, row) => {
    const length = 10 ** (from + (row % (to - from + 1)))
    return directionOf(Float32Array.from({ length: DIMS }, normal))!.unit.map(value => value * length)
  })
}

describe.each([
  ['plain floats', 300],
  ['codes', 1_500],
])('lengths of any size, by %s', (_name, count) => {
  test.each([
    [-44, 38],
    [-38, -20],
    [17, 38],
    [-3, 3],
  ])('from 1e%i to 1e%i are ranked as 64-bit floats rank them', async (from, to) => {
    const vectors = ofLengths(from, to, count)
    const { engine } = await storedEngine(vectors)
    for (const [i, vector] of ofLengths(from, to, 6, 77).entries()) {
      for (const metric of ['dot', 'euclidean'] as const) {
        const { ids, scores } = truth(vectors, vector, metric)
        const { hits } = await engine.search({ vector, model, metric, mode: 'exact' })
        for (const [at, { score }] of hits.entries())
          expect(Math.abs(score - scores[at]!)).toBeLessThanOrEqual(1e-12 * Math.abs(scores[at]!))
        if (new Set(scores).size === 10) expect([i, metric, hits.map(({ id }) => id)]).toEqual([i, metric, ids])
        const auto = await engine.search({ vector, model, metric })
        if (new Set(scores).size === 10 && auto.expectedRecall === undefined)
          expect(auto.hits.filter(({ id }) => ids.includes(id)).length).toBeGreaterThanOrEqual(8)
      }
    }
  })
})

test('rows too long for the kernels push no others out, whatever the length of the query', async () => {
  const vectors = [...ofLengths(15, 15, 1_200), ...ofLengths(16, 18, 300, 5)]
  const { engine } = await storedEngine(vectors)
  for (const [i, vector] of ofLengths(15, 17, 60, 78).entries()) {
    for (const metric of ['dot', 'euclidean'] as const) {
      const { hits } = await engine.search({ vector, model, metric, mode: 'exact' })
      expect([i, metric, hits.map(({ id }) => id)]).toEqual([i, metric, truth(vectors, vector, metric).ids])
    }
  }
})

test('those too long or short for the kernels are saved and come back as they are, until they leave', async () => {
  const vectors = [...ofLengths(-2, 2, 200), ...ofLengths(-44, 38, 83)]
  for (const make of [wasm.make, async () => new ScalarKernels()]) {
    const index = new CodeIndex(await make(), DIMS, { centroid: new Float32Array(DIMS) })
    vectors.forEach((vector, row) => index.set(row, directionOf(vector)!))
    const copy = new CodeIndex(await make(), DIMS, { centroid: new Float32Array(DIMS), base: index.saved.base })
    const saved = new Uint8Array(index.saved.size)
    for (const row of vectors.keys()) {
      index.saved.save(row, saved)
      copy.saved.set(row, saved, true)
    }
    copy.saved.end()
    const all = rowsOf(vectors.keys())
    const ask = async (of: CodeIndex, rows = all) => {
      const found = await of.scan(request({ query: directionOf(vectors[3]!)!, all: rows, metric: 'dot', k: 283 }))
      return found.candidates.sort((a, b) => a.row - b.row).map(({ row, score }) => [row, score.toPrecision(5)])
    }
    expect(await ask(copy)).toEqual(await ask(index))
    const [longest, there] = [282, rowsOf([...vectors.keys()].filter(row => row !== 282))]
    index.unset(longest)
    expect((await ask(index, there)).some(([row]) => row === longest)).toBe(false)
    index.set(longest, directionOf(vectors[0]!)!)
    expect(Math.abs(Number((await ask(index)).find(([row]) => row === longest)![1]))).toBeLessThan(1e4)
  }
})

test('of two that are the same but for their lengths both are told apart', async () => {
  const normal = normalNumbers(8)
  const others = Array.from({ length: 1_200 }, () => Float32Array.from({ length: DIMS }, normal))
  const unit = directionOf(others[0]!)!.unit
  const vectors = [...others, ...[1e20, 1e25, 1e-20, 1e-25].map(length => unit.map(value => value * length))]
  const { engine } = await storedEngine(vectors)
  for (const recall of [0.95, 0.99]) {
    const { hits } = await engine.search({ vector: unit, model, metric: 'dot', k: 2, recall })
    expect(hits.map(({ id }) => id)).toEqual([1_201, 1_200].map(idOf))
    expect(hits.map(({ score }) => score / 1e20)).toEqual([expect.closeTo(1e5, -2), expect.closeTo(1, 2)])
  }
})
