import { describe, expect, test } from 'vitest'
import { CodeIndex } from '../../../src/search/kernels/code-index'
import { loadKernels } from '../../../src/search/kernels/load-kernels'
import { clustered, near, request, rowsOf } from '../../tools/vectors'

const source = await loadKernels()
const dims = 40
const vectors = clustered({ dims, count: 600, norm: row => 1 + (row % 3) })
const queries = near(vectors, 10)

async function filled(options = {}) {
  const index = new CodeIndex(await source.make(), dims, { centroid: vectors[0]!.unit, clustersFrom: 100, ...options })
  vectors.forEach((vector, row) => index.set(row, vector))
  await index.settled()
  return index
}

/** Another index from what this one saves, but for some rows. */
async function copyOf(index: CodeIndex, fits: boolean, without: readonly number[] = []) {
  const copy = new CodeIndex(await source.make(), dims, { centroid: new Float32Array(dims), base: index.saved.base })
  const saved = new Uint8Array(index.saved.size)
  for (const row of vectors.keys()) {
    if (without.includes(row)) continue
    index.saved.save(row, saved)
    copy.saved.set(row, saved, fits)
  }
  return copy
}

async function answers(index: CodeIndex, recall: number, rows = [...vectors.keys()]) {
  const found: unknown[] = []
  for (const query of queries) {
    const { candidates } = await index.scan(request({ query, all: rowsOf(rows), recall }))
    const best = candidates.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, 10)
    found.push(best.map(({ row, score }) => ({ row, score })))
  }
  return found
}

/** Directions that the rows have shares of: any will do. */
const axes = vectors.slice(0, 8).map(({ unit }) => unit)

describe('saved rows', () => {
  test.each([
    [true, {}],
    [false, {}],
    [true, { axes }],
    [false, { axes: axes.slice(0, 3) }],
  ])('give the same answers in another index (with lists: %s, %o)', async (fits, options) => {
    const index = await filled(options)
    expect(index.clusters).toBeGreaterThan(1)
    const copy = await copyOf(index, fits)
    copy.saved.end()
    await copy.settled()
    expect([copy.clusters, copy.size]).toEqual([index.clusters, index.size])
    expect(copy.saved.base).toEqual(index.saved.base)
    expect(await answers(copy, 1)).toEqual(await answers(index, 1))
  })

  test('are searchable before all are there, and go beside new ones', async () => {
    const index = await filled()
    const late = [3, 4, 5, 590]
    const copy = await copyOf(index, true, late)
    const early = [...vectors.keys()].filter(row => !late.includes(row))
    expect(await answers(copy, 0.99, early)).toEqual(await answers(index, 1, early))
    late.forEach(row => copy.set(row, vectors[row]!))
    copy.saved.end()
    await copy.settled()
    expect(await answers(copy, 1)).toEqual(await answers(index, 1))
  })

  test('a base that is of another length is refused', async () => {
    const { base } = (await filled()).saved
    const withAxes = base.with(3, base[3]! ^ 0x80)
    for (const wrong of [base.slice(1), withAxes, base.slice(0, 3), new Uint8Array(0), base.with(0, base[0]! + 1)]) {
      const open = async () =>
        new CodeIndex(await source.make(), dims, { centroid: new Float32Array(dims), base: wrong })
      await expect(open()).rejects.toMatchObject({ code: 'bad-value', field: 'search.base' })
    }
  })
})
