import { cid, head, type Item, join, mapOf, raw, type Raw, textString, write } from './raw-cbor'
import { EMBEDDING, pack, paddedTo, PROTECTED, type RefusedVector, seal, sealWith, seedOf, TIME } from './sealing'

/** A name, a description, the code, the value of the extension `acme/x`, and the fault's offset in that value. */
type ValueFault = readonly [name: string, description: string, code: string, value: Item, at?: number]

const nested = (depth: number): Item => (depth === 0 ? 1 : [nested(depth - 1)])

const VALUES: readonly ValueFault[] = [
  ['not-shortest-int', 'The integer 23 in two bytes.', 'not-shortest', raw('18 17')],
  ['not-shortest-int-16', 'The integer 255 in three bytes.', 'not-shortest', raw('19 00ff')],
  ['not-shortest-int-32', 'The integer 65,535 in five bytes.', 'not-shortest', raw('1a 0000ffff')],
  ['not-shortest-int-64', 'The integer 2^32 - 1 in nine bytes.', 'not-shortest', raw('1b 00000000ffffffff')],
  ['not-shortest-negative', 'The integer -1 in two bytes.', 'not-shortest', raw('38 00')],
  ['not-shortest-bytes', 'A byte string whose length 1 takes two bytes.', 'not-shortest', raw('58 01 00')],
  ['not-shortest-text', 'A text whose length 1 takes two bytes.', 'not-shortest', raw('78 01 61')],
  ['not-shortest-array', 'An array whose count 1 takes two bytes.', 'not-shortest', raw('98 01 00')],
  ['not-shortest-map', 'A map whose count 1 takes two bytes.', 'not-shortest', raw('b8 01 6161 00')],
  ['not-shortest-tag', 'Tag 42 in three bytes.', 'not-shortest', raw('d9 002a 5825 00 01 71 12 20', seedOf(1))],
  ['indefinite-bytes', 'A byte string of indefinite length.', 'indefinite-length', raw('5f 4100 ff')],
  ['indefinite-text', 'A text of indefinite length.', 'indefinite-length', raw('7f 6161 ff')],
  ['indefinite-array', 'An array of indefinite length.', 'indefinite-length', raw('9f 00 ff')],
  ['indefinite-map', 'A map of indefinite length.', 'indefinite-length', raw('bf 6161 00 ff')],
  ['break', 'The end of an indefinite length where there is none.', 'indefinite-length', raw('ff')],
  ['int-range', 'The integer 2^53.', 'int-range', raw('1b 0020000000000000')],
  ['int-range-64', 'The integer 2^64 - 1.', 'int-range', raw('1b ffffffffffffffff')],
  ['int-range-negative', 'The integer -2^53.', 'int-range', raw('3b 001fffffffffffff')],
  ['float-16', 'A half-precision float.', 'float', raw('f9 3c00')],
  ['float-32', 'A single-precision float.', 'float', raw('fa 3f800000')],
  ['float-64', 'A double-precision float, not a number.', 'float', raw('fb 7ff8000000000000')],
  ['undefined', 'The simple value undefined.', 'bad-simple', raw('f7')],
  ['simple-32', 'An unassigned simple value.', 'bad-simple', raw('f8 20')],
  ['reserved-simple', 'Major type 7 with the reserved additional information 28.', 'bad-simple', raw('fc')],
  ['reserved-integer', 'An integer with the reserved additional information 30.', 'bad-simple', raw('1e')],
  ['utf8-lone-continuation', 'A text of one continuation byte.', 'bad-utf8', raw('61 80')],
  ['utf8-overlong', 'A text with an overlong form of "/".', 'bad-utf8', raw('62 c0af')],
  ['utf8-surrogate', 'A text with an encoded surrogate.', 'bad-utf8', raw('63 eda080')],
  ['utf8-beyond', 'A text with a code point beyond U+10FFFF.', 'bad-utf8', raw('64 f4908080')],
  ['utf8-cut', 'A text that ends inside a character.', 'bad-utf8', raw('62 e282')],
  ['utf8-bom', 'A text that begins with U+FEFF.', 'bad-utf8', '\ufefftext'],
  ['utf8-key', 'A key that is no UTF-8.', 'bad-utf8', mapOf([raw('61 ff'), 0]), 1],
  ['key-integer', 'A map key that is an integer.', 'bad-key', mapOf([1, 0]), 1],
  ['key-bytes', 'A map key that is a byte string.', 'bad-key', mapOf([Uint8Array.of(97), 0]), 1],
  ['duplicate-key', 'A key that stands twice.', 'duplicate-key', mapOf(['a', 0], ['a', 0]), 4],
  [
    'unsorted-bytes',
    'Keys of one length in the wrong order of their bytes.',
    'unsorted-keys',
    mapOf(['b', 0], ['a', 0]),
    4,
  ],
  ['unsorted-length', 'A longer key before a shorter one.', 'unsorted-keys', mapOf(['aa', 0], ['b', 0]), 5],
  ['tag-bignum', 'A big integer, tag 2.', 'bad-tag', raw('c2 4101')],
  ['tag-date', 'A date, tag 0.', 'bad-tag', raw('c0', textString('2026-01-01T00:00:00Z'))],
  ['tag-self-described', 'Tag 55799.', 'bad-tag', raw('d9 d9f7 00')],
  ['cid-text', 'Tag 42 on a text.', 'bad-cid', raw('d82a', textString('bafyrei')), 2],
  ['cid-length', 'Tag 42 on 36 bytes.', 'bad-cid', raw('d82a 5824 00 01 71 12 20', seedOf(1).subarray(1)), 2],
  ['cid-raw', 'A CID of codec raw.', 'bad-cid', raw('d82a 5825 00 01 55 12 20', seedOf(1)), 2],
  ['cid-hash', 'A CID of another hash.', 'bad-cid', raw('d82a 5825 00 01 71 16 20', seedOf(1)), 2],
  ['cid-prefix', 'A CID without the multibase prefix.', 'bad-cid', raw('d82a 5825 01 01 71 12 20', seedOf(1)), 2],
  ['too-deep', 'Arrays and maps nested 9 deep, counted from the payload.', 'too-deep', nested(7), 6],
  ['too-deep-empty', 'An empty array as the ninth.', 'too-deep', raw('81 81 81 81 81 81 80'), 6],
  [
    'too-many-items',
    '4,100 nulls: more values than a payload may hold.',
    'too-many-items',
    raw(`99 1004 ${'f6'.repeat(4_100)}`),
    4_095,
  ],
  ['declared-bytes', 'A byte string that declares 4 GiB.', 'truncated', raw('5a ffffffff')],
  ['declared-array', 'An array that declares 2^32 - 1 items.', 'truncated', raw('9a ffffffff')],
  ['declared-map', 'A map that declares 2^53 entries.', 'truncated', raw('bb 0020000000000000')],
]

