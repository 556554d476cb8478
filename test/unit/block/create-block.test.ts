import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { sha256 as hasher } from 'multiformats/hashes/sha2'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { blockVector, cidOf, createBlock, decodeBlock, openBlock, type TranslatorPart } from '../../../src/block/index'
import { verifySignature } from '../../../src/signer/index'
import { base, signer, time } from './making'
import { floats } from './payloads'

const sha256 = (bytes: Uint8Array | string): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

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

  test('carries a beacon given in bytes or as it is published', async () => {
    const beacon = { chain: new Uint8Array(32).fill(10), round: 7, signature: new Uint8Array(96).fill(11) }
    const published = { chain: '0A'.repeat(32), round: 7, signature: '0b'.repeat(96) }
    const [a, b] = [
      await createBlock({ ...base, beacon }, signer),
      await createBlock({ ...base, beacon: published }, signer),
    ]
    expect(a.beacon).toEqual(beacon)
    expect(b.id).toBe(a.id)
    const payload = dagCbor.decode<{ beacon: object }>(unwrap(openBlock(a.bytes)).payload)
    expect(payload.beacon).toEqual(beacon)
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
