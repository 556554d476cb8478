import { describe, expect, test } from 'vitest'
import { createBlock } from '../../../src/block/index'
import { base, refusal, signer, time } from './making'

describe('createBlock rejects', () => {
  const place = { latitude: 0, longitude: 0 }
  const beacon = { chain: new Uint8Array(32), round: 1, signature: new Uint8Array(48) }
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
    ['bad-value', 'beacon.chain', { ...base, beacon: { chain: 'quicknet', round: 1, signature: '' } }],
    ['wrong-length', 'beacon.signature', { ...base, beacon: { ...beacon, signature: 'b446' } }],
    ['out-of-range', 'beacon.round', { ...base, beacon: { ...beacon, round: 0 } }],
    ['missing-field', 'beacon.chain', { ...base, beacon: {} }],
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

  test('a block of few bytes and many items, which would take a hundred times its bytes in memory', async () => {
    const extensions = { 'acme/bomb': Array.from({ length: 5_000 }, () => ({})) }
    expect(await refusal({ ...base, extensions })).toMatchObject({ code: 'too-many-items', limit: 4_096 })
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

  test('what a signer gives that is no signature', async () => {
    const broken = { publicKey: signer.publicKey, did: signer.did, sign: async () => new Uint8Array(63) }
    await expect(createBlock(base, broken)).rejects.toMatchObject({ code: 'bad-signature', limit: 64 })
  })
})

function cyclic(): object {
  const value: Record<string, unknown> = {}
  value['self'] = value
  return value
}
