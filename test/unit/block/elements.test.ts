import { describe, expect, test } from 'vitest'
import { blockVector, decodeElements, encodeElements } from '../../../src/block/index'
import { decodeHalf, encodeHalf } from '../../../src/block/half'
import { floats } from './payloads'

describe('binary16', () => {
  test('every finite bit pattern is read and written back', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      if ((bits & 0x7c00) === 0x7c00) continue
      if (encodeHalf(decodeHalf(bits)) !== bits) expect.fail(`0x${bits.toString(16)}`)
    }
    expect([0x7c00, 0xfc00, 0x7c01].map(decodeHalf)).toEqual([Infinity, -Infinity, Number.NaN])
  })

  test('every midpoint goes to the even neighbour, and what is beside it to the nearer one', () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const middle = (decodeHalf(bits) + decodeHalf(bits + 1)) / 2
      const even = bits % 2 === 0 ? bits : bits + 1
      const beside = [middle * (1 - 2 ** -50), middle, middle * (1 + 2 ** -50)].map(encodeHalf)
      if (beside.join() !== [bits, even, bits + 1].join()) expect.fail(`0x${bits.toString(16)}: ${beside.join()}`)
    }
  })

  test('known numbers', () => {
    expect([0, -0, 1, -2, 65_504, 2 ** -24, 0.1].map(encodeHalf)).toEqual([
      0, 0x8000, 0x3c00, 0xc000, 0x7bff, 1, 0x2e66,
    ])
  })
})

describe('encodeElements', () => {
  const vector = [0.1, -0.4, 0.25, 0, 1]

  test('f32 is little-endian and rounds to nearest', () => {
    expect(encodeElements(vector, 'f32')).toEqual({ data: floats(...vector) })
    expect([...decodeElements(floats(...vector), 'f32')]).toEqual(vector.map(Math.fround))
  })

  test('f16 keeps eleven bits', () => {
    const { data } = encodeElements(vector, 'f16')
    expect(data.length).toBe(10)
    decodeElements(data, 'f16').forEach((x, i) =>
      expect(Math.abs(x - vector[i]!)).toBeLessThanOrEqual(Math.abs(vector[i]!) * 2 ** -11),
    )
  })

  test('i8 maps the largest magnitude to 127 and errs by half a step at most', () => {
    const { data, scale } = encodeElements(vector, 'i8')
    expect(scale).toBe(Math.fround(1 / 127))
    expect([...new Int8Array(data.buffer)]).toEqual([13, -51, 32, 0, 127])
    decodeElements(data, 'i8', scale).forEach((x, i) =>
      expect(Math.abs(x - vector[i]!)).toBeLessThanOrEqual(scale! * 0.500001),
    )
  })

  test('i8 stores zeros, subnormals and the largest scale', () => {
    expect(encodeElements([0, 0], 'i8')).toEqual({ data: new Uint8Array(2), scale: 1 })
    const tiny = encodeElements([2 ** -149, 0], 'i8')
    expect(tiny.scale).toBeGreaterThan(0)
    expect(decodeElements(tiny.data, 'i8', tiny.scale)[0]).toBe(Math.fround(2 ** -149))
    const huge = encodeElements([127 * 2 ** 120, -(127 * 2 ** 120)], 'i8')
    expect(decodeElements(huge.data, 'i8', huge.scale).every(Number.isFinite)).toBe(true)
  })

  test('reads data at any offset of its buffer', () => {
    const data = new Uint8Array([9, ...floats(1.5, -2)]).subarray(1)
    const embedding = { model: 'a:b', dims: 2, type: 'f32' as const, data }
    expect([...blockVector({ embedding })]).toEqual([1.5, -2])
  })

  test.each([
    ['non-finite', 'f32', Number.NaN],
    ['non-finite', 'f32', Infinity],
    ['non-finite', 'f16', -Infinity],
    ['non-finite', 'i8', undefined as unknown as number],
    ['out-of-range', 'f32', 3.5e38],
    ['out-of-range', 'f16', 65_505],
    ['out-of-range', 'i8', 2 ** 127],
  ] as const)('throws %s in %s for %s, naming the element', (code, type, bad) => {
    expect(() => encodeElements([1, bad], type)).toThrowError(expect.objectContaining({ code, field: 'embedding[1]' }))
  })
})
