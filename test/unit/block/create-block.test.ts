import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { sha256 as hasher } from 'multiformats/hashes/sha2'
import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { CosmicError, unwrap } from '../../../src/base/index'
import {
  blockVector,
  cidOf,
  createBlock,
  decodeBlock,
  openBlock,
  type BlockFields,
  type Embedder,
  type TranslatorPart,
} from '../../../src/block/index'
import { Signer, verifySignature } from '../../../src/signer/index'
import { observeSky } from '../../../src/sky/index'
import { floats } from './payloads'

let signer: Signer
beforeAll(async () => {
  signer = await Signer.fromSeed(new Uint8Array(32).fill(1))
})

const time = Date.UTC(2026, 0, 1)
const base = { embedding: [0.5, -1, 2], model: 'acme:embed-1', time } as const
const sha256 = (bytes: Uint8Array | string): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

/** Answers the length and the first character, and remembers what it was asked. */
class LengthEmbedder implements Embedder {
  readonly modelId = 'test:length'
  readonly dimensions = 2
  readonly asked: unknown[] = []
  async embed(texts: readonly string[], options?: object): Promise<Float32Array[]> {
    this.asked.push(texts, options)
    return texts.map(text => Float32Array.of(text.length, text.charCodeAt(0)))
  }
}

async function refusal(fields: unknown): Promise<CosmicError> {
  const error: unknown = await createBlock(fields as BlockFields, signer).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(CosmicError)
  return error as CosmicError
}

