import { describe, expect, test } from 'vitest'
import { encodeCanonical, unwrap, type CborValue } from '../../../src/base/index'
import { decodeMessageOf, encodeMessageOf, type Message } from '../../../src/sync/session-messages'
import { envelope, helloOf, idOf } from './session-harness'

const id = idOf(envelope(1, 1))
const digest = new Uint8Array(32)
const fill = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

describe('messages', () => {
  test.each<Message>([
    helloOf({ kinds: [] }),
    helloOf({ extensions: ['a', 'ä'.repeat(16)] }),
    helloOf({ software: 'ä'.repeat(32), window: 524_288, items: 65_536 }),
    { type: 'reconcile', bytes: Uint8Array.of(0x61) },
    { type: 'reconciled' },
    { type: 'want', ids: fill(256, id) },
    { type: 'blocks', blocks: fill(64, Uint8Array.of(1, 2)) },
    { type: 'gone', ids: [id] },
    { type: 'announce', items: fill(256, { time: 4_102_444_800_000, id }) },
    { type: 'credit', bytes: 67_108_864, items: 0 },
    { type: 'done' },
    { type: 'audit' },
    { type: 'ping' },
    { type: 'pong' },
    { type: 'bye', code: 'bad-signature' },
    { type: 'floor', time: 4_102_444_800_000 },
    { type: 'span', floor: 0, ceiling: 0 },
  ])('$type survives the wire', message => {
    expect(unwrap(decodeMessageOf(encodeMessageOf(message)))).toEqual(message)
  })

  test.each([
    [64, 16_384],
    [4, 262_144],
  ])('%i blocks of %i bytes fit into one message', (count, size) => {
    const bytes = encodeMessageOf({ type: 'blocks', blocks: fill(count, new Uint8Array(size).fill(7)) })
    expect(Buffer.compare(encodeMessageOf(unwrap(decodeMessageOf(bytes))), bytes)).toBe(0)
  })

  test('the bytes are those of the specification', () => {
    const hex = (message: Message) => Buffer.from(encodeMessageOf(message)).toString('hex')
    expect(hex({ type: 'reconcile', bytes: Uint8Array.of(0x61) })).toBe('82014161')
    expect(hex({ type: 'credit', bytes: 256, items: 1 })).toBe('830719010001')
    expect(hex({ type: 'bye', code: 'closed' })).toBe('820c66636c6f736564')
    expect(hex({ type: 'ping' })).toBe('810a')
  })

  const hello = (...fields: CborValue[]) => [0, ...fields] as const
  test.each<[string, CborValue, string?]>([
    ['no array', 7],
    ['an empty array', []],
    ['an unknown type', [15]],
    ['a negative type', [-1]],
    ['257 ids', [3, fill(257, digest)]],
    ['no ids', [3, []]],
    ['a short id', [3, [new Uint8Array(31)]]],
    ['trailing fields', [3, [digest], 1]],
    ['65 blocks', [4, fill(65, Uint8Array.of(1))]],
    ['blocks over 1 MiB', [4, [...fill(4, new Uint8Array(262_144)), Uint8Array.of(1)]]],
    ['an envelope over 256 KiB', [4, [new Uint8Array(262_145)]]],
    ['an empty envelope', [4, [new Uint8Array(0)]]],
    ['257 announced items', [6, fill(257, [1, digest])]],
    ['a time beyond 2100', [6, [[4_102_444_800_001, digest]]]],
    ['a negative time', [6, [[-1, digest]]]],
    ['credit over the largest window', [7, 67_108_865, 0]],
    ['negative credit', [7, -1, 0]],
    ['a reconcile without bytes', [1, 'x']],
    ['a done with a field', [8, 1]],
    ['a long bye', [12, 'x'.repeat(33)]],
    ['another protocol version', hello(1, 'whatever'), 'version'],
    ['a small maxMessage', hello(2, 1_179_647, 4_194_304, 4096, [], '', 0, 9)],
    ['a small window', hello(2, 1_179_648, 524_287, 4096, [], '', 0, 9)],
    ['a large window', hello(2, 1_179_648, 67_108_865, 4096, [], '', 0, 9)],
    ['few items', hello(2, 1_179_648, 4_194_304, 255, [], '', 0, 9)],
    ['many items', hello(2, 1_179_648, 4_194_304, 65_537, [], '', 0, 9)],
    ['65 kinds', hello(2, 1_179_648, 4_194_304, 4096, fill(65, [1, 'k']), '', 0, 9)],
    ['a long kind', hello(2, 1_179_648, 4_194_304, 4096, [[1, 'k'.repeat(65)]], '', 0, 9)],
    ['a long software name', hello(2, 1_179_648, 4_194_304, 4096, [], 'ä'.repeat(33), 0, 9)],
    ['a hello without bounds', hello(2, 1_179_648, 4_194_304, 4096, [], '')],
    ['a floor before 1970', hello(2, 1_179_648, 4_194_304, 4096, [], '', -1, 9)],
    ['a ceiling beyond 2100', hello(2, 1_179_648, 4_194_304, 4096, [], '', 0, 4_102_444_800_001)],
    ['a ceiling below the floor', hello(2, 1_179_648, 4_194_304, 4096, [], '', 9, 8)],
    ['a hello with more', hello(2, 1_179_648, 4_194_304, 4096, [], '', 0, 9, 0)],
    ['a hello with more than extensions', hello(2, 1_179_648, 4_194_304, 4096, [], '', 0, 9, ['a'], 0)],
    ['an empty list of extensions', hello(2, 1_179_648, 4_194_304, 4096, [], '', 0, 9, [])],
    ['17 extensions', hello(2, 1_179_648, 4_194_304, 4096, [], '', 0, 9, fill(17, 'a'))],
    ['a nameless extension', hello(2, 1_179_648, 4_194_304, 4096, [], '', 0, 9, [''])],
    ['a long name of an extension', hello(2, 1_179_648, 4_194_304, 4096, [], '', 0, 9, ['ä'.repeat(17)])],
    ['a floor that is text', [13, 'x']],
    ['a floor with more', [13, 1, 1]],
    ['a span upside down', [14, 2, 1]],
    ['a span without ceiling', [14, 2]],
  ])('%s is refused', (_, value, code = 'protocol') => {
    expect(decodeMessageOf(encodeCanonical(value))).toMatchObject({ ok: false, error: { code } })
  })

  test('bytes that are not canonical CBOR, and messages over the limit, are refused', () => {
    expect(decodeMessageOf(Uint8Array.of(0x9f, 0xff))).toMatchObject({
      ok: false,
      error: { code: 'protocol', hint: 'indefinite-length' },
    })
    expect(decodeMessageOf(Uint8Array.of(0x81, 0x18, 10))).toMatchObject({
      ok: false,
      error: { code: 'protocol', hint: 'not-shortest' },
    })
    expect(decodeMessageOf(new Uint8Array(0))).toMatchObject({ ok: false, error: { code: 'protocol' } })
    expect(decodeMessageOf(new Uint8Array(1_179_649))).toMatchObject({
      ok: false,
      error: { code: 'too-large', limit: 1_179_648 },
    })
  })
})
