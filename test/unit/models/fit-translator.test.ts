import { describe, expect, test } from 'vitest'
import { fitTranslator, translate, type FitInput } from '../../../src/models/index'
import { rejection } from '../../../src/testing/index'
import { apply, inner, normals, orthonormal, unitVectors } from './vectors'

const next = normals(7)
const turn = orthonormal(24, 16, next)
const from = unitVectors(120, 16, next)
const to = from.map(vector => apply(turn, vector))
const input = (change: Partial<FitInput> = {}): FitInput => ({ from: 'a:x', to: 'b:y', pairs: { from, to }, ...change })
const pairs = (count: number) => ({ from: from.slice(0, count), to: to.slice(0, count) })

describe('fitTranslator', () => {
  test('says what it was fitted on and how it did on what it did not see', async () => {
    const { quality, ...translator } = await fitTranslator(input())
    expect(translator).toMatchObject({ from: 'a:x', to: 'b:y', method: 'procrustes', rows: 24, columns: 16 })
    expect(quality).toMatchObject({ anchors: 96, heldOut: 24, gallery: 120, top1: 1, top10: 1, cosine: 1 })
    expect(Math.abs(quality.baseline)).toBeLessThan(0.3)
  })

  test('a mismatch between anchors and held-out pairs shows in the quality', async () => {
    const unrelated = unitVectors(120, 24, normals(8))
    const { quality } = await fitTranslator(input({ pairs: { from, to: unrelated } }))
    expect(quality.top1).toBeLessThan(0.2)
    expect(Math.abs(quality.cosine)).toBeLessThan(0.3)
  })

  test('counts ties against itself', async () => {
    const same = to.map((vector, i) => (i % 5 === 4 ? to[4]! : vector))
    const { quality } = await fitTranslator(input({ pairs: { from, to: same } }))
    expect(quality).toMatchObject({ top1: 0, top10: 0 })
  })

  test.each([
    [undefined, 24],
    [0.5, 60],
    [0.001, 1],
    [10, 10],
  ])('holds out what was asked for: %s', async (holdOut, heldOut) => {
    const { quality } = await fitTranslator(input(holdOut === undefined ? {} : { holdOut }))
    expect(quality).toMatchObject({ heldOut, anchors: 120 - heldOut })
  })

  test('holds out evenly: pairs ordered by topic leave none unseen', async () => {
    // Two topics that share no dimension, one after the other.
    const half = (side: 0 | 1) =>
      unitVectors(60, 8, normals(side)).map(v =>
        Float32Array.of(...(side ? [...new Array(8).fill(0), ...v] : [...v, ...new Array(8).fill(0)])),
      )
    const ordered = [...half(0), ...half(1)]
    const { quality } = await fitTranslator(input({ pairs: { from: ordered, to: ordered.map(v => apply(turn, v)) } }))
    expect(quality).toMatchObject({ top1: 1, heldOut: 24 })
  })

  test('is deterministic, and blind to the length of vectors', async () => {
    const first = await fitTranslator(input())
    expect(await fitTranslator(input())).toEqual(first)
    const scaled = from.map((vector, i) => vector.map(value => value * 2 ** (i % 7)))
    expect(await fitTranslator(input({ pairs: { from: scaled, to } }))).toEqual(first)
  })

  test('bounds the gallery', async () => {
    const many = unitVectors(1100, 8, normals(3))
    const { quality } = await fitTranslator(input({ pairs: { from: many, to: many }, holdOut: 60 }))
    expect(quality).toMatchObject({ gallery: 1000, heldOut: 60, anchors: 1040 })
  })

  test('tells its progress to the end', async () => {
    const shares: number[] = []
    await fitTranslator(input(), { onProgress: share => shares.push(share) })
    expect(shares.toSorted((a, b) => a - b)).toEqual(shares)
    expect(shares.at(-1)).toBe(1)
  })

  test.each([
    ['before', AbortSignal.abort()],
    ['while it reads', undefined],
  ])('ends with a signal that fires %s', async (_, given) => {
    const stop = new AbortController()
    const signal = given ?? stop.signal
    expect(await rejection(fitTranslator(input(), { signal, onProgress: () => stop.abort() }))).toBe('aborted')
  })

  const bad = (side: 'from' | 'to', at: number, vector: number[]) => {
    const changed = { from: [...from], to: [...to] }
    changed[side][at] = Float32Array.from(vector)
    return { pairs: changed }
  }
  const zeros = new Array<number>(16).fill(0)
  test.each<[string, Partial<FitInput>, object]>([
    ['a model id without provider', { from: 'x' }, { code: 'bad-model-id' }],
    [
      'a model id that names other dimensions',
      { to: 'b:y#16' },
      { code: 'wrong-length', field: 'pairs.to[0]', limit: 16 },
    ],
    [
      'lists of different lengths',
      { pairs: { from, to: to.slice(1) } },
      { code: 'wrong-length', field: 'pairs.to', limit: 120 },
    ],
    ['a shorter vector', bad('to', 3, [1]), { code: 'wrong-length', field: 'pairs.to[3]', limit: 24 }],
    ['NaN', bad('from', 2, [...zeros.slice(1), Number.NaN]), { code: 'non-finite', field: 'pairs.from[2]' }],
    ['infinity', bad('from', 2, [...zeros.slice(1), Infinity]), { code: 'non-finite', field: 'pairs.from[2]' }],
    ['zeros', bad('from', 5, zeros), { code: 'bad-value', field: 'pairs.from[5]' }],
    ['no pairs', { pairs: pairs(0) }, { code: 'too-few-anchors', field: 'pairs', limit: 8 }],
    ['one anchor too few', { pairs: pairs(9), holdOut: 2 }, { code: 'too-few-anchors', limit: 8 }],
    ['everything held out', { holdOut: 120 }, { code: 'too-few-anchors' }],
    ['more held out than there is', { holdOut: 121 }, { code: 'too-few-anchors' }],
    ['nothing held out', { holdOut: 0 }, { code: 'out-of-range', field: 'holdOut' }],
    ['a broken count', { holdOut: 1.5 }, { code: 'out-of-range', field: 'holdOut' }],
    ['no number', { holdOut: Number.NaN }, { code: 'out-of-range', field: 'holdOut' }],
    [
      'anchors all alike',
      { pairs: { from: from.map(() => from[0]!), to: to.map(() => to[0]!) } },
      { code: 'bad-value', field: 'pairs' },
    ],
    [
      'vectors too long',
      { pairs: { from: [new Float32Array(8193)], to: [new Float32Array(2)] } },
      { code: 'out-of-range', limit: 8192 },
    ],
    ['empty vectors', { pairs: { from: [new Float32Array(0)], to: [new Float32Array(2)] } }, { code: 'out-of-range' }],
  ])('refuses %s', async (_, change, expected) => {
    await expect(fitTranslator(input(change))).rejects.toMatchObject(expected)
  })

  test('the least anchors pass, and wide models need more', async () => {
    expect((await fitTranslator(input({ pairs: pairs(9), holdOut: 1 }))).quality.anchors).toBe(8)
    const wide = unitVectors(40, 256, normals(4))
    await expect(fitTranslator(input({ pairs: { from: wide, to: wide }, holdOut: 9 }))).rejects.toMatchObject({
      limit: 32,
    })
  })
})

describe('translate', () => {
  test('answers a unit vector near the counterpart, whatever the length of the question', async () => {
    const translator = await fitTranslator(input())
    const answer = translate(translator, from[4]!)
    expect(answer).toBeInstanceOf(Float32Array)
    expect(inner(answer, answer)).toBeCloseTo(1, 5)
    expect(inner(answer, to[4]!)).toBeGreaterThan(0.95)
    const longer = translate(
      translator,
      from[4]!.map(value => value * 1000),
    )
    longer.forEach((value, i) => expect(value).toBeCloseTo(answer[i]!, 5))
  })

  test.each([
    ['another length', [1], { code: 'wrong-length', field: 'vector', limit: 16 }],
    ['NaN', [...new Array(15).fill(0), Number.NaN], { code: 'non-finite', field: 'vector' }],
    ['no direction', new Array(16).fill(0), { code: 'bad-value', field: 'vector' }],
  ])('refuses %s', async (_, vector, expected) => {
    const translator = await fitTranslator(input())
    expect(() => translate(translator, vector)).toThrow(expect.objectContaining(expected))
  })
})
