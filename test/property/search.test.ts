import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bitmap } from '../../src/search/bitmap'
import { SearchEngine } from '../../src/search/search-engine'
import { TopK } from '../../src/search/top-k'
import type { Candidate } from '../../src/search/vector-index'
import type { StoredBlock } from '../../src/store/index'
import type { VerifiedBlock } from '../../src/block/index'

const DIMS = 4
const NOW = 1000
const TAGS = ['red', 'green', 'blue']
const AUTHORS = ['did:key:a', 'did:key:b']
const MODELS = ['test:one', 'test:two']

const vector = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: DIMS, maxLength: DIMS })
const sample = fc.record({
  vector: fc.oneof(vector, fc.array(fc.float({ noNaN: true, min: -1, max: 1 }), { minLength: DIMS, maxLength: DIMS })),
  tags: fc.subarray(TAGS),
  author: fc.constantFrom(...AUTHORS),
  model: fc.constantFrom(...MODELS),
  admitted: fc.boolean(),
  expires: fc.option(fc.integer({ min: NOW - 1, max: NOW + 1 }), { nil: undefined }),
})
const where = fc.record(
  {
    tags: fc.subarray([...TAGS, 'unseen']),
    author: fc.constantFrom(...AUTHORS, 'did:key:unseen'),
    model: fc.constantFrom(...MODELS),
    kind: fc.constantFrom('embedding', 'embedding', 'translator'),
  },
  { requiredKeys: [] },
)
type Sample = typeof sample extends fc.Arbitrary<infer T> ? T : never

/** The engine reads nothing but these fields, so that thousands of blocks need no signatures. */
function blockOf({ vector: numbers, tags, author, model, admitted, expires }: Sample, i: number): StoredBlock {
  const data = new Uint8Array(Float32Array.from(numbers).buffer)
  const embedding = { model, dims: DIMS, type: 'f32', data }
  const block = {
    id: `id${String((i * 7919) % 1000).padStart(3, '0')}`,
    kind: 'embedding',
    author,
    tags,
    embedding,
    expires,
  }
  return { block: block as unknown as VerifiedBlock, admitted }
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

test('search equals brute force under every filter, with its mean and deviation', async () => {
  const query = fc.record({
    vector: vector.filter(v => v.some(Boolean)),
    k: fc.integer({ min: 1, max: 12 }),
    where,
    minScore: fc.constantFrom(-1, 0, 0.5),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(sample, { maxLength: 60 }),
      query,
      async (samples, { vector: asked, k, where: filter, minScore }) => {
        const engine = new SearchEngine({ clock: { now: () => NOW } })
        samples.forEach((entry, i) => engine.add(blockOf(entry, i)))
        const found = await engine.search({ vector: asked, model: MODELS[0]!, k, where: filter, minScore })

        const { tags = [], author, model, kind = 'embedding' } = filter
        const passing = samples
          .map((entry, i) => ({
            ...entry,
            vector: [...Float32Array.from(entry.vector)],
            id: blockOf(entry, i).block.id,
          }))
          .filter(({ expires = Infinity }) => expires > NOW)
          .filter(entry => entry.admitted && entry.model === MODELS[0] && entry.vector.some(Boolean))
          .filter(
            entry => tags.every(tag => entry.tags.includes(tag)) && (author === undefined || entry.author === author),
          )
          .filter(entry => (model === undefined || entry.model === model) && kind === 'embedding')
        const scores = new Map(passing.map(entry => [entry.id, cosine(entry.vector, asked)]))

        expect(found.scanned).toBe(passing.length)
        const mean = [...scores.values()].reduce((a, b) => a + b, 0) / Math.max(1, scores.size)
        expect(found.mean).toBeCloseTo(mean, 5)
        const squares = [...scores.values()].reduce((sum, score) => sum + (score - mean) ** 2, 0)
        expect(found.deviation).toBeCloseTo(Math.sqrt(squares / Math.max(1, scores.size)), 4)
        const best = [...scores.values()].sort((a, b) => b - a).slice(0, k)
        const clear = best.filter(score => Math.abs(score - minScore) > 1e-6 && score > minScore).length
        expect(found.hits.length).toBeGreaterThanOrEqual(clear)
        for (const [i, { id, score }] of found.hits.entries()) {
          expect(score).toBeCloseTo(scores.get(id)!, 5)
          expect(score).toBeCloseTo(best[i]!, 5)
          const next = found.hits[i + 1]
          if (next) expect(score > next.score || (score === next.score && id < next.id)).toBe(true)
        }
        expect(new Set(found.hits.map(({ id }) => id)).size).toBe(found.hits.length)
      },
    ),
    { numRuns: 300 },
  )
})

test('TopK keeps exactly the first k of the sorted list, whatever the order of arrival', () => {
  const before = (a: Candidate, b: Candidate) => a.score > b.score || (a.score === b.score && a.row < b.row)
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 200 }), fc.integer({ min: 1, max: 40 }), (scores, k) => {
      const candidates = scores.map((score, row) => ({ row, score }))
      const best = new TopK(k, before)
      for (const candidate of candidates) {
        if (candidate.score >= best.floor) best.offer(candidate)
      }
      expect(best.sorted()).toEqual(candidates.toSorted((a, b) => (before(a, b) ? -1 : 1)).slice(0, k))
    }),
    { numRuns: 200 },
  )
})

test('a bitmap is a set of numbers, and `and` their intersection', () => {
  const rows = fc.array(fc.nat(400))
  fc.assert(
    fc.property(rows, rows, (a, b) => {
      const make = (numbers: number[]) => {
        const bitmap = new Bitmap()
        numbers.forEach(row => bitmap.add(row))
        return bitmap
      }
      expect(make(a).count).toBe(new Set(a).size)
      const both = make(a).and(make(b))
      const expected = new Set(a.filter(row => b.includes(row)))
      expect(both.count).toBe(expected.size)
      for (let row = 0; row < 450; row++) expect(both.has(row)).toBe(expected.has(row))
    }),
    { numRuns: 200 },
  )
})