describe('createBlock', () => {
  test('signs a block that others decode and verify', async () => {
    const block = await createBlock({ ...base, input: { type: 'text', content: 'Wasser' }, tags: ['a', 'b'] }, signer)
    expect(decodeBlock(block.bytes)).toEqual({ ok: true, value: block })
    expect(block).toMatchObject({ version: 1, kind: 'embedding', author: signer.did, time, tags: ['a', 'b'] })
    expect(block.input).toEqual({ type: 'text', hash: sha256('Wasser'), content: 'Wasser' })
    expect([...blockVector(block)]).toEqual([0.5, -1, 2])
    const { publicKey, toBeSigned, signature } = unwrap(openBlock(block.bytes))
    expect(publicKey).toEqual(signer.publicKey)
    expect(await verifySignature(publicKey, toBeSigned, signature)).toBe(true)
  })

  test('is the same block for the same fields, key and time', async () => {
    const fields = { ...base, place: { latitude: 48.2, longitude: 16.4 } }
    const [a, b] = [await createBlock(fields, signer), await createBlock(fields, signer)]
    expect(a.bytes).toEqual(b.bytes)
  })

  test('signs exactly the payload of the specification, as another encoder writes it', async () => {
    const input = { type: 'text', content: 'Wasser' } as const
    const place = { latitude: 48.2, longitude: -16.4, elevation: 150.5 }
    const fields = { ...base, element: 'i8', input, place, sky: false, tags: ['a'], expires: time + 1 } as const
    const block = await createBlock({ ...fields, extensions: { 'acme/x': -1 } }, signer)
    const payload = dagCbor.encode({
      v: 1,
      kind: 'embedding',
      author: signer.publicKey,
      time,
      embedding: {
        model: 'acme:embed-1',
        dims: 3,
        type: 'i8',
        data: Uint8Array.of(32, 192, 127),
        scale: floats(2 / 127),
      },
      input: { type: 'text', hash: sha256('Wasser'), content: 'Wasser' },
      place: { lat: 482_000_000, lon: -164_000_000, elev: 15_050 },
      tags: ['a'],
      expires: time + 1,
      ext: { 'acme/x': -1 },
    })
    expect(unwrap(openBlock(block.bytes)).payload).toEqual(new Uint8Array(payload))
  })

  test('agrees with @ipld/dag-cbor and multiformats on bytes and id', async () => {
    const parent = await createBlock(base, signer)
    const links = [{ relation: 'derived-from', id: parent.id }]
    const block = await createBlock({ ...base, links, supersedes: [parent.id] }, signer)
    const [, , payload] = dagCbor.decode<[Uint8Array, object, Uint8Array, Uint8Array]>(block.bytes)
    const id = CID.createV1(dagCbor.code, await hasher.digest(payload))
    expect(block.id).toBe(id.toString())
    expect(cidOf(payload)).toBe(block.id)
    const theirs = dagCbor.decode<Record<string, unknown>>(payload)
    expect(theirs).toMatchObject({ v: 1, time, author: signer.publicKey, links: [{ rel: 'derived-from' }] })
    expect(String((theirs['supersedes'] as CID[])[0])).toBe(parent.id)
    expect(new Uint8Array(dagCbor.encode(theirs))).toEqual(new Uint8Array(payload))
  })

  test('defaults to now, to f32, and to the vector as its own input', async () => {
    const before = Date.now()
    const block = await createBlock({ embedding: Float64Array.of(1, 2), model: 'acme:embed-1' }, signer)
    expect(block.time).toBeGreaterThanOrEqual(before)
    expect(block.time).toBeLessThanOrEqual(Date.now())
    expect(block.embedding).toEqual({ model: 'acme:embed-1', dims: 2, type: 'f32', data: floats(1, 2) })
    expect(block.input).toEqual({ type: 'embedding', hash: sha256(floats(1, 2)) })
    expect(block.sky).toBeUndefined()
  })

  test('takes dates, and leaves empty lists out', async () => {
    const fields = { ...base, time: new Date(time), expires: new Date(time + 1), tags: [], links: [], supersedes: [] }
    const block = await createBlock(fields, signer)
    expect([block.time, block.expires]).toEqual([time, time + 1])
    for (const absent of ['tags', 'links', 'supersedes']) expect(block).not.toHaveProperty(absent)
  })

  test('keeps only the hash of a text on wish, and its origin', async () => {
    const input = { type: 'text', content: 'secret', inline: false, origin: 'https://example.org/' } as const
    const block = await createBlock({ ...base, input }, signer)
    expect(block.input).toEqual({ type: 'text', hash: sha256('secret'), origin: 'https://example.org/' })
    expect(Buffer.from(block.bytes).includes('secret')).toBe(false)
  })

  test('takes the hash of any other input', async () => {
    const input = { type: 'image', hash: sha256('pixels') }
    expect((await createBlock({ ...base, input }, signer)).input).toEqual(input)
  })

  test.each(['f16', 'i8'] as const)('stores %s elements', async element => {
    const block = await createBlock({ ...base, element }, signer)
    expect(block.embedding.type).toBe(element)
    expect(blockVector(block)[2]).toBeCloseTo(2, 5)
  })

  test('carries extensions of maps, objects, arrays and bytes', async () => {
    const value = { list: [1, 'two', null, true, Uint8Array.of(3)], map: new Map([['k', -5]]) }
    const block = await createBlock({ ...base, extensions: { 'acme/x': value } }, signer)
    expect(block.extensions!['acme/x']).toEqual({ list: value.list, map: { k: -5 } })
  })
})

