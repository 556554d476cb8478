import { describe, expect, test } from 'vitest'
import { FlatIndex } from '../../../src/search/flat-index'
import { CodeIndex } from '../../../src/search/kernels/code-index'
import { fewAxes } from '../../../src/search/kernels/few-axes'
import { loadKernels } from '../../../src/search/kernels/load-kernels'
import { ScalarKernels } from '../../../src/search/kernels/scalar-kernels'
import { directionOf } from '../../../src/search/unit-vector'
import type { Direction } from '../../../src/search/vector-index'
import { bestOf, clustered, normalNumbers, request, rowsOf } from '../../tools/vectors'

const DIMS = 96
const wasm = await loadKernels()

/** Vectors along `axes` random directions, and a little beyond. */
function along({
  axes,
  count,
  beyond = 0,
  offset = 0,
}: Record<'axes' | 'count', number> & Partial<Record<string, number>>) {
  const normal = normalNumbers(axes)
  const directions = Array.from({ length: axes }, () => Float32Array.from({ length: DIMS }, normal))
  return Array.from({ length: count }, (): Direction => {
    const shares = directions.map(normal)
    const sum = (i: number) => shares.reduce((all, share, axis) => all + share * directions[axis]![i]!, 0)
    return directionOf(Float32Array.from({ length: DIMS }, (_, i) => sum(i) + beyond * normal() + offset))!
  })
}

function axesOf(vectors: readonly Direction[]) {
  const flat = new FlatIndex(vectors[0]!.unit.length)
  vectors.forEach((vector, row) => flat.set(row, vector))
  const rows = [...vectors.keys()]
  const centroid = flat.meanOf(rows)
  const axes = fewAxes(flat, rows, centroid)
  return { centroid, ...(axes && { axes }) }
}

describe('axes', () => {
  test.each([1, 2, 5, 8])('are found where vectors lie along %i', count => {
    const { axes = [] } = axesOf(along({ axes: count, count: 500, beyond: 0.01 }))
    expect(axes.length).toBeGreaterThanOrEqual(Math.min(count, 8))
    expect(axes.length).toBeLessThanOrEqual(8)
    for (const [i, a] of axes.entries()) {
      for (const [j, b] of axes.entries()) {
        expect(a.reduce((sum, value, at) => sum + value * b[at]!, 0)).toBeCloseTo(i === j ? 1 : 0, 4)
      }
    }
  })

  test('are not where vectors have more, or are the same', () => {
    expect(axesOf(clustered({ dims: DIMS, count: 500 })).axes).toBeUndefined()
    expect(axesOf(along({ axes: 20, count: 500 })).axes).toBeUndefined()
    expect(axesOf(along({ axes: 2, count: 500, beyond: 1 })).axes).toBeUndefined()
    const [one] = along({ axes: 2, count: 1 })
    expect(axesOf(Array.from({ length: 200 }, () => one!)).axes).toBeUndefined()
  })
})

const kernels = [
  ['WebAssembly', async () => wasm.make()],
  ['plain JavaScript', async () => new ScalarKernels()],
] as const

describe.each(kernels)('rows along few axes, in %s', (name, make) => {
  const count = name === 'WebAssembly' ? 6_000 : 1_500

  test.each([
    { axes: 2, beyond: 0, offset: 0, clustersFrom: 1_000 },
    { axes: 2, beyond: 0, offset: 2, clustersFrom: Infinity },
    { axes: 6, beyond: 0.003, offset: 0, clustersFrom: 1_000 },
  ])('are told apart, and found as exactly as floats allow: %o', async ({ clustersFrom, ...sample }) => {
    const all = along({ ...sample, count: count + 20 })
    const vectors = all.slice(20)
    const index = new CodeIndex(await make(), DIMS, { ...axesOf(vectors), clustersFrom })
    vectors.forEach((vector, row) => index.set(row, vector))
    await index.settled()
    let found = 0
    for (const query of all.slice(0, 20)) {
      const best = bestOf(vectors, query)
      const { candidates } = await index.scan(request({ query, all: rowsOf(vectors.keys()), refine: true }))
      const scores = new Map(candidates.map(({ row, score }) => [row, score]))
      found += best.filter(({ row }) => scores.has(row)).length / 200
      const off = sample.beyond > 0 ? 1e-4 : 1e-6
      for (const { row, score } of best) expect(Math.abs((scores.get(row) ?? score) - score)).toBeLessThan(off)
      // Few others come along, where bytes of the whole vectors would leave hundreds in doubt.
      expect(candidates.length).toBeLessThan(100)
    }
    expect(found).toBeGreaterThanOrEqual(0.95)
  })
})
