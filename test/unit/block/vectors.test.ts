import { readFileSync } from 'node:fs'
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { describe, expect, test } from 'vitest'
import { decodeCanonical, encodeCanonical, unwrap } from '../../../src/base/index'
import {
  decodeBlock,
  fromJSON,
  openEnvelope,
  openSealed,
  toJSON,
  type EmbeddingBlock,
  type KeywrapBlock,
  type SealedBlock,
} from '../../../src/block/index'
import { toBeSigned } from '../../../src/block/envelope'
import { didKey, EncryptionKey, Signer } from '../../../src/signer/index'
import { CosmicValidator } from '../../../src/validate/index'
import { openedBlocks, refusedBlocks, unpack, validBlocks } from '../../tools/block-vectors/read'
import type { PackedHex } from '../../tools/block-vectors/sealing'
import { makeBlockVectors, VECTORS } from '../../tools/make-block-vectors'
import { EMBEDDING, envelopeOf, type Wire } from './payloads'

const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
/** Equality of long texts is found far sooner than that of long arrays. */
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const validator = new CosmicValidator({ clock: { now: () => 4_102_444_800_000 } })

/** A value, and all that it is made of. */
function partsOf(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  return value instanceof Uint8Array ? [value] : [value, ...Object.values(value).flatMap(partsOf)]
}

describe('the vectors', () => {
  test.each(Object.entries(makeBlockVectors()))('are what their generator makes: %s', (name, content) => {
    expect(readFileSync(VECTORS + name, 'utf8')).toBe(content)
  })

  test('make blocks of which nothing can be changed but the bytes, and of which every array of bytes is a view of these', () => {
    for (const { name, envelope } of validBlocks) {
      const block = unwrap(decodeBlock(unpack(envelope)))
      for (const part of partsOf(block)) {
        if (part instanceof Uint8Array) expect(part.buffer === block.bytes.buffer, name).toBe(true)
        else expect(Object.isFrozen(part), name).toBe(true)
      }
    }
  })

  test('have names of their own', () => {
    const names = [...validBlocks, ...refusedBlocks, ...openedBlocks].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  test('hold a refusal of every code that docs/spec/block.md gives to bytes', () => {
    const spec = readFileSync(new URL('../../../docs/spec/block.md', import.meta.url), 'utf8')
    const quoted = [...spec.matchAll(/`([a-z]+(?:-[a-z0-9]+)+|float|truncated)`/g)].map(([, code]) => code)
    const codes = new Set(refusedBlocks.map(({ code }) => code))
    expect([...codes].filter(code => !quoted.includes(code))).toEqual([])
    const form = ['too-large', 'truncated', 'trailing-bytes', 'not-shortest', 'indefinite-length', 'unsorted-keys']
    const rest = [
      'duplicate-key',
      'bad-key',
      'bad-utf8',
      'bad-tag',
      'bad-cid',
      'float',
      'bad-simple',
      'too-deep',
      'too-many-items',
    ]
    const values = [
      'int-range',
      'bad-envelope',
      'unknown-field',
      'missing-field',
      'bad-type',
      'bad-value',
      'out-of-range',
    ]
    const others = ['non-finite', 'wrong-length', 'bad-model-id', 'bad-author-key', 'bad-signature']
    expect([...codes].sort()).toEqual([...form, ...rest, ...values, ...others].sort())
  })
})

describe('a valid vector', () => {
  test.each(validBlocks)('$name', async ({ envelope, id, version, kind, author, time }) => {
    const bytes = unpack(envelope)
    const verdict = await validator.validate(bytes)
    expect([verdict.status, verdict.summary]).toEqual(['valid', expect.any(String)])
    const block = unwrap(decodeBlock(bytes))
    expect(block).toMatchObject({ id, version, kind, author: didKey(unhex(author)), time })
    expect(unwrap(fromJSON(JSON.parse(JSON.stringify(toJSON(block)))))).toEqual(block)
  })

  test.each(validBlocks)('is the same to @ipld/dag-cbor, multiformats and our encoder: $name', async vector => {
    const envelope = unpack(vector.envelope)
    const { payload } = unwrap(openEnvelope(envelope))
    for (const bytes of [envelope, payload]) {
      expect(hex(dagCbor.encode(dagCbor.decode(bytes)))).toBe(hex(bytes))
      expect(hex(encodeCanonical(unwrap(decodeCanonical(bytes))))).toBe(hex(bytes))
    }
    expect(CID.createV1(dagCbor.code, await sha256.digest(payload)).toString()).toBe(vector.id)
  })
})

describe('a refused vector', () => {
  test.each(refusedBlocks)('$name: $description', async ({ envelope, code, field, offset }) => {
    const bytes = unpack(envelope)
    expect(await validator.validate(bytes)).toMatchObject({ status: 'invalid', code, ...(field && { field }) })
    if (code === 'bad-signature' || code === 'bad-author-key') return
    const read = decodeBlock(bytes)
    const error = read.ok ? undefined : read.error
    expect({ code: error?.code, field: error?.field || undefined, offset: error?.offset }).toEqual({
      code,
      field,
      offset,
    })
  })
})

describe('a sealed vector in a reader’s hands', () => {
  const read = async <T>(envelope: PackedHex): Promise<T> => {
    const verdict = await validator.validate(unpack(envelope))
    return (verdict.status === 'valid' && verdict.block) as T
  }

  test.each(openedBlocks)('$name: $description', async ({ envelope, keywrap, seed, content, code, field }) => {
    const keywraps = keywrap === undefined ? [] : [await read<KeywrapBlock>(keywrap)]
    const key = await EncryptionKey.fromSeed(unhex(seed))
    const opened = await openSealed(await read<SealedBlock>(envelope), key, { keywraps })
    if (content === undefined) {
      const error = opened.ok ? undefined : opened.error
      expect({ code: error?.code, field: error?.field || undefined }).toEqual({ code, field })
      return
    }
    const shown = decodeBlock(envelopeOf({ ...EMBEDDING, ...dagCbor.decode<Wire>(unpack(content)) }))
    const { embedding, input } = unwrap(shown) as EmbeddingBlock
    expect(opened).toEqual({ ok: true, value: { embedding, input } })
  })
})

/** cose-wg/Examples, eddsa-examples, eddsa-sig-01 and eddsa-sig-02 (Unlicense). */
describe('the published COSE examples', () => {
  const payload = new TextEncoder().encode('This is the content.')

  test('eddsa-sig-01: Sig_structure and signature', async () => {
    const structure = encodeCanonical(['Signature1', unhex('a201270300'), new Uint8Array(0), payload])
    expect(Buffer.from(structure).toString('hex').toUpperCase()).toBe(
      '846A5369676E61747572653145A2012703004054546869732069732074686520636F6E74656E742E',
    )
    const signer = await Signer.fromSeed(unhex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'))
    expect(
      Buffer.from(await signer.sign(structure))
        .toString('hex')
        .toUpperCase(),
    ).toBe(
      '7142FD2FF96D56DB85BEE905A76BA1D0B7321A95C8C4D3607C5781932B7AFB8711497DFA751BF40B58B3BCC32300B1487F3DB34085EEF013BF08F4A44D6FEF0D',
    )
  })

  test('eddsa-sig-02, whose protected header is ours: Sig_structure', () => {
    expect(Buffer.from(toBeSigned(payload)).toString('hex').toUpperCase()).toBe(
      '846A5369676E61747572653143A101274054546869732069732074686520636F6E74656E742E',
    )
  })
})
