import { describe, expect, test } from 'vitest'
import { Cid, encodeCanonical, unwrap, utf8, type CborValue } from '../../../src/base/index'
import { sealEnvelope } from '../../../src/block/envelope'
import { decodeBlock, LIMITS, openBlock, openEnvelope, type Block, type EmbeddingBlock } from '../../../src/block/index'
import { didKey } from '../../../src/signer/index'
import { PLACE_LIMITS } from '../../../src/sky/index'
import { changed, EMBEDDING, envelopeOf, floats, payloadOf, TRANSLATOR, type Wire } from './payloads'

const cid = (byte: number): Cid => Cid.fromDigest(new Uint8Array(32).fill(byte))
const repeat = <T>(count: number, item: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => item(i))

/** One departure from a valid payload, and how it is refused. */
type Deviation = readonly [code: string, field: string, path: string, value: Wire[string]]

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

function expectRefusal(of: Wire, code: string, field: string): void {
  const read = decodeBlock(envelopeOf(of))
  expect(read.ok ? 'accepted' : `${read.error.code} ${read.error.field}`).toBe(`${code} ${field}`)
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
    { ...EMBEDDING, kind: 'profile', anything: { goes: [1] } },
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
    ['out-of-range', 'embedding.dims', 'embedding.dims', 0],
    ['out-of-range', 'embedding.dims', 'embedding.dims', 8193],
    ['wrong-length', 'embedding.data', 'embedding.dims', 4],
    ['wrong-length', 'embedding.data', 'embedding.data', new Uint8Array(13)],
    ['bad-type', 'embedding.data', 'embedding.data', [1, 2, 3]],
    ['bad-value', 'embedding.type', 'embedding.type', 'f64'],
    ['wrong-length', 'embedding.data', 'embedding.type', 'f16'],
    ['non-finite', 'embedding.data', 'embedding.data', nan],
    ['non-finite', 'embedding.data', 'embedding.data', floats(1, 2, -Infinity)],
    ['non-finite', 'embedding.data', 'embedding', { model: 'a:b', dims: 1, type: 'f16', data: Uint8Array.of(0, 0x7c) }],
    ['non-finite', 'embedding.data', 'embedding', { model: 'a:b', dims: 1, type: 'f16', data: Uint8Array.of(1, 0xfe) }],
    ['unknown-field', 'embedding.scale', 'embedding.scale', floats(1)],
    ['missing-field', 'embedding.scale', 'embedding', { model: 'a:b', dims: 1, type: 'i8', data: new Uint8Array(1) }],
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
      dims: 3,
      type,
      data: new Uint8Array(type === 'i8' ? 3 : 6).fill(0x3b),
      ...(type === 'i8' && { scale: floats(2 ** 120) }),
    }
    const block = unwrap(decodeBlock(envelopeOf({ ...EMBEDDING, embedding }))) as EmbeddingBlock
    expect(block.embedding.scale).toBe(type === 'i8' ? 2 ** 120 : undefined)
  })
})

describe('a translator block is refused', () => {
  test.each<Deviation>([
    ['unknown-field', 'input', 'input', EMBEDDING['input']],
    ['unknown-field', 'translator.bias', 'translator.bias', 1],
    ['missing-field', 'translator.set', 'translator.set', undefined],
    ['wrong-length', 'translator.set', 'translator.set', new Uint8Array(31)],
    ['bad-model-id', 'translator.from', 'translator.from', 'nobody'],
    ['bad-model-id', 'translator.from', 'translator.from', 'acme:embed-1#4'],
    ['bad-model-id', 'translator.to', 'translator.to', 'other:model#5'],
    ['bad-value', 'translator.method', 'translator.method', 'ridge'],
    ['out-of-range', 'translator.index', 'translator.index', 2],
    ['out-of-range', 'translator.count', 'translator.count', 0],
    ['out-of-range', 'translator.count', 'translator.count', 4097],
    ['out-of-range', 'translator.rows', 'translator.row', 8191],
    ['out-of-range', 'translator.dims', 'translator.dims', 8193],
    ['wrong-length', 'translator.data', 'translator.rows', 3],
    ['wrong-length', 'translator.scales', 'translator.scales', floats(1)],
    ['out-of-range', 'translator.scales', 'translator.scales', floats(1, 0)],
    ['non-finite', 'translator.scales', 'translator.scales', floats(1, Infinity)],
    ['unknown-field', 'translator.means', 'translator.index', 1],
    ['wrong-length', 'translator.means.from', 'translator.means.from', floats(1, 2)],
    ['wrong-length', 'translator.means.to', 'translator.means.to', new Uint8Array(15)],
    ['wrong-length', 'translator.means.to', 'translator.means.to', floats(1)],
    ['non-finite', 'translator.means.to', 'translator.means.to', floats(1, 2, 3, Number.NaN)],
    ['missing-field', 'translator.quality', 'translator.quality', undefined],
    ['out-of-range', 'translator.quality.top1', 'translator.quality.top1', 1001],
    ['out-of-range', 'translator.quality.baseline', 'translator.quality.baseline', -1001],
    ['out-of-range', 'translator.quality.gallery', 'translator.quality.gallery', 2 ** 32],
  ])('as %s of %s: %s', (code, field, path, value) => {
    expectRefusal(changed(TRANSLATOR, path, value), code, field)
  })
})

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
    const at = spoiled.findIndex((_, i) => String.fromCharCode(...spoiled.subarray(i, i + 4)) === 'dims') + 4
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
