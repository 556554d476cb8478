import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { describe, expect, test } from 'vitest'
import { concat, type Failure } from '../../../src/base/index'
import { importCar, LIMITS } from '../../../src/block/index'
import { encodeVarint } from '../../../src/block/car-format'
import { MAX_WAITING } from '../../../src/block/car-halves'
import { archive, blocks, bounds, dagCborCid, envelopesOf, head, read, section } from './archives'

describe('refused', () => {
  const foreign = Uint8Array.of(1, 2, 3)
  const first = archive.subarray(bounds[0], bounds[1])
  const rest = archive.subarray(bounds[0])

  test.each<[string, Uint8Array, Partial<Failure>]>([
    ['another version', Uint8Array.of(10, 0xa1, 0x67, ...new TextEncoder().encode('version'), 2), { code: 'version' }],
    ['no CAR at all', new TextEncoder().encode('<!doctype html>'.repeat(9)), { code: 'version' }],
    ['a header beyond its limit', encodeVarint(65_537), { code: 'too-large', limit: 65_536 }],
    ['an overlong length', Uint8Array.of(0x99, 0x00), { code: 'not-shortest' }],
    ['a length beyond all numbers', new Uint8Array(12).fill(0xff), { code: 'int-range' }],
  ])('as an archive: %s', async (_, bytes, failure) => {
    const { envelopes, failures } = await read(bytes)
    expect(envelopes).toEqual([])
    expect(failures).toEqual([expect.objectContaining({ field: 'archive', offset: 0, ...failure })])
  })

  test('a section of another codec or hash, and a length of nothing: passed over', async () => {
    const raw = CID.createV1(0x55, await sha256.digest(foreign)).bytes
    const { envelopes, failures } = await read(concat(head, section(raw, foreign), Uint8Array.of(0), rest))
    expect(envelopes).toEqual(envelopesOf(blocks))
    expect(failures.map(({ code, offset }) => [code, offset])).toEqual([
      ['bad-cid', bounds[0]],
      ['bad-cid', bounds[0]! + 1 + raw.length + foreign.length],
    ])
  })

  test('a payload under another id: passed over, with its signature', async () => {
    const spoiled = rest.slice()
    spoiled[200]! ^= 1
    const { envelopes, failures } = await read(concat(head, spoiled))
    expect(envelopes).toEqual(envelopesOf(blocks.slice(1)))
    expect(failures.map(({ code, field }) => [code, field])).toEqual([
      ['bad-cid', 'section'],
      ['missing-field', 'payload'],
    ])
  })

  test('a dag-cbor section that is no block: what it lacks is its signature', async () => {
    const other = dagCbor.encode({ hello: 'world' })
    const { envelopes, failures } = await read(concat(head, section((await dagCborCid(other)).bytes, other), rest))
    expect(envelopes).toEqual(envelopesOf(blocks))
    expect(failures).toEqual([
      expect.objectContaining({ code: 'missing-field', field: 'signature', offset: bounds[0] }),
    ])
  })

  test('a section longer than any block: passed over in pieces, never held', async () => {
    const limit = LIMITS.envelope + 36
    const source = async function* () {
      yield head
      yield encodeVarint(64 * limit)
      for (let i = 0; i < 64; i++) yield new Uint8Array(limit)
      yield rest
    }
    const { envelopes, failures } = await read(source())
    expect(envelopes).toEqual(envelopesOf(blocks))
    expect(failures).toEqual([{ code: 'too-large', field: 'section', offset: bounds[0], limit }])
    const endless = await read(concat(head, first, encodeVarint(2 ** 53 - 1), new Uint8Array(9)))
    expect(endless.envelopes).toEqual(envelopesOf(blocks.slice(0, 1)))
    expect(endless.failures).toEqual([{ code: 'truncated', field: 'archive', offset: bounds[1] }])
  })

  test('a payload that no envelope holds', async () => {
    const payload = new Uint8Array(LIMITS.envelope)
    const cid = await dagCborCid(payload)
    const node = dagCbor.encode({ block: cid, signature: new Uint8Array(64) })
    const pair = concat(section(cid.bytes, payload), section((await dagCborCid(node)).bytes, node))
    const { failures } = await read(concat(head, pair))
    expect(failures).toEqual([expect.objectContaining({ code: 'too-large', field: 'section', limit: LIMITS.envelope })])
  })

  test('payloads without signatures are not held beyond the bound', async () => {
    const lonely = async (n: number) => {
      const payload = new Uint8Array(LIMITS.envelope).fill(n)
      return section((await dagCborCid(payload)).bytes, payload)
    }
    const count = MAX_WAITING / LIMITS.envelope
    const given = async function* () {
      yield head
      for (let n = 0; n < 3 * count; n++) yield await lonely(n)
      yield rest
    }
    const { envelopes, failures } = await read(given())
    expect(envelopes).toEqual(envelopesOf(blocks))
    expect(failures).toHaveLength(3 * count)
    expect(failures[0]).toMatchObject({ code: 'missing-field', field: 'signature', offset: bounds[0] })
  })

  test('a source that gives no bytes', async () => {
    const text = ['text'] as unknown as Iterable<Uint8Array>
    await expect(importCar(text).next()).rejects.toMatchObject({ code: 'bad-type', field: 'source' })
  })
})
