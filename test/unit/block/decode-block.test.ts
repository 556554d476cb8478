import { describe, expect, test } from 'vitest'
import { Cid, unwrap, type CborValue } from '../../../src/base/index'
import { decodeBlock, LIMITS, type Block, type EmbeddingBlock } from '../../../src/block/index'
import { didKey } from '../../../src/signer/index'
import { PLACE_LIMITS } from '../../../src/sky/index'
import {
  changed,
  EMBEDDING,
  envelopeOf,
  expectRefusal,
  floats,
  TRANSLATOR,
  type Deviation,
  type Wire,
} from './payloads'

const cid = (byte: number): Cid => Cid.fromDigest(new Uint8Array(32).fill(byte))
const repeat = <T>(count: number, item: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => item(i))

const SKY = { profile: 'ce-sky-1', bodies: { sun: [-3600, 1_295_999], moon: [324_000, 0] } }

/** Every optional field, filled to its limits where that is cheap. */
const FULL: Wire = {
  ...EMBEDDING,
  place: { lat: 900_000_000, lon: -1_800_000_000, elev: -50_000, acc: 2_003_800_000 },
  sky: SKY,
  tags: repeat(64, i => `${i}`.padEnd(128, 'x')),
  links: repeat(256, i => ({ rel: 'supports', id: cid(i) })),
  supersedes: [cid(1), cid(2)],
  expires: LIMITS.time,
  ext: { 'acme/x': { a: [1, { b: new Uint8Array(1) }], __proto__x: null } },
}

describe('decodeBlock', () => {
  test('reads every field into API names and units', () => {
    const bytes = envelopeOf(FULL)
    const block = unwrap(decodeBlock(bytes)) as EmbeddingBlock
    expect(block).toMatchObject({
      version: 1,
      kind: 'embedding',
      author: didKey(new Uint8Array(32).fill(9)),
      time: 1_700_000_000_000,
      embedding: { model: 'acme:embed-1', dims: 3, type: 'f32', data: floats(0.5, -1, 2) },
      input: { type: 'text', hash: new Uint8Array(32).fill(1) },
      place: { latitude: 90, longitude: -180, elevation: -500, accuracy: 20_038_000 },
      supersedes: [cid(1).toString(), cid(2).toString()],
      expires: LIMITS.time,
      bytes,
    })
    expect(block.sky).toEqual({
      profile: 'ce-sky-1',
      frame: 'horizontal',
      bodies: [
        { name: 'sun', altitude: -3600, azimuth: 1_295_999 },
        { name: 'moon', altitude: 324_000, azimuth: 0 },
      ],
    })
    expect(block.links![255]).toEqual({ relation: 'supports', id: cid(255).toString() })
    expect(block.opaque).toBeUndefined()
  })

  test('reads a sky without a place as equatorial', () => {
    const block = unwrap(decodeBlock(envelopeOf({ ...EMBEDDING, sky: SKY }))) as EmbeddingBlock
    expect(block.sky).toMatchObject({
      frame: 'equatorial',
      bodies: [{ name: 'sun', declination: -3600, rightAscension: 1_295_999 }, { name: 'moon' }],
    })
  })

  test('reads a translator', () => {
    const block = unwrap(decodeBlock(envelopeOf(TRANSLATOR)))
    expect(block).toMatchObject({
      kind: 'translator',
      translator: { rows: 2, dims: 3, quality: { anchors: 500, top1: 0.842, cosine: 0.694, baseline: -0.012 } },
    })
  })

  test('is deeply frozen, and keeps copies of the bytes', () => {
    const bytes = envelopeOf(FULL)
    const block = unwrap(decodeBlock(bytes)) as EmbeddingBlock
    const before = block.bytes.slice()
    bytes.fill(0)
    expect(block.bytes).toEqual(before)
    expect(block.embedding.data).toEqual(floats(0.5, -1, 2))
    expect(thawed(block)).toEqual([])
    expect(thawed(unwrap(decodeBlock(envelopeOf(TRANSLATOR))))).toEqual([])
  })

  test('reads from Node buffers and from views', () => {
    const bytes = envelopeOf(EMBEDDING)
    const padded = Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(3)]).subarray(3, -3)
    expect(unwrap(decodeBlock(padded)).id).toBe(unwrap(decodeBlock(bytes)).id)
    expect(unwrap(decodeBlock(padded)).bytes.constructor).toBe(Uint8Array)
  })

  test('keeps extensions as data, whatever their keys', () => {
    const ext = new Map<string, CborValue>([
      ['acme/x', new Map<string, CborValue>([['__proto__', new Map([['toString', 1]])]])],
    ])
    const block = unwrap(decodeBlock(envelopeOf({ ...EMBEDDING, ext }))) as EmbeddingBlock
    const value = block.extensions!['acme/x'] as Record<string, unknown>
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect((value['__proto__'] as Record<string, unknown>)['toString']).toBe(1)
  })
})