describe('the sky of a block', () => {
  const place = { latitude: 48.208_212_34, longitude: 16.373_8, elevation: 151.234, accuracy: 10 }
  const signed = { latitude: 48.208_212_3, longitude: 16.373_8, elevation: 151.23, accuracy: 10 }

  test('is that of the place as signed', async () => {
    const block = await createBlock({ ...base, place }, signer)
    expect(block.place).toEqual(signed)
    const { profile, bodies } = observeSky({ time, place: signed })
    expect(block.sky).toMatchObject({ profile, frame: 'horizontal' })
    expect([...block.sky!.bodies].sort(byName)).toEqual([...bodies].sort(byName))
  })

  test('is left out on wish', async () => {
    const block = await createBlock({ ...base, place, sky: false }, signer)
    expect(block.place).toEqual(signed)
    expect(block.sky).toBeUndefined()
  })

  test('is geocentric without a place', async () => {
    const block = await createBlock({ ...base, sky: true }, signer)
    const { bodies } = observeSky({ time })
    expect(block.sky!.frame).toBe('equatorial')
    expect([...block.sky!.bodies].sort(byName)).toEqual([...bodies].sort(byName))
  })

  test('is signed as it is when handed in, true or false', async () => {
    const sky = {
      profile: 'ce-sky-1',
      frame: 'horizontal',
      bodies: [{ name: 'sun', altitude: 1, azimuth: 2 }],
    } as const
    expect((await createBlock({ ...base, place, sky }, signer)).sky).toEqual(sky)
    expect(await refusal({ ...base, sky })).toMatchObject({ code: 'bad-value', field: 'sky.frame' })
    const twice = { ...sky, bodies: [...sky.bodies, ...sky.bodies] }
    expect(await refusal({ ...base, place, sky: twice })).toMatchObject({ code: 'bad-value', field: 'sky.bodies' })
  })
})

describe('with an embedder', () => {
  test('the text becomes a vector, as a document', async () => {
    const embedder = new LengthEmbedder()
    const { signal } = new AbortController()
    const block = await createBlock({ embedder, input: { type: 'text', content: 'Abc' }, signal }, signer)
    expect(block.embedding.model).toBe('test:length')
    expect([...blockVector(block)]).toEqual([3, 65])
    expect(embedder.asked).toEqual([['Abc'], { kind: 'document', signal }])
    expect(block.input.content).toBe('Abc')
  })

  const input = { type: 'text', content: 'Abc' }
  const embedderOf = (embed: Embedder['embed']): Embedder => ({ modelId: 'test:bad', dimensions: 2, embed })

  test('that fails, the error is embedder with its cause', async () => {
    const cause = new Error('no memory')
    const embedder = embedderOf(() => Promise.reject(cause))
    expect(await refusal({ embedder, input })).toMatchObject({
      code: 'embedder',
      hint: 'test:bad: Error: no memory',
      cause,
    })
  })

  test('that is aborted, the error is aborted; a CosmicError passes as it is', async () => {
    const embedder = embedderOf((_, options) => Promise.reject(options!.signal!.reason as Error))
    expect(await refusal({ embedder, input, signal: AbortSignal.abort() })).toMatchObject({ code: 'aborted' })
    const own = new CosmicError({ code: 'missing-peer', package: 'x' })
    expect(await refusal({ embedder: embedderOf(() => Promise.reject(own)), input })).toBe(own)
  })

  test('that answers too little, the error is wrong-length', async () => {
    for (const answer of [[], [new Float32Array(3)]]) {
      const embedder = embedderOf(async () => answer)
      expect(await refusal({ embedder, input })).toMatchObject({ code: 'wrong-length', field: 'embedding', limit: 2 })
    }
    const nan = embedderOf(async () => [Float32Array.of(1, Number.NaN)])
    expect(await refusal({ embedder: nan, input })).toMatchObject({ code: 'non-finite', field: 'embedding[1]' })
  })
})

