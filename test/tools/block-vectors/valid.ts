import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { WITNESSED } from './evidence'
import { SIGNED_IDENTITIES } from './identity-kinds'
import { RETRACTED } from './retraction'
import { cid, hex, type Item, join, raw, utf8, write } from './raw-cbor'
import { SIGNED_KINDS } from './sealed-kinds'
import {
  changed,
  EMBEDDING,
  f32,
  idOf,
  pack,
  paddedTo,
  seal,
  sealWith,
  SIGHTED,
  seedOf,
  TIME,
  toBeSigned,
  TRANSLATOR,
  type ValidVector,
} from './sealing'

/** A name, a description and a payload that its author signs. */
export type SignedRow = readonly [name: string, description: string, payload: Payload]
export type Payload = { readonly [key: string]: Item }

const repeat = <T>(count: number, item: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => item(i))
const withFields = (fields: Payload): Payload => ({ ...EMBEDDING, ...fields })
const embedding = (fields: Payload): Payload => withFields({ embedding: { ...EMBEDDING.embedding, ...fields } })
const input = (fields: Payload): Payload => withFields({ input: { ...EMBEDDING.input, ...fields } })

const SIGNED: readonly SignedRow[] = [
  ['f32', 'An embedding with the required fields only, elements f32.', EMBEDDING],
  ['f16', 'Elements f16: 1, -2, 65504.', embedding({ type: 'f16', data: hex('003c 00c0 ff7b') })],
  [
    'i8',
    'Elements i8: 127, 0, -128, with their scale 0.5.',
    embedding({ type: 'i8', data: hex('7f0080'), scale: f32(0.5) }),
  ],
  [
    'i8-largest-scale',
    'Elements i8 with the largest scale, 2^120.',
    embedding({ type: 'i8', data: hex('010203'), scale: f32(2 ** 120) }),
  ],
  ['dims-1', 'One dimension.', embedding({ data: f32(1) })],
  ['dims-8192', 'The most dimensions, f32.', embedding({ data: new Uint8Array(4 * 8192) })],
  ['subnormal', 'Zeros with both signs and the smallest f32: all finite.', embedding({ data: f32(-0, 0, 2 ** -149) })],
  ['model-full', 'A model id with revision and dimensions.', embedding({ model: 'acme.ai:team/embed:2@v1.0+b#3' })],
  ['model-256', 'A model id of 256 characters.', embedding({ model: `acme:${'x'.repeat(251)}` })],
  [
    'input-content',
    'A text input with origin and content.',
    input({ origin: 'https://example.org/', content: 'Water boils at 100 °C.' }),
  ],
  [
    'input-limits',
    'Origin and content of the most bytes.',
    input({ origin: 'x'.repeat(2048), content: 'x'.repeat(131_072) }),
  ],
  ['input-image', 'An image, named by its hash.', input({ type: 'image' })],
  ['input-own-type', 'An input type of 64 characters.', input({ type: `a${'0'.repeat(60)}./-` })],
  ['time-0', 'The earliest time.', withFields({ time: 0 })],
  ['time-2100', 'The latest time.', withFields({ time: 4_102_444_800_000 })],
  ['place', 'A place without elevation and accuracy.', withFields({ place: { lat: 482_082_000, lon: 163_738_000 } })],
  [
    'place-limits',
    'A place at the upper ends of its ranges.',
    withFields({ place: { lat: 900_000_000, lon: 1_800_000_000, elev: 1_000_000, acc: 2_003_800_000 } }),
  ],
  [
    'place-lower-limits',
    'A place at the lower ends of its ranges.',
    withFields({ place: { lat: -900_000_000, lon: -1_800_000_000, elev: -50_000, acc: 0 } }),
  ],
  [
    'place-coarse',
    'A coarse place: a point of the grid of 0.1 degrees.',
    withFields({ place: { lat: 482_000_000, lon: 164_000_000, acc: 1_200_000, grid: 1_000_000 } }),
  ],
  [
    'place-coarse-row',
    'A point of the grid of 1 degree in a row where points are 12 degrees apart, on the antimeridian.',
    withFields({ place: { lat: -870_000_000, lon: -1_800_000_000, acc: 2_003_800_000, grid: 10_000_000 } }),
  ],
  [
    'place-coarse-pole',
    'The point at the pole of the finest grid.',
    withFields({ place: { lat: 900_000_000, lon: 0, acc: 11_200_000, grid: 100_000 } }),
  ],
  [
    'sky-horizontal',
    'A sky above a place, altitude and azimuth at their limits, of a profile that nobody knows.',
    withFields({
      place: { lat: 0, lon: 0 },
      sky: { profile: 'example', bodies: { sun: [-324_000, 1_295_999], "barnard's star": [324_000, 0] } },
    }),
  ],
  [
    'sky-equatorial',
    'A sky without a place: declination and right ascension, of a profile that nobody knows.',
    withFields({ sky: { profile: 'example', bodies: { '61 cygni a-b.': [139_529, 1_145_193] } } }),
  ],
  [
    'sky-128',
    'The most bodies.',
    withFields({ sky: { profile: 'example', bodies: Object.fromEntries(repeat(128, i => [`b${i}`, [i, i]])) } }),
  ],
  ['sights', 'One sight with what it must have, signed by its device.', SIGHTED],
  [
    'sights-limits',
    'The most sights, a day before and after the block, every field at a limit; the signature is not judged here.',
    changed(
      SIGHTED,
      'sights.list',
      repeat(64, i => ({
        body: i % 2 === 0 ? 'rigil kentaurus' : "al na'ir",
        time: TIME + (i % 4 < 2 ? 86_400_000 - i : i - 86_400_000),
        ...(i % 3 === 0 ? { alt: -36_000, sigma: 1, limb: 'upper' } : { alt: 3_240_000, sigma: 180_000, corr: true }),
        ...(i % 5 === 0 ? { az: 0, azSigma: 1 } : { az: 12_959_999, azSigma: 1_080_000, limb: 'lower' }),
        ...(i % 7 === 0 ? { eye: 0, pres: 2000, temp: -900 } : { eye: 30_000, pres: 11_000, temp: 600 }),
      })),
    ) as Payload,
  ],
  ['tags', 'Two tags, in the author’s order, one of them not ASCII.', withFields({ tags: ['physics', 'Größe 😀'] })],
  [
    'tags-limits',
    'The most tags, each of the most bytes.',
    withFields({ tags: repeat(64, i => `${i}`.padEnd(128, 'x')) }),
  ],
  [
    'links',
    'Two links with the same target.',
    withFields({ links: ['supports', 'derived-from'].map(rel => ({ rel, id: cid(seedOf(7)) })) }),
  ],
  ['links-256', 'The most links.', withFields({ links: repeat(256, i => ({ rel: 'supports', id: cid(seedOf(i)) })) })],
  ['supersedes', 'Two versions that are replaced.', withFields({ supersedes: [cid(seedOf(9)), cid(seedOf(8))] })],
  ['supersedes-256', 'The most replaced versions.', withFields({ supersedes: repeat(256, i => cid(seedOf(i))) })],
  ['expires', 'It expires a millisecond after its time.', withFields({ expires: TIME + 1 })],
  [
    'beacon-g1',
    'The signature of a beacon’s round in 48 bytes, which reading does not verify; the first round.',
    withFields({ beacon: { chain: seedOf(3), round: 1, signature: new Uint8Array(48).fill(4) } }),
  ],
  [
    'beacon-g2',
    'The signature of a beacon’s round in 96 bytes; the last round.',
    withFields({ beacon: { chain: seedOf(3), round: 2 ** 53 - 1, signature: new Uint8Array(96).fill(4) } }),
  ],
  [
    'ext-values',
    'Every kind of value in an extension, the integers at their limits and beside each width of a head.',
    withFields({ ext: { 'acme/x': extensionValues() } }),
  ],
  [
    'ext-64',
    'The most extensions, one with a name of 128 bytes.',
    withFields({
      ext: { [`acme/${'x'.repeat(123)}`]: 0, ...Object.fromEntries(repeat(63, i => [`0.a-b/X._-${i}`, i])) },
    }),
  ],
  ['ext-deep', 'Arrays and maps nested 8 deep.', withFields({ ext: { 'acme/x': [[{ a: [[[1]]] }]] } })],
  [
    'everything',
    'All optional fields together.',
    withFields({
      place: { lat: 1, lon: 2, elev: 3, acc: 4 },
      sky: { profile: 'example', bodies: { moon: [1, 2] } },
      tags: ['a'],
      links: [{ rel: 'cites', id: cid(seedOf(1)) }],
      supersedes: [cid(seedOf(2))],
      expires: TIME + 60_000,
      beacon: { chain: seedOf(3), round: 5, signature: new Uint8Array(48) },
      ext: { 'acme/x': 1 },
    }),
  ],
  ['translator', 'Part 0 of a translator, with means.', TRANSLATOR],
  [
    'translator-part',
    'A later part, without means, in the last rows.',
    changed(
      changed(changed(TRANSLATOR, 'translator.means', undefined), 'translator.index', 1),
      'translator.row',
      8190,
    ) as Payload,
  ],
  ...SIGNED_KINDS,
  ...WITNESSED,
  ...SIGNED_IDENTITIES,
  ...RETRACTED,
  [
    'unknown-kind',
    'A kind that version 1 does not have yet: only version, kind, author and time are judged.',
    { ...EMBEDDING, kind: 'x-future.kind/1', embedding: null, anything: [1, { goes: true }] },
  ],
  [
    'unknown-version',
    'Another version: the fields of a known kind are not judged.',
    { ...EMBEDDING, v: 65_535, embedding: 'changed' },
  ],
  ['head-only', 'The four fields that every payload has.', { v: 2, kind: 'k', author: EMBEDDING.author, time: 0 }],
  ['envelope-262144', 'An envelope of the most bytes.', paddedTo(262_144)],
]

