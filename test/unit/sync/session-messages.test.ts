import { describe, expect, test } from 'vitest'
import { encodeCanonical, unwrap, type CborValue } from '../../../src/base/index'
import { decodeMessageOf, encodeMessageOf, type Message } from '../../../src/sync/session-messages'
import { envelope, helloOf, idOf } from './session-harness'

const id = idOf(envelope(1, 1))
const digest = new Uint8Array(32)
const WORLD = { south: -90, west: -180, north: 90, east: 179.9999999 }
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
    { type: 'interests', interests: [] },
    { type: 'interests', interests: fill(32, { tags: fill(8, 'ä'.repeat(64)) }) },
    {
      type: 'interests',
      interests: [{ kind: 'a', author: 'b', model: 'c', tags: ['d'], since: 1, until: 2, region: WORLD }, {}],
    },
    { type: 'scope', collection: { of: 'everything' }, floor: 0, ceiling: 0, fetches: false },
    { type: 'scope', collection: { of: 'control' }, floor: 0, ceiling: 1, fetches: true },
    { type: 'scope', collection: { of: 'kind', kind: 'a' }, floor: 0, ceiling: 1, fetches: true },
    { type: 'scope', collection: { of: 'author', author: 'a' }, floor: 0, ceiling: 1, fetches: true },
    { type: 'scope', collection: { of: 'tag', version: 1, kind: 'a', tag: 'b' }, floor: 0, ceiling: 1, fetches: true },
    {
      type: 'scope',
      collection: { of: 'model', version: 9, kind: 'a', model: 'b' },
      floor: 0,
      ceiling: 1,
      fetches: true,
    },
    { type: 'coarser' },
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
    expect(hex({ type: 'interests', interests: [{ tags: ['a'], since: 1 }, {}] })).toBe(
      '82 15 82 a2 6474616773 81 6161 6573696e6365 01 a0'.replaceAll(' ', ''),
    )
    expect(hex({ type: 'interests', interests: [{ region: { south: -1, west: 0, north: 1, east: 2 } }] })).toBe(
      '82 15 81 a1 66726567696f6e 84 3a0098967f 00 1a00989680 1a01312d00'.replaceAll(' ', ''),
    )
    const collection = { of: 'tag', version: 1, kind: 'a', tag: 'b' } as const
    expect(hex({ type: 'scope', collection, floor: 0, ceiling: 2, fetches: false })).toBe(
      '85168463746167016161616200 02f4'.replace(' ', ''),
    )
    expect(hex({ type: 'coarser' })).toBe('8117')
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
    ['33 interests', [21, fill(33, new Map())]],
    ['an interest in what there is not', [21, [new Map([['tagz', ['a']]])]]],
    ['an interest in no tags', [21, [new Map([['tags', []]])]]],
    ['an interest in 9 tags', [21, [new Map([['tags', fill(9, 'a')]])]]],
    ['an interest in an empty tag', [21, [new Map([['tags', ['']]])]]],
    ['an interest in a long tag', [21, [new Map([['tags', ['ä'.repeat(65)]]])]]],
    ['an interest in a number', [21, [new Map([['kind', 1]])]]],
    ['an interest until its beginning', [21, [new Map(Object.entries({ since: 5, until: 5 }))]]],
    ['an interest until 2101', [21, [new Map([['until', 4_133_980_800_000]])]]],
    ['a region of three corners', [21, [new Map([['region', [0, 0, 0]]])]]],
    ['a region upside down', [21, [new Map([['region', [1, 0, 0, 0]]])]]],
    ['a region beyond the pole', [21, [new Map([['region', [0, 0, 900_000_001, 0]]])]]],
    ['a region of fractions', [21, [new Map([['region', [0, 0, 'a', 0]]])]]],
    ['interests with more', [21, [], 0]],
    ['a scope of an unknown collection', [22, ['sky'], 0, 1, true]],
    ['a scope of a tag of nothing', [22, ['tag', 'b'], 0, 1, true]],
    ['a scope of an empty kind', [22, ['kind', ''], 0, 1, true]],
    ['a scope of everything and more', [22, ['control', 'a'], 0, 1, true]],
    ['a scope that ends before it begins', [22, [], 2, 1, true]],
    ['a scope with a number for a bool', [22, [], 0, 1, 1]],
    ['coarser with more', [23, 0]],
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