const refused = (
  name: string,
  description: string,
  envelope: Uint8Array,
  code: string,
  offset?: number,
): RefusedVector => ({
  name,
  description,
  envelope: pack(envelope),
  code,
  ...(offset !== undefined && { offset }),
})

/** Faults of form inside the payload, as the value of an extension. */
function inValues(): RefusedVector[] {
  return VALUES.map(([name, description, code, value, at = 0]) => {
    const envelope = seal({ ...EMBEDDING, ext: { 'acme/x': value } })
    const start = Buffer.from(envelope).indexOf('acme/x') + 'acme/x'.length
    return refused(name, description, envelope, code, start + at)
  })
}

/** Faults of form of whole envelopes and payloads. */
function whole(): RefusedVector[] {
  const payload = write(EMBEDDING)
  const good = seal(EMBEDDING)
  const start = good.length - payload.length - 66
  const padded = seal(paddedTo(262_145))
  const heads = { author: EMBEDDING.author, kind: 'embedding', time: TIME, v: 1 }
  const unsorted: Raw = mapOf(...Object.entries(heads))
  return [
    refused('too-large', 'An envelope of 262,145 bytes.', padded, 'too-large'),
    refused('empty', 'No bytes.', new Uint8Array(0), 'truncated', 0),
    refused('cut', 'The last byte is missing.', good.subarray(0, -1), 'truncated', good.length - 66),
    refused('trailing', 'A byte after the envelope.', join([good, Uint8Array.of(0)]), 'trailing-bytes', good.length),
    refused('payload-empty', 'A payload of no bytes.', seal(raw('')), 'truncated', 7),
    refused(
      'payload-cut',
      'A payload whose last byte is missing.',
      seal(raw(payload.subarray(0, -1))),
      'truncated',
      start + payload.length - 13,
    ),
    refused(
      'payload-trailing',
      'A byte after the payload.',
      seal(raw(payload, '00')),
      'trailing-bytes',
      start + payload.length,
    ),
    refused(
      'payload-unsorted',
      'The fields of the payload in the order of the alphabet.',
      seal(unsorted),
      'unsorted-keys',
      50,
    ),
    refused('tagged', 'The tag of COSE_Sign1 before the envelope.', join([Uint8Array.of(0xd2), good]), 'bad-tag', 0),
    refused(
      'envelope-indefinite',
      'An envelope of indefinite length.',
      join([Uint8Array.of(0x9f), good.subarray(1), Uint8Array.of(0xff)]),
      'indefinite-length',
      0,
    ),
    refused('envelope-not-shortest', 'The payload’s length in four bytes.', reheaded(payload), 'not-shortest', 6),
    refused('deep-bomb', '100,000 arrays in one another.', new Uint8Array(100_000).fill(0x81), 'too-deep', 8),
  ]
}

