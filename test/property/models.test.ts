import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assembleTranslator, fitTranslator, procrustes, translate, translatorParts } from '../../src/models/index'
import { apply, inner, normals, orthonormal, unitVectors } from '../unit/models/vectors'

const shape = fc.record({
  rows: fc.integer({ min: 2, max: 24 }),
  columns: fc.integer({ min: 2, max: 24 }),
  seed: fc.integer(),
})

const double = (vectors: readonly ArrayLike<number>[]) => vectors.map(vector => Float64Array.from(vector))

test('procrustes finds the map that made the pairs, and it keeps lengths', async () => {
  const property = fc.asyncProperty(shape, async ({ rows, columns, seed }) => {
    const next = normals(seed)
    const truth = orthonormal(rows, columns, next)
    // In the smaller space first, so that the map loses nothing.
    const small = unitVectors(80, Math.min(rows, columns), next)
    const from = rows < columns ? small.map(vector => apply(transpose(truth), vector)) : small
    const found = await procrustes(double(from), double(from.map(vector => apply(truth, vector))))
    truth.flat().forEach((value, i) => expect(found[i]).toBeCloseTo(value, 4))
  })
  await fc.assert(property, { numRuns: 25 })
})

test('with fewer anchors than dimensions the map is an isometry of what they span', async () => {
  const property = fc.asyncProperty(shape, fc.integer({ min: 1, max: 6 }), async ({ rows, columns, seed }, count) => {
    const next = normals(seed)
    const from = unitVectors(count, columns, next)
    const found = await procrustes(double(from), double(unitVectors(count, rows, next)))
    const gram = Array.from({ length: rows }, (_, i) => Array.from(found.subarray(i * columns, (i + 1) * columns)))
    const columnGram = transpose(gram).map(a => transpose(gram).map(b => inner(a, b)))
    // A projection: applied twice it is itself, and its trace is its rank.
    columnGram.forEach((row, i) =>
      row.forEach((value, j) =>
        expect(
          inner(
            row,
            columnGram.map(r => r[j]!),
          ),
          `${i} ${j}`,
        ).toBeCloseTo(value, 4),
      ),
    )
    expect(columnGram.reduce((trace, row, i) => trace + row[i]!, 0)).toBeCloseTo(Math.min(count, rows, columns), 3)
  })
  await fc.assert(property, { numRuns: 25 })
})

test('a fitted, published and assembled translator carries unseen vectors, in spite of noise', async () => {
  const property = fc.asyncProperty(shape, async ({ rows, columns, seed }) => {
    fc.pre(rows >= columns && columns >= 6)
    const next = normals(seed)
    const truth = orthonormal(rows, columns, next)
    const from = unitVectors(200, columns, next)
    const to = from.map(vector => apply(truth, vector).map(value => value + 0.01 * next()))
    const fitted = await fitTranslator({ from: 'a:x', to: 'b:y', pairs: { from, to } })
    expect(fitted.quality.top10).toBeGreaterThan(0.95)
    const joined = assembleTranslator(translatorParts(fitted))
    expect(joined).toEqual({ ok: true, value: fitted })
    const [unseen] = unitVectors(1, columns, next)
    expect(inner(translate(fitted, unseen!), apply(truth, unseen!))).toBeGreaterThan(0.9)
  })
  await fc.assert(property, { numRuns: 15 })
})

test('assembleTranslator judges any mixture of parts without throwing', async () => {
  const next = normals(5)
  const vectors = unitVectors(60, 12, next)
  const parts = await Promise.all(
    ['b:y', 'b:z'].map(async to =>
      translatorParts(await fitTranslator({ from: 'a:x', to, pairs: { from: vectors, to: vectors } })),
    ),
  )
  const part = fc.constantFrom(...parts.flat())
  const hostile = fc.record({
    base: part,
    count: fc.integer({ min: 1, max: 4096 }),
    index: fc.integer({ min: 0, max: 4095 }),
    row: fc.integer({ min: 0, max: 20 }),
    rows: fc.integer({ min: 1, max: 20 }),
    data: fc.uint8Array({ maxLength: 40 }),
    scales: fc.uint8Array({ maxLength: 40 }),
  })
  const mixture = fc.array(
    fc.oneof(
      part,
      hostile.map(({ base, ...changes }) => ({ ...base, ...changes })),
    ),
    { maxLength: 5 },
  )
  fc.assert(
    fc.property(mixture, set => {
      const result = assembleTranslator(set)
      if (result.ok) expect(parts.flat().some(whole => whole.to === result.value.to)).toBe(true)
      else expect(['incomplete-set', 'bad-value', 'wrong-length']).toContain(result.error.code)
    }),
    { numRuns: 200 },
  )
})

function transpose(matrix: readonly number[][]): number[][] {
  return matrix[0]!.map((_, j) => matrix.map(row => row[j]!))
}