describe('a block of a kind or version not known here', () => {
  const others: readonly Wire[] = [
    { ...EMBEDDING, kind: 'endorsement', anything: { goes: [1] } },
    { ...EMBEDDING, v: 2, embedding: 'changed' },
    { v: 65_535, kind: 'x', author: new Uint8Array(32), time: 0 },
    { ...EMBEDDING, kind: 'constructor' },
  ]
  test.each(others)('is opaque: $v $kind', other => {
    const block = unwrap(decodeBlock(envelopeOf(other)))
    expect(Object.keys(block).sort()).toEqual(['author', 'bytes', 'id', 'kind', 'opaque', 'time', 'version'])
    expect(block).toMatchObject({ opaque: true, version: other['v'], kind: other['kind'], time: other['time'] })
    expect(thawed(block)).toEqual([])
  })

  test.each<Deviation>([
    ['bad-type', 'version', 'v', '1'],
    ['out-of-range', 'version', 'v', 0],
    ['out-of-range', 'version', 'v', 65_536],
    ['missing-field', 'version', 'v', undefined],
    ['bad-type', 'kind', 'kind', 7],
    ['bad-value', 'kind', 'kind', ''],
    ['bad-value', 'kind', 'kind', 'Profile'],
    ['too-large', 'kind', 'kind', 'k'.repeat(65)],
    ['missing-field', 'kind', 'kind', undefined],
    ['wrong-length', 'author', 'author', new Uint8Array(31)],
    ['wrong-length', 'author', 'author', new Uint8Array(33)],
    ['bad-type', 'author', 'author', 'did:key:z6Mk'],
    ['missing-field', 'author', 'author', undefined],
    ['out-of-range', 'time', 'time', -1],
    ['out-of-range', 'time', 'time', 4_102_444_800_001],
    ['bad-type', 'time', 'time', '2026'],
    ['missing-field', 'time', 'time', undefined],
  ])('is still refused as %s of %s', (code, field, path, value) => {
    expectRefusal(changed(others[0]!, path, value), code, field)
    expectRefusal(changed(EMBEDDING, path, value), code, field)
  })

  test('is still held to canonical form and depth', () => {
    const deep = repeat(9, i => i).reduce<CborValue>(inner => [inner], 1)
    expect(decodeBlock(envelopeOf({ ...others[0]!, deep }))).toMatchObject({ error: { code: 'too-deep' } })
  })
})