function reheaded(payload: Uint8Array): Uint8Array {
  return join([
    head(4, 4),
    PROTECTED.bytes,
    head(5, 0),
    head(2, payload.length, 4),
    payload,
    head(2, 64),
    new Uint8Array(64),
  ])
}

/** Not the array of four that an envelope is. */
function shapes(): RefusedVector[] {
  const [payload, signature] = [write(EMBEDDING), new Uint8Array(64)]
  const shape = (name: string, description: string, ...items: readonly Item[]): RefusedVector =>
    refused(name, description, write(items), 'bad-envelope')
  return [
    refused('shape-map', 'A map.', write({}), 'bad-envelope'),
    refused('shape-bytes', 'A byte string.', write(payload), 'bad-envelope'),
    shape('shape-three', 'Three items.', PROTECTED, {}, payload),
    shape('shape-five', 'Five items.', PROTECTED, {}, payload, signature, null),
    shape('shape-algorithm', 'Another algorithm, ES256.', raw('43 a1 01 26'), {}, payload, signature),
    shape('shape-no-algorithm', 'An empty protected header.', new Uint8Array(0), {}, payload, signature),
    shape('shape-content-type', 'The algorithm and a content type.', raw('45 a2 01 27 03 00'), {}, payload, signature),
    shape('shape-unprotected', 'An unprotected header.', PROTECTED, { kid: 1 }, payload, signature),
    shape('shape-detached', 'A detached payload.', PROTECTED, {}, null, signature),
    shape('shape-payload-text', 'A payload that is text.', PROTECTED, {}, 'payload', signature),
    shape('shape-signature-63', 'A signature of 63 bytes.', PROTECTED, {}, payload, signature.subarray(1)),
    shape('shape-signature-65', 'A signature of 65 bytes.', PROTECTED, {}, payload, new Uint8Array(65)),
    refused('payload-array', 'A payload that is an array.', seal([1]), 'bad-type'),
    refused('payload-cid', 'A payload that is a CID.', sealWith(cid(seedOf(1)).bytes, signature), 'bad-type'),
  ]
}

export function refusedForms(): RefusedVector[] {
  return [...inValues(), ...whole(), ...shapes()]
}
