import * as dagCbor from '@ipld/dag-cbor'
import { Decoder, Encoder } from 'cbor-x/index-no-eval'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cid, decodeCanonical, encodeCanonical, unwrap, type CborValue } from '../../src/base/index'

const text = fc.string({ unit: 'binary', maxLength: 80 }).filter(value => !value.startsWith('\ufeff'))
const leaf = fc.oneof(
  text,
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map(digest => Cid.fromDigest(digest)),
)
const { value } = fc.letrec<{ value: CborValue }>(tie => ({
  value: fc.oneof(
    { maxDepth: 7, depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 6 }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 6 }).map(entries => new Map(entries)),
  ),
}))

describe('canonical CBOR', () => {
  test('every value has one byte string, which reads back as the value', () => {
    fc.assert(
      fc.property(value, original => {
        const bytes = encodeCanonical(original)
        const back = unwrap(decodeCanonical(bytes))
        expect(encodeCanonical(back)).toEqual(bytes)
        expect(normal(back)).toEqual(normal(original))
      }),
      { numRuns: 400 },
    )
  })

  test('@ipld/dag-cbor, which is strict too, accepts it and writes the same bytes', () => {
    fc.assert(
      fc.property(value, original => {
        const bytes = encodeCanonical(original)
        expect(new Uint8Array(dagCbor.encode(dagCbor.decode(bytes)))).toEqual(bytes)
      }),
      { numRuns: 200 },
    )
  })

  test('cbor-x reads the same value, and writes it in no fewer bytes', () => {
    const options = { useRecords: false, variableMapSize: true, mapsAsObjects: false, int64AsNumber: true }
    const [decoder, encoder] = [new Decoder(options), new Encoder({ ...options, tagUint8Array: false })]
    const withoutCids = value.filter(of => !JSON.stringify(normal(of)).includes('"cid":'))
    fc.assert(
      fc.property(withoutCids, original => {
        const bytes = encodeCanonical(original)
        const theirs = decoder.decode(bytes) as CborValue
        expect(normal(theirs)).toEqual(normal(original))
        expect(encoder.encode(theirs).length).toBeGreaterThanOrEqual(bytes.length)
      }),
      { numRuns: 200 },
    )
  })

  test('mutated bytes never throw, and what is accepted re-encodes identically', () => {
    let accepted = 0
    fc.assert(
      fc.property(value, fc.nat(), fc.nat(), fc.integer({ min: 0, max: 255 }), (original, at, cut, byte) => {
        const bytes = encodeCanonical(original)
        bytes[at % bytes.length] = byte
        const candidate = cut % 4 === 0 ? bytes.subarray(0, cut % (bytes.length + 1)) : bytes
        const read = decodeCanonical(candidate)
        if (!read.ok) return
        accepted++
        expect(encodeCanonical(read.value)).toEqual(new Uint8Array(candidate))
      }),
      { numRuns: 3000 },
    )
    expect(accepted).toBeGreaterThan(0)
  })

  test('random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        const read = decodeCanonical(bytes)
        if (read.ok) expect(encodeCanonical(read.value)).toEqual(bytes)
      }),
      { numRuns: 3000 },
    )
  })
})

/** Maps as sorted entries and ids as text, so that two equal values compare equal. */
function normal(of: CborValue): unknown {
  if (of instanceof Cid) return { cid: of.toString() }
  if (of instanceof Uint8Array) return { bytes: [...of] }
  if (Array.isArray(of)) return of.map(normal)
  if (!(of instanceof Map)) return of === 0 ? 0 : of
  const entries = [...(of as ReadonlyMap<string, CborValue>)].map(([key, item]) => [key, normal(item)] as const)
  return { entries: entries.sort(([a], [b]) => (a < b ? -1 : 1)) }
}
