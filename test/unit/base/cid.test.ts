import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { describe, expect, test } from 'vitest'
import { Cid, unwrap, utf8 } from '../../../src/base/index'

const digest = Uint8Array.from({ length: 32 }, (_, i) => i * 7)

describe('Cid', () => {
  test('agrees with multiformats on text and bytes', async () => {
    const theirs = CID.createV1(dagCbor.code, await sha256.digest(utf8('payload')))
    const ours = Cid.fromDigest(theirs.multihash.digest)
    expect(ours.toString()).toBe(theirs.toString())
    expect(ours.bytes).toEqual(theirs.bytes)
  })

  test('reads back both of its forms', () => {
    const cid = Cid.fromDigest(digest)
    expect(unwrap(Cid.parse(cid.toString())).bytes).toEqual(cid.bytes)
    expect(unwrap(Cid.fromBytes(cid.bytes)).toString()).toBe(cid.toString())
    expect(JSON.stringify({ cid })).toBe(JSON.stringify({ cid: cid.toString() }))
  })

  test('keeps a copy of the bytes it was read from', () => {
    const bytes = Cid.fromDigest(digest).bytes.slice()
    const cid = unwrap(Cid.fromBytes(bytes))
    bytes.fill(0)
    expect(cid.bytes).toEqual(Cid.fromDigest(digest).bytes)
  })

  const text = Cid.fromDigest(digest).toString()
  test.each([
    ['empty text', ''],
    ['upper case', text.toUpperCase()],
    ['another multibase', `z${text.slice(1)}`],
    ['another length', text.slice(0, -1)],
    ['a character outside the alphabet', `${text.slice(0, -1)}1`],
    ['another codec', `bafkrei${text.slice(7)}`],
    ['set padding bits', `${text.slice(0, -1)}b`],
  ])('refuses %s as bad-cid', (_, candidate) => {
    expect(Cid.parse(candidate)).toMatchObject({ ok: false, error: { code: 'bad-cid' } })
  })

  test('refuses bytes of another version, codec, hash or length', () => {
    const { bytes } = Cid.fromDigest(digest)
    for (const at of [0, 1, 2, 3]) {
      const changed = bytes.slice()
      changed[at]! ^= 1
      expect(Cid.fromBytes(changed)).toMatchObject({ ok: false, error: { code: 'bad-cid' } })
    }
    expect(Cid.fromBytes(bytes.subarray(1)).ok).toBe(false)
    expect(() => Cid.fromDigest(digest.subarray(1))).toThrowError(expect.objectContaining({ code: 'wrong-length' }))
  })
})
