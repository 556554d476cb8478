import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { createBlock, decodeBlock, LIMITS, type TranslatorBlock, type TranslatorPart } from '../../../src/block/index'
import { assembleTranslator, fitTranslator, translatorParts, type Translator } from '../../../src/models/index'
import { Signer } from '../../../src/signer/index'
import { normals, unitVectors } from './vectors'

/** Of any shape; its numbers need not mean anything here. */
function translatorOf(rows: number, columns: number): Translator {
  const next = normals(rows * columns)
  const floats = (length: number) => Float32Array.from({ length }, next)
  return {
    ...{ from: 'a:x', to: 'b:y', method: 'procrustes', rows, columns },
    data: Int8Array.from({ length: rows * columns }, () => Math.max(-127, Math.min(127, 40 * next()))),
    scales: floats(rows).map(value => Math.abs(value) + 1e-6),
    means: { from: floats(columns), to: floats(rows) },
    quality: { anchors: 400, heldOut: 100, gallery: 500, top1: 0.842, top10: 0.979, cosine: 0.4, baseline: 0.49 },
  }
}

/** Their shapes and a hash of their numbers: comparing megabytes number by number would take minutes. */
function summary({ data, scales, means, ...facts }: Translator) {
  const hash = createHash('sha256')
  for (const numbers of [data, scales, means.from, means.to])
    hash.update(`${numbers.constructor.name} ${numbers.length} `).update(numbers)
  return { ...facts, numbers: hash.digest('hex') }
}

const small = translatorParts(translatorOf(512, 384))
const change = (at: number, changes: Partial<TranslatorPart>) =>
  small.map((part, index) => (index === at ? { ...part, ...changes } : part))

describe('translatorParts and assembleTranslator', () => {
  test.each([
    [1, 1, 1],
    [512, 384, 2],
    [384, 512, 2],
    [3, 8192, 1],
    [700, 8192, 47],
    [8192, 12, 2],
  ])('%i × %i', (rows, columns, count) => {
    const translator = translatorOf(rows, columns)
    const parts = translatorParts(translator)
    expect(parts.length).toBe(count)
    expect(summary(unwrap(assembleTranslator(parts)))).toEqual(summary(translator))
  })

  test('every part passes as a signed block, with room for other fields', async () => {
    const signer = await Signer.generate()
    const widest = translatorOf(20, LIMITS.dims)
    const received: TranslatorPart[] = []
    for (const translator of translatorParts(widest)) {
      const { bytes } = await createBlock({ translator, time: 0 }, signer)
      expect(bytes.length).toBeLessThan(0.6 * LIMITS.envelope)
      received.push((unwrap(decodeBlock(bytes)) as TranslatorBlock).translator)
    }
    expect(received.length).toBeGreaterThan(1)
    expect(summary(unwrap(assembleTranslator(received)))).toEqual(summary(widest))
  })

  test('a fitted translator comes back equal', async () => {
    const vectors = unitVectors(100, 32, normals(1))
    const fitted = await fitTranslator({ from: 'a:x', to: 'b:y', pairs: { from: vectors, to: vectors } })
    expect(assembleTranslator(translatorParts(fitted))).toEqual({ ok: true, value: fitted })
  })

  test('order and repetition do not matter', () => {
    const whole = unwrap(assembleTranslator(small))
    expect(summary(unwrap(assembleTranslator([...small, ...small].reverse())))).toEqual(summary(whole))
  })

  test('parts own their bytes', () => {
    const translator = translatorOf(4, 4)
    const [part] = translatorParts(translator)
    translator.data.fill(0)
    translator.means.to.fill(0)
    expect(assembleTranslator([part!]).ok).toBe(true)
  })
})

describe('assembleTranslator refuses', () => {
  const flipped = small[1]!.data.slice()
  flipped[7] = flipped[7]! ^ 1
  const other = translatorParts(translatorOf(512, 383))
  const { means: _, ...headless } = small[0]!
  test.each<[string, readonly TranslatorPart[], object]>([
    ['nothing', [], { code: 'incomplete-set' }],
    ['a set without its first part', [small[1]!], { code: 'incomplete-set', field: 'index' }],
    ['a set without its last part', [small[0]!], { code: 'incomplete-set', field: 'index', limit: 2 }],
    ['a first part without means', [headless, small[1]!], { code: 'bad-value', field: 'means' }],
    ['a part of another set', [small[0]!, other[1]!], { code: 'bad-value', field: 'set' }],
    ['another model', change(1, { from: 'a:z' }), { code: 'bad-value', field: 'from' }],
    ['another target', change(1, { to: 'b:z' }), { code: 'bad-value', field: 'to' }],
    ['another count', change(1, { count: 3 }), { code: 'bad-value', field: 'count' }],
    ['another width', change(1, { dims: 383 }), { code: 'bad-value', field: 'dims' }],
    [
      'another quality',
      change(1, { quality: { ...small[1]!.quality, top1: 1 } }),
      { code: 'bad-value', field: 'quality' },
    ],
    ['a gap between rows', change(1, { row: small[1]!.row + 1 }), { code: 'bad-value', field: 'row' }],
    ['rows twice', change(1, { row: 0 }), { code: 'bad-value', field: 'row' }],
    ['changed numbers', change(1, { data: flipped }), { code: 'bad-value', field: 'set' }],
    ['changed factors', change(0, { scales: small[0]!.scales.slice().reverse() }), { code: 'bad-value', field: 'set' }],
    [
      'means of another length',
      change(0, { means: { ...small[0]!.means!, to: new Uint8Array(4) } }),
      { code: 'wrong-length', field: 'means.to' },
    ],
    [
      'a hash of something else',
      small.map(part => ({ ...part, set: new Uint8Array(32) })),
      { code: 'bad-value', field: 'set' },
    ],
  ])('%s', (_, parts, error) => {
    expect(assembleTranslator(parts)).toMatchObject({ ok: false, error })
  })
})