function extensionValues(): Item {
  const widths = [23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32]
  return {
    integers: [0, -1, ...widths, ...widths.map(n => -1 - n), 2 ** 53 - 1, 1 - 2 ** 53],
    others: [true, false, null, '', 'é\u0000\u{10ffff}', new Uint8Array(0), new Uint8Array(300).fill(7), [], {}],
    __proto__x: 1,
    a: raw(write({ ['__proto__']: { constructor: 1 }, aa: 2, b: 3 })),
  }
}

const vector = (name: string, description: string, payload: Payload, envelope: Uint8Array): ValidVector => ({
  name,
  description,
  envelope: pack(envelope),
  id: idOf(write(payload)),
  version: payload['v'] as number,
  kind: payload['kind'] as string,
  author: Buffer.from(payload['author'] as Uint8Array).toString('hex'),
  time: payload['time'] as number,
})

export function validVectors(): ValidVector[] {
  return [
    ...SIGNED.map(([name, description, payload]) => vector(name, description, payload, seal(payload))),
    ...cofactored(),
  ]
}

/** Signatures that ZIP-215 accepts and other readings of RFC 8032 may not. */
function cofactored(): ValidVector[] {
  const { Point } = ed25519
  const order8 = Point.fromBytes(hex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'), true)
  const [honest, nonce] = [scalar('author'), scalar('nonce')]
  const sign = (payload: Payload, r: Uint8Array, secretNonce: bigint): Uint8Array => {
    const bytes = write(payload)
    const k = number(sha512(join([r, payload['author'] as Uint8Array, toBeSigned(bytes)])))
    return sealWith(bytes, join([r, fixed((secretNonce + k * honest) % Point.Fn.ORDER)]))
  }
  const plain = { ...EMBEDDING, author: Point.BASE.multiply(honest).toBytes() }
  const mixed = { ...EMBEDDING, author: Point.BASE.multiply(honest).add(order8).toBytes() }
  const r = Point.BASE.multiply(nonce)
  return [
    vector(
      'second-signature',
      'A signature with a nonce of the author’s own: valid, and another one makes the same block.',
      plain,
      sign(plain, r.toBytes(), nonce),
    ),
    vector(
      'mixed-order-author',
      'An author key with a component of order 8, valid by the cofactored equation only.',
      mixed,
      sign(mixed, r.toBytes(), nonce),
    ),
    vector(
      'mixed-order-nonce',
      'R with a component of order 8, valid by the cofactored equation only.',
      plain,
      sign(plain, r.add(order8).toBytes(), nonce),
    ),
    vector('small-order-nonce', 'R of order 8.', plain, sign(plain, order8.toBytes(), 0n)),
    vector(
      'non-canonical-nonce',
      'R written with y = p + 1, the neutral element.',
      plain,
      sign(plain, hex(`ee${'ff'.repeat(30)}7f`), 0n),
    ),
  ]
}

const number = (bytes: Uint8Array): bigint => bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
const scalar = (name: string): bigint => number(sha512(utf8(name))) % ed25519.Point.Fn.ORDER
const fixed = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