describe('createBlock rejects', () => {
  const place = { latitude: 0, longitude: 0 }
  test.each<[code: string, field: string | undefined, fields: object]>([
    ['no-embedder', 'embedder', { input: { type: 'text', content: 'x' } }],
    ['missing-field', 'embedding', {}],
    ['missing-field', 'embedding.model', { embedding: [1] }],
    ['bad-model-id', 'embedding.model', { ...base, model: 'nobody' }],
    ['bad-model-id', 'embedding.model', { ...base, model: 'acme:embed-1#4' }],
    ['non-finite', 'embedding[1]', { ...base, embedding: [1, Number.NaN] }],
    ['out-of-range', 'embedding[0]', { ...base, embedding: [1e39] }],
    ['out-of-range', 'embedding.dims', { ...base, embedding: [] }],
    ['out-of-range', 'embedding.dims', { ...base, embedding: new Float32Array(8193) }],
    ['missing-field', 'input.hash', { ...base, input: { type: 'image' } }],
    ['wrong-length', 'input.hash', { ...base, input: { type: 'image', hash: new Uint8Array(3) } }],
    ['too-large', 'input.content', { ...base, input: { type: 'text', content: 'x'.repeat(131_073) } }],
    ['non-finite', 'time', { ...base, time: Number.NaN }],
    ['non-finite', 'time', { ...base, time: new Date('never') }],
    ['bad-type', 'time', { ...base, time: 1.5 }],
    ['out-of-range', 'time', { ...base, time: -1 }],
    ['out-of-range', 'time', { ...base, time: 4_102_444_800_001 }],
    ['out-of-range', 'place.latitude', { ...base, place: { latitude: 91, longitude: 0 } }],
    ['non-finite', 'place.longitude', { ...base, place: { latitude: 0, longitude: Number.NaN } }],
    ['out-of-range', 'place.elevation', { ...base, place: { ...place, elevation: 1e9 } }],
    ['missing-field', 'place.longitude', { ...base, place: { latitude: 0 } }],
    ['bad-type', 'place', { ...base, place: 'Vienna' }],
    ['bad-type', 'tags', { ...base, tags: 'physics' }],
    ['bad-value', 'tags', { ...base, tags: ['a', 'a'] }],
    ['too-large', 'tags[0]', { ...base, tags: ['x'.repeat(129)] }],
    ['bad-cid', 'links[0].id', { ...base, links: [{ relation: 'supports', id: 'bafy' }] }],
    ['bad-cid', 'supersedes[0]', { ...base, supersedes: [''] }],
    ['out-of-range', 'expires', { ...base, expires: time }],
    ['float', 'extensions', { ...base, extensions: { 'acme/x': 1.5 } }],
    ['bad-type', 'extensions', { ...base, extensions: { 'acme/x': undefined } }],
    ['bad-value', 'extensions.plain', { ...base, extensions: { plain: 1 } }],
    ['too-deep', 'extensions', { ...base, extensions: { 'acme/x': cyclic() } }],
  ])('%s of %s', async (code, field, fields) => {
    expect(await refusal(fields)).toMatchObject({ code, field })
  })

  test('a block beyond 256 KiB', async () => {
    const extensions = { 'acme/x': new Uint8Array(262_000) }
    expect(await refusal({ ...base, extensions })).toMatchObject({ code: 'too-large', limit: 262_144 })
  })

  test('before it signs', async () => {
    let signed = 0
    const counting = {
      publicKey: signer.publicKey,
      did: signer.did,
      sign: async () => new Uint8Array(64).fill(++signed),
    }
    await expect(createBlock({ ...base, tags: [''] }, counting)).rejects.toMatchObject({ code: 'bad-value' })
    expect(signed).toBe(0)
  })
})

test('a translator part is signed with its quality in thousandths', async () => {
  const translator: TranslatorPart = {
    from: 'acme:embed-1#3',
    to: 'other:model',
    method: 'procrustes',
    set: new Uint8Array(32).fill(4),
    index: 1,
    count: 2,
    row: 2,
    rows: 2,
    dims: 3,
    data: Uint8Array.of(1, 2, 3, 4, 5, 6),
    scales: floats(0.5, 0.25),
    quality: { anchors: 500, heldOut: 100, gallery: 1000, top1: 0.8424, top10: 1, cosine: 0.6946, baseline: -0.5 },
  }
  const block = await createBlock({ translator, time, tags: ['t'] }, signer)
  expect(block.translator).toEqual({ ...translator, quality: { ...translator.quality, top1: 0.842, cosine: 0.695 } })
  expect(block.tags).toEqual(['t'])
})

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1)

function cyclic(): object {
  const value: Record<string, unknown> = {}
  value['self'] = value
  return value
}
