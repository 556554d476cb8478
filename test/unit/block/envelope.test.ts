import { describe, expect, test } from 'vitest'
import { encodeCanonical, equal, unwrap, utf8, type CborValue } from '../../../src/base/index'
import { borrowToBeSigned, sealEnvelope, toBeSigned } from '../../../src/block/envelope'
import { decodeBlock, openBlock, openEnvelope } from '../../../src/block/index'
import { EMBEDDING, envelopeOf, payloadOf } from './payloads'

describe('the envelope', () => {
  const payload = payloadOf(EMBEDDING)
  const header = Uint8Array.of(0xa1, 0x01, 0x27)
  const signature = new Uint8Array(64)

  test('is an untagged COSE_Sign1 with a constant protected header', () => {
    const bytes = sealEnvelope(payload, signature.fill(3))
    const head = Uint8Array.of(0x84, 0x43, 0xa1, 0x01, 0x27, 0xa0, 0x58, payload.length)
    expect(payload.length).toBeLessThan(256)
    expect(bytes).toEqual(new Uint8Array([...head, ...payload, 0x58, 64, ...signature]))
    const opened = unwrap(openEnvelope(bytes))
    expect(opened.payload).toEqual(payload)
    expect(opened.signature).toEqual(signature)
    const context = [0x84, 0x6a, ...utf8('Signature1'), 0x43, ...header, 0x40, 0x58, payload.length, ...payload]
    expect(opened.toBeSigned).toEqual(new Uint8Array(context))
  })

  test('opens into the block, its key and what was signed', () => {
    const bytes = envelopeOf(EMBEDDING)
    const opened = unwrap(openBlock(bytes))
    expect(opened.publicKey).toEqual(EMBEDDING['author'])
    expect(opened.toBeSigned).toEqual(unwrap(openEnvelope(bytes)).toBeSigned)
    expect(opened.block).toEqual(unwrap(decodeBlock(bytes)))
  })

  test.each<[string, CborValue]>([
    ['a map', new Map()],
    ['three items', [header, new Map(), payload]],
    ['five items', [header, new Map(), payload, signature, null]],
    ['another algorithm', [Uint8Array.of(0xa1, 0x01, 0x26), new Map(), payload, signature]],
    ['an empty protected header', [new Uint8Array(0), new Map(), payload, signature]],
    ['an unprotected header', [header, new Map([['kid', 1]]), payload, signature]],
    ['a detached payload', [header, new Map(), null, signature]],
    ['a text payload', [header, new Map(), 'payload', signature]],
    ['a short signature', [header, new Map(), payload, signature.subarray(1)]],
    ['a long signature', [header, new Map(), payload, new Uint8Array(65)]],
  ])('is refused as bad-envelope: %s', (_, value) => {
    expect(decodeBlock(encodeCanonical(value))).toMatchObject({ ok: false, error: { code: 'bad-envelope' } })
  })

  test('with the tag of COSE_Sign1 is bad-tag', () => {
    const tagged = Uint8Array.of(0xd2, ...sealEnvelope(payload, signature))
    expect(decodeBlock(tagged)).toMatchObject({ error: { code: 'bad-tag', offset: 0 } })
  })

  test('faults inside the payload are told by their offset in the envelope', () => {
    const spoiled = payload.slice()
    const at = spoiled.findIndex((_, i) => String.fromCharCode(...spoiled.subarray(i, i + 4)) === 'type') + 4
    spoiled[at] = 0xf6
    spoiled[at] = 0xf7
    const envelope = sealEnvelope(spoiled, signature)
    expect(decodeBlock(envelope)).toMatchObject({ error: { code: 'bad-simple', offset: 8 + at } })
  })

  test('payloads that are no map are refused', () => {
    expect(decodeBlock(sealEnvelope(encodeCanonical([1]), signature))).toMatchObject({ error: { code: 'bad-type' } })
    expect(decodeBlock(sealEnvelope(new Uint8Array(0), signature))).toMatchObject({ error: { code: 'truncated' } })
  })

  test('of 262,144 bytes is read, and one byte more is too-large', () => {
    const padded = (length: number): Uint8Array =>
      envelopeOf({ ...EMBEDDING, kind: 'padding', pad: new Uint8Array(length) })
    const fits = padded(262_144 - padded(70_000).length + 70_000)
    expect(fits.length).toBe(262_144)
    expect(decodeBlock(fits).ok).toBe(true)
    const over = padded(262_145 - padded(70_000).length + 70_000)
    expect(decodeBlock(over)).toMatchObject({ error: { code: 'too-large', limit: 262_144 } })
  })

  test('of anything but bytes is refused', () => {
    for (const value of [undefined, null, 'text', 7, [1], {}]) {
      expect(decodeBlock(value as unknown as Uint8Array)).toMatchObject({ error: { code: 'bad-type' } })
    }
  })
})

describe('what a signature covers', () => {
  const HEADER = Uint8Array.of(0xa1, 0x01, 0x27)
  const lengths = [0, 1, 23, 24, 255, 256, 8_160, 8_192, 65_535, 65_536, 262_144]
  const payloads = lengths.map(length => Uint8Array.from({ length }, (_, i) => i * 31))

  test.each(lengths.map((length, i) => [length, payloads[i]!] as const))('of %i bytes is canonical', (_, payload) => {
    const expected = encodeCanonical(['Signature1', HEADER, new Uint8Array(0), payload])
    expect(equal(toBeSigned(payload), expected)).toBe(true)
    const { message, giveBack } = borrowToBeSigned(payload)
    expect(equal(message, expected)).toBe(true)
    giveBack()
  })

  test('is each one’s own while it is borrowed, and not left over from another', () => {
    const expected = payloads.map(toBeSigned)
    const borrowed = payloads.map(borrowToBeSigned)
    expect(borrowed.map(({ message }, i) => equal(message, expected[i]!))).not.toContain(false)
    for (const { giveBack } of borrowed) giveBack()
    for (const [i, payload] of payloads.entries()) {
      const { message, giveBack } = borrowToBeSigned(payload)
      expect(equal(message, expected[i]!)).toBe(true)
      giveBack()
    }
  })
})
