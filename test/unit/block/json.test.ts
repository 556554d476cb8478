import { beforeAll, describe, expect, test } from 'vitest'
import { createBlock, fromJSON, toJSON, type EmbeddingBlock } from '../../../src/block/index'
import { toBase64url } from '../../../src/base/index'
import { Signer } from '../../../src/signer/index'

let block: EmbeddingBlock
beforeAll(async () => {
  const extensions = { 'acme/x': { bytes: Uint8Array.of(255), ['__proto__']: [null] } }
  const fields = { embedding: [1, -1], model: 'acme:embed-1', element: 'i8', tags: ['a'], extensions } as const
  block = await createBlock({ ...fields, place: { latitude: 1, longitude: 2 } }, await Signer.generate())
})

describe('the JSON view', () => {
  test('survives a trip through text', () => {
    expect(fromJSON(JSON.parse(JSON.stringify(toJSON(block))))).toEqual({ ok: true, value: block })
  })

  test('shows every field, bytes as base64url', () => {
    expect(toJSON(block)).toMatchObject({
      id: block.id,
      bytes: toBase64url(block.bytes),
      embedding: { type: 'i8', dims: 2, data: 'f4E', scale: block.embedding.scale },
      input: { type: 'embedding', hash: toBase64url(block.input.hash) },
      place: { latitude: 1, longitude: 2 },
      tags: ['a'],
      extensions: { 'acme/x': { bytes: '_w' } },
    })
    expect(Object.keys(toJSON(block)).sort()).toEqual(Object.keys(block).sort())
    expect(JSON.stringify(toJSON(block))).toContain('"__proto__":[null]')
  })

  test('believes nothing but bytes and id', () => {
    const forged = { id: toJSON(block).id, bytes: toJSON(block).bytes, tags: ['forged'], author: 'did:key:z6Mk' }
    expect(fromJSON(forged)).toEqual({ ok: true, value: block })
  })

  test('is refused as bad-json with another id, without bytes, or in another alphabet', () => {
    const { id, bytes } = toJSON(block)
    const other = `${id.slice(0, -1)}${id.endsWith('a') ? 'i' : 'a'}`
    const cases: [unknown, string][] = [
      [{ id: other, bytes }, 'id'],
      [{ bytes }, 'id'],
      [{ id }, 'bytes'],
      [{ id, bytes: 7 }, 'bytes'],
      [{ id, bytes: `${bytes}=` }, 'bytes'],
      [{ id, bytes: `${bytes.slice(0, 8)}+/` }, 'bytes'],
      [null, 'id'],
      ['text', 'id'],
      [[], 'id'],
    ]
    for (const [value, field] of cases)
      expect(fromJSON(value)).toMatchObject({ ok: false, error: { code: 'bad-json', field } })
  })

  test('passes on what is wrong with the bytes, and their size before decoding', () => {
    const { id } = block
    expect(fromJSON({ id, bytes: '' })).toMatchObject({ error: { code: 'truncated' } })
    expect(fromJSON({ id, bytes: '!'.repeat(350_000) })).toMatchObject({ error: { code: 'too-large', limit: 262_144 } })
  })
})