describe('an embedding block is refused', () => {
  const nan = floats(1, Number.NaN, 2)
  test.each<Deviation>([
    ['unknown-field', 'extra', 'extra', 1],
    ['unknown-field', '__proto__', '__proto__', undefined],
    ['unknown-field', 'embedding.norm', 'embedding.norm', 1],
    ['unknown-field', 'translator', 'translator', TRANSLATOR['translator']],
    ['missing-field', 'embedding', 'embedding', undefined],
    ['bad-type', 'embedding', 'embedding', []],
    ['missing-field', 'embedding.model', 'embedding.model', undefined],
    ['bad-model-id', 'embedding.model', 'embedding.model', 'embed-1'],
    ['bad-model-id', 'embedding.model', 'embedding.model', 'acme:embed-1#4'],
    ['too-large', 'embedding.model', 'embedding.model', `acme:${'x'.repeat(252)}`],
    ['unknown-field', 'embedding.dims', 'embedding.dims', 3],
    ['out-of-range', 'embedding.dims', 'embedding.data', new Uint8Array(0)],
    ['out-of-range', 'embedding.dims', 'embedding.data', new Uint8Array(4 * 8193)],
    ['wrong-length', 'embedding.data', 'embedding.data', new Uint8Array(13)],
    ['bad-type', 'embedding.data', 'embedding.data', [1, 2, 3]],
    ['bad-value', 'embedding.type', 'embedding.type', 'f64'],
    ['wrong-length', 'embedding.data', 'embedding', { model: 'a:b', type: 'f16', data: new Uint8Array(3) }],
    ['non-finite', 'embedding.data', 'embedding.data', nan],
    ['non-finite', 'embedding.data', 'embedding.data', floats(1, 2, -Infinity)],
    ['non-finite', 'embedding.data', 'embedding', { model: 'a:b', type: 'f16', data: Uint8Array.of(0, 0x7c) }],
    ['non-finite', 'embedding.data', 'embedding', { model: 'a:b', type: 'f16', data: Uint8Array.of(1, 0xfe) }],
    ['unknown-field', 'embedding.scale', 'embedding.scale', floats(1)],
    ['missing-field', 'embedding.scale', 'embedding', { model: 'a:b', type: 'i8', data: new Uint8Array(1) }],
    ['bad-type', 'embedding.scale', 'embedding.scale', 1],
    ['wrong-length', 'embedding.scale', 'embedding.scale', new Uint8Array(8)],
    ['out-of-range', 'embedding.scale', 'embedding.scale', floats(0)],
    ['out-of-range', 'embedding.scale', 'embedding.scale', floats(-1)],
    ['out-of-range', 'embedding.scale', 'embedding.scale', floats(2 ** 121)],
    ['non-finite', 'embedding.scale', 'embedding.scale', floats(Number.NaN)],
    ['non-finite', 'embedding.scale', 'embedding.scale', floats(Infinity)],
    ['missing-field', 'input', 'input', undefined],
    ['bad-value', 'input.type', 'input.type', 'Text'],
    ['wrong-length', 'input.hash', 'input.hash', new Uint8Array(20)],
    ['too-large', 'input.origin', 'input.origin', 'x'.repeat(2049)],
    ['too-large', 'input.content', 'input.content', 'x'.repeat(131_073)],
    ['too-large', 'input.content', 'input.content', 'é'.repeat(65_537)],
    ['bad-value', 'input.content', 'input.content', ''],
    ['missing-field', 'place.latitude', 'place', { lon: 0 }],
    ['unknown-field', 'place.latitude', 'place', { lat: 0, lon: 0, latitude: 0 }],
    ['out-of-range', 'place.latitude', 'place', { lat: 900_000_001, lon: 0 }],
    ['out-of-range', 'place.longitude', 'place', { lat: 0, lon: -1_800_000_001 }],
    ['out-of-range', 'place.elevation', 'place', { lat: 0, lon: 0, elev: -50_001 }],
    ['out-of-range', 'place.elevation', 'place', { lat: 0, lon: 0, elev: 1_000_001 }],
    ['out-of-range', 'place.accuracy', 'place', { lat: 0, lon: 0, acc: -1 }],
    ['out-of-range', 'place.accuracy', 'place', { lat: 0, lon: 0, acc: 2_003_800_001 }],
    ['bad-type', 'sky', 'sky', []],
    ['missing-field', 'sky.profile', 'sky', { bodies: { sun: [0, 0] } }],
    ['bad-value', 'sky.bodies', 'sky', { profile: 'p', bodies: {} }],
    ['bad-type', 'sky.bodies.sun', 'sky', { profile: 'p', bodies: { sun: 1 } }],
    ['wrong-length', 'sky.bodies.sun', 'sky', { profile: 'p', bodies: { sun: [1, 2, 3] } }],
    ['out-of-range', 'sky.bodies.sun[0]', 'sky', { profile: 'p', bodies: { sun: [324_001, 0] } }],
    ['out-of-range', 'sky.bodies.sun[1]', 'sky', { profile: 'p', bodies: { sun: [0, 1_296_000] } }],
    ['out-of-range', 'sky.bodies.sun[1]', 'sky', { profile: 'p', bodies: { sun: [0, -1] } }],
    ['bad-value', 'sky.bodies', 'sky', { profile: 'p', bodies: { Sun: [0, 0] } }],
    [
      'too-large',
      'sky.bodies',
      'sky',
      { profile: 'p', bodies: Object.fromEntries(repeat(129, i => [`b${i}`, [0, 0]])) },
    ],
    ['bad-type', 'tags', 'tags', 'physics'],
    ['bad-value', 'tags', 'tags', []],
    ['bad-value', 'tags', 'tags', ['a', 'b', 'a']],
    ['bad-value', 'tags[1]', 'tags', ['a', '']],
    ['bad-type', 'tags[0]', 'tags', [1]],
    ['too-large', 'tags', 'tags', repeat(65, i => `${i}`)],
    ['too-large', 'tags[0]', 'tags', ['é'.repeat(65)]],
    ['too-large', 'links', 'links', repeat(257, i => ({ rel: `r${i}`, id: cid(1) }))],
    ['bad-value', 'links', 'links', repeat(2, () => ({ rel: 'supports', id: cid(1) }))],
    ['missing-field', 'links[0].id', 'links', [{ rel: 'supports' }]],
    ['bad-type', 'links[0].id', 'links', [{ rel: 'supports', id: cid(1).toString() }]],
    ['bad-value', 'links[0].relation', 'links', [{ rel: 'Supports', id: cid(1) }]],
    [
      'too-large',
      'supersedes',
      'supersedes',
      repeat(257, i => Cid.fromDigest(new Uint8Array(32).fill(i & 255).fill(i >> 8, 0, 1))),
    ],
    ['bad-value', 'supersedes', 'supersedes', [cid(1), cid(1)]],
    ['bad-type', 'supersedes[0]', 'supersedes', [cid(1).toString()]],
    ['out-of-range', 'expires', 'expires', 1_700_000_000_000],
    ['out-of-range', 'expires', 'expires', LIMITS.time + 1],
    ['bad-value', 'extensions', 'ext', {}],
    ['bad-value', 'extensions.plain', 'ext', { plain: 1 }],
    ['bad-value', 'extensions.Acme/x', 'ext', { 'Acme/x': 1 }],
    ['too-large', 'extensions', 'ext', Object.fromEntries(repeat(65, i => [`acme/x${i}`, 1]))],
    ['bad-type', 'extensions', 'ext', { 'acme/x': [cid(1)] }],
  ])('as %s of %s: %s', (code, field, path, value) => {
    const payload = field === '__proto__' ? { ...EMBEDDING, ['__proto__']: 1 } : changed(EMBEDDING, path, value)
    expectRefusal(payload, code, field)
  })

  test('with an unknown key of any length, of which the error keeps 64 characters', () => {
    expectRefusal(changed(EMBEDDING, 'x'.repeat(100_000), 1), 'unknown-field', 'x'.repeat(64))
  })

  test.each(['f16', 'i8'])('never for a valid %s vector', type => {
    const embedding = {
      model: 'a:b#3',
      type,
      data: new Uint8Array(type === 'i8' ? 3 : 6).fill(0x3b),
      ...(type === 'i8' && { scale: floats(2 ** 120) }),
    }
    const block = unwrap(decodeBlock(envelopeOf({ ...EMBEDDING, embedding }))) as EmbeddingBlock
    expect(block.embedding.scale).toBe(type === 'i8' ? 2 ** 120 : undefined)
  })
})

test('the bounds of a place are those of the sky', () => {
  expect(PLACE_LIMITS).toMatchObject({
    elevation: { min: LIMITS.lowest, max: LIMITS.highest },
    accuracy: { min: 0, max: LIMITS.accuracy },
  })
})

/** Paths of objects that could still be changed; the elements of typed arrays always can. */
function thawed(value: unknown, path = 'block'): string[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return []
  const inner = Object.entries(value as Block).flatMap(([key, item]) => thawed(item, `${path}.${key}`))
  return Object.isFrozen(value) ? inner : [path, ...inner]
}
