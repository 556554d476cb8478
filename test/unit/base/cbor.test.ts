import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { describe, expect, test } from 'vitest'
import { Cid, decodeCanonical, encodeCanonical, unwrap, type CborValue } from '../../../src/base/index'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const cid = Cid.fromDigest(new Uint8Array(32).fill(5))

describe('encodeCanonical', () => {
  test.each<[CborValue, string]>([
    [0, '00'],
    [-0, '00'],
    [23, '17'],
    [24, '1818'],
    [255, '18ff'],
    [256, '190100'],
    [65_536, '1a00010000'],
    [2 ** 31, '1a80000000'],
    [2 ** 32 - 1, '1affffffff'],
    [2 ** 32, '1b0000000100000000'],
    [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
    [-1, '20'],
    [-25, '3818'],
    [-(2 ** 31) - 1, '3a80000000'],
    [-(2 ** 32), '3affffffff'],
    [-(2 ** 32) - 1, '3b0000000100000000'],
    [Number.MIN_SAFE_INTEGER, '3b001ffffffffffffe'],
    [4_102_444_800_000, '1b000003bb2cc3d800'],
    [[], '80'],
    [new Map(), 'a0'],
    [new Uint8Array(0), '40'],
    ['', '60'],
    [[true, false, null], '83f5f4f6'],
  ])('writes %s in the shortest form', (value, expected) => {
    expect(hex(encodeCanonical(value))).toBe(expected)
  })

  test('sorts keys by length and then by bytes, whatever their order', () => {
    const map = new Map(['bb', 'z', 'é', 'a', 'aa', ''].map((key, i) => [key, i]))
    const keys = [...(unwrap(decodeCanonical(encodeCanonical(map))) as Map<string, number>).keys()]
    expect(keys).toEqual(['', 'a', 'z', 'aa', 'bb', 'é'])
  })

  test('agrees with @ipld/dag-cbor byte for byte', () => {
    const text = 'Grüße, 世界 🌍 '
    const value = new Map<string, CborValue>([
      ['list', [1, -7, 2 ** 40, -(2 ** 45), text.repeat(20)]],
      ['x'.repeat(300), new Uint8Array(70_000).fill(9)],
      ['cid', cid],
      ['long', 'a'.repeat(70_000)],
      ['array', Array.from({ length: 300 }, (_, i) => i)],
    ])
    const theirs = dagCbor.encode({ ...Object.fromEntries(value), cid: CID.parse(cid.toString()) })
    expect(hex(encodeCanonical(value))).toBe(hex(theirs))
  })

  test('takes Node buffers as bytes and returns memory of its own', () => {
    expect(hex(encodeCanonical(Buffer.from('0102', 'hex')))).toBe('420102')
    const bytes = encodeCanonical([1])
    expect(bytes.constructor).toBe(Uint8Array)
    expect(bytes.buffer.byteLength).toBe(bytes.length)
  })

  test.each<[string, string, unknown]>([
    ['float', 'a fraction', 1.5],
    ['float', 'NaN', Number.NaN],
    ['float', 'infinity', Infinity],
    ['int-range', 'an unsafe integer', 2 ** 53],
    ['bad-utf8', 'a lone surrogate', 'a\ud800'],
    ['bad-utf8', 'a lone surrogate in a key', new Map([['\udc00', 1]])],
    ['bad-utf8', 'a leading byte order mark', '\ufeffa'],
    ['bad-type', 'undefined', undefined],
    ['bad-type', 'a plain object', { a: 1 }],
    ['bad-type', 'a bigint', 1n],
    ['bad-type', 'a date', new Date()],
  ])('throws %s for %s', (code, _, value) => {
    expect(() => encodeCanonical([value as CborValue])).toThrowError(expect.objectContaining({ code }))
  })
})

describe('decodeCanonical', () => {
  test('gives back maps, arrays, bytes, text and ids', () => {
    const value = new Map<string, CborValue>([
      ['a', [1, -1, 2 ** 40, true, null]],
      ['b', new Uint8Array([1, 2])],
      ['cid', cid],
      ['__proto__', new Map([['constructor', 'é'.repeat(3000)]])],
    ])
    const back = unwrap(decodeCanonical(encodeCanonical(value))) as Map<string, CborValue>
    expect([...back.keys()]).toEqual(['a', 'b', 'cid', '__proto__'])
    expect(back.get('a')).toEqual([1, -1, 2 ** 40, true, null])
    expect(back.get('b')).toEqual(new Uint8Array([1, 2]))
    expect(String(back.get('cid'))).toBe(cid.toString())
    expect((back.get('__proto__') as Map<string, CborValue>).get('constructor')).toBe('é'.repeat(3000))
    expect(({} as Record<string, unknown>)['constructor']).toBe(Object)
  })

  test('leaves no trace on the bytes it reads', () => {
    const bytes = unhex('83010203')
    decodeCanonical(bytes)
    expect(Object.keys(bytes)).toEqual(['0', '1', '2', '3'])
  })

  test('reads views into larger buffers', () => {
    expect(unwrap(decodeCanonical(unhex('ffff 820102 ffff').subarray(2, 5)))).toEqual([1, 2])
  })

  const link = `d82a5825 00 ${hex(cid.bytes)}`
  test.each<[code: string, what: string, offset: number, bytes: string]>([
    ['truncated', 'no bytes', 0, ''],
    ['truncated', 'half a head', 1, '8119'],
    ['truncated', 'half an integer', 1, '811900'],
    ['truncated', 'a missing item', 0, '8201'],
    ['truncated', 'a byte string that is cut', 0, '43 0102'],
    ['truncated', 'a text that is cut', 0, '63 6161'],
    ['truncated', 'an array of 4 billion items', 0, '9affffffff 00'],
    ['truncated', 'a map of 2^53 entries', 0, 'bb0020000000000000 00'],
    ['truncated', 'a byte string of 2^64 − 1 bytes', 0, '5bffffffffffffffff 00'],
    ['truncated', 'a tag without content', 2, 'd82a'],
    ['trailing-bytes', 'a second item', 1, '0000'],
    ['not-shortest', 'one byte for 23', 1, '811817'],
    ['not-shortest', 'two bytes for 255', 0, '1900ff'],
    ['not-shortest', 'four bytes for 65535', 0, '1a0000ffff'],
    ['not-shortest', 'eight bytes for 2^32 − 1', 0, '1b00000000ffffffff'],
    ['not-shortest', 'a long negative', 0, '3817'],
    ['not-shortest', 'a long length of bytes', 0, '580100'],
    ['not-shortest', 'a long length of text', 0, '780161'],
    ['not-shortest', 'a long array head', 0, '980100'],
    ['not-shortest', 'a long map head', 0, 'b800'],
    ['not-shortest', 'a long tag', 0, `d9002a${link.slice(4)}`],
    ['indefinite-length', 'an indefinite array', 0, '9f01ff'],
    ['indefinite-length', 'an indefinite map', 0, 'bfff'],
    ['indefinite-length', 'indefinite bytes', 0, '5f4101ff'],
    ['indefinite-length', 'indefinite text', 0, '7f6161ff'],
    ['indefinite-length', 'a break', 1, '81ff'],
    ['unsorted-keys', 'keys in falling order', 4, 'a2 616200 616100'],
    ['unsorted-keys', 'a longer key first', 5, 'a2 62616100 616200'],
    ['duplicate-key', 'one key twice', 4, 'a2 616100 616101'],
    ['bad-key', 'an integer key', 1, 'a10100'],
    ['bad-key', 'a byte key', 1, 'a1416100'],
    ['bad-utf8', 'an overlong form', 0, '62c080'],
    ['bad-utf8', 'an encoded surrogate', 0, '63eda080'],
    ['bad-utf8', 'a cut sequence', 0, '61c3'],
    ['bad-utf8', 'a bad key', 1, 'a161ff00'],
    ['bad-utf8', 'a byte order mark in front', 0, '64efbbbf61'],
    ['bad-tag', 'a bignum', 0, 'c24101'],
    ['bad-tag', 'a regular expression', 0, 'd81b8161 61'],
    ['bad-tag', 'a shared reference', 0, 'd81c80'],
    ['bad-cid', 'tag 42 on text', 2, 'd82a6161'],
    ['bad-cid', 'tag 42 on short bytes', 2, 'd82a4100'],
    ['bad-cid', 'no identity prefix', 2, link.replace('5825 00', '5825 01')],
    ['bad-cid', 'another codec', 2, link.replace('0171', '0155')],
    ['bad-cid', 'another hash', 2, link.replace('017112', '017113')],
    ['float', 'a half', 0, 'f93c00'],
    ['float', 'a single', 0, 'fa3f800000'],
    ['float', 'a double', 0, 'fb3ff0000000000000'],
    ['float', 'a NaN', 1, '81f97e00'],
    ['bad-simple', 'undefined', 0, 'f7'],
    ['bad-simple', 'an unassigned simple value', 0, 'e0'],
    ['bad-simple', 'a two-byte simple value', 0, 'f8ff'],
    ['bad-simple', 'a reserved head', 0, '1c'],
    ['bad-simple', 'a reserved simple head', 0, 'fe'],
    ['int-range', 'the first unsafe integer', 0, '1b0020000000000000'],
    ['int-range', 'the first unsafe negative', 0, '3b001fffffffffffff'],
    ['int-range', 'the last integer', 0, '1bffffffffffffffff'],
    ['too-deep', 'nine arrays', 8, '818181818181818181 00'],
    ['too-deep', 'nine maps', 24, 'a16161'.repeat(9) + '00'],
  ])('refuses as %s: %s (byte %i)', (code, _, offset, bytes) => {
    expect(decodeCanonical(unhex(bytes))).toMatchObject({ ok: false, error: { code, offset } })
  })

  test('accepts eight nested containers and the largest safe integers', () => {
    expect(decodeCanonical(unhex('8181818181818181 00')).ok).toBe(true)
    expect(unwrap(decodeCanonical(unhex('1b001fffffffffffff')))).toBe(Number.MAX_SAFE_INTEGER)
    expect(unwrap(decodeCanonical(unhex('3b001ffffffffffffe')))).toBe(Number.MIN_SAFE_INTEGER)
  })

  test('keeps to the limits that the caller sets', () => {
    expect(decodeCanonical(unhex('83000102'), { maxItems: 3 })).toMatchObject({
      error: { code: 'too-many-items', limit: 3, offset: 3 },
    })
    expect(decodeCanonical(unhex('83000102'), { maxItems: 4 })).toMatchObject({ ok: true })
    expect(decodeCanonical(unhex('8180'), { maxDepth: 1 })).toMatchObject({ error: { code: 'too-deep', limit: 1 } })
    expect(decodeCanonical(unhex('820102'), { maxBytes: 3 }).ok).toBe(true)
    expect(decodeCanonical(unhex('820102'), { maxBytes: 2 })).toMatchObject({ error: { code: 'too-large', limit: 2 } })
    expect(decodeCanonical(new Uint8Array(262_145))).toMatchObject({ error: { code: 'too-large', limit: 262_144 } })
  })

  test('a hundred thousand opening arrays cost no stack', () => {
    expect(decodeCanonical(new Uint8Array(100_000).fill(0x81))).toMatchObject({ error: { code: 'too-deep' } })
  })
})
