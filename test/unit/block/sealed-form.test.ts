import { describe, expect, test } from 'vitest'
import { Cid, unwrap } from '../../../src/base/index'
import { createBlock, decodeBlock } from '../../../src/block/index'
import { base, refusal, signer } from './making'
import { changed, EMBEDDING, envelopeOf, expectRefusal, type Deviation, type Wire } from './payloads'

const HEAD: Wire = { v: 1, author: new Uint8Array(32).fill(9), time: 1_700_000_000_000 }
const COMMIT = new Uint8Array(32).fill(1)
const WRAP: Wire = { to: new Uint8Array(32).fill(2), enc: new Uint8Array(32).fill(3), key: new Uint8Array(48).fill(4) }
const ID = Cid.fromDigest(new Uint8Array(32).fill(5))
const many = (count: number): Wire[] =>
  Array.from({ length: count }, (_, i) => ({ ...WRAP, to: new Uint8Array(32).with(0, i % 256).with(1, i >> 8) }))

const SEALED: Wire = {
  ...HEAD,
  kind: 'sealed',
  sealed: { commit: COMMIT, data: new Uint8Array(1040), wraps: [WRAP] },
}
const KEYWRAP: Wire = { ...HEAD, kind: 'keywrap', keywrap: { block: ID, commit: COMMIT, wraps: [WRAP] } }
const PROFILE: Wire = { ...HEAD, kind: 'profile', profile: { enc: [new Uint8Array(32)] } }

describe('form', () => {
  test('the complete ones are read', () => {
    for (const of of [SEALED, KEYWRAP, PROFILE]) {
      const block = unwrap(decodeBlock(envelopeOf(of)))
      expect(block).toMatchObject({ kind: of['kind'] })
      expect(block.opaque).toBeUndefined()
    }
    expect(decodeBlock(envelopeOf(changed(SEALED, 'sealed.wraps', many(256)))).ok).toBe(true)
    for (const length of [1280, 1792, 3584, 229_376])
      expect(decodeBlock(envelopeOf(changed(SEALED, 'sealed.data', new Uint8Array(length + 16)))).ok).toBe(true)
  })

  test.each<Deviation>([
    ['unknown-field', 'embedding', 'embedding', EMBEDDING['embedding']],
    ['unknown-field', 'input', 'input', EMBEDDING['input']],
    ['unknown-field', 'sealed.model', 'sealed.model', 'acme:embed-1'],
    ['missing-field', 'sealed', 'sealed', undefined],
    ['missing-field', 'sealed.commitment', 'sealed.commit', undefined],
    ['wrong-length', 'sealed.commitment', 'sealed.commit', new Uint8Array(31)],
    ['wrong-length', 'sealed.data', 'sealed.data', new Uint8Array(1039)],
    ['wrong-length', 'sealed.data', 'sealed.data', new Uint8Array(512 + 16)],
    ['wrong-length', 'sealed.data', 'sealed.data', new Uint8Array(1100 + 16)],
    ['wrong-length', 'sealed.data', 'sealed.data', new Uint8Array(0)],
    ['bad-type', 'sealed.data', 'sealed.data', 'text'],
    ['bad-value', 'sealed.wraps', 'sealed.wraps', []],
    ['bad-value', 'sealed.wraps', 'sealed.wraps', [WRAP, WRAP]],
    ['too-large', 'sealed.wraps', 'sealed.wraps', many(257)],
    ['wrong-length', 'sealed.wraps[0].recipient', 'sealed.wraps', [{ ...WRAP, to: new Uint8Array(33) }]],
    ['wrong-length', 'sealed.wraps[0].enc', 'sealed.wraps', [{ ...WRAP, enc: new Uint8Array(31) }]],
    ['wrong-length', 'sealed.wraps[0].key', 'sealed.wraps', [{ ...WRAP, key: new Uint8Array(32) }]],
  ])('sealed: %s at %s', (code, field, path, value) => expectRefusal(changed(SEALED, path, value), code, field))

  test.each<Deviation>([
    ['missing-field', 'keywrap.block', 'keywrap.block', undefined],
    ['bad-type', 'keywrap.block', 'keywrap.block', ID.toString()],
    ['wrong-length', 'keywrap.commitment', 'keywrap.commit', new Uint8Array(33)],
    ['bad-value', 'keywrap.wraps', 'keywrap.wraps', []],
    ['unknown-field', 'sealed', 'sealed', SEALED['sealed']],
  ])('keywrap: %s at %s', (code, field, path, value) => expectRefusal(changed(KEYWRAP, path, value), code, field))

  test.each<Deviation>([
    ['missing-field', 'profile.encryption', 'profile.enc', undefined],
    ['bad-value', 'profile.encryption', 'profile.enc', []],
    ['bad-value', 'profile.encryption', 'profile.enc', [COMMIT, COMMIT]],
    ['wrong-length', 'profile.encryption[0]', 'profile.enc', [new Uint8Array(31)]],
    ['too-large', 'profile.encryption', 'profile.enc', many(17).map(({ to }) => to)],
    ['unknown-field', 'profile.name', 'profile.name', 'Ada'],
  ])('profile: %s at %s', (code, field, path, value) => expectRefusal(changed(PROFILE, path, value), code, field))
})

test('a profile is made and read back; a wrong one is refused before it is signed', async () => {
  const encryption = [COMMIT, new Uint8Array(32).fill(8)]
  const { time } = base
  const made = await createBlock({ profile: { encryption }, time, tags: ['me'] }, signer)
  expect(made).toMatchObject({ kind: 'profile', profile: { encryption }, tags: ['me'] })
  expect(unwrap(decodeBlock(made.bytes))).toEqual(made)
  expect(await refusal({ profile: { encryption: [] }, time })).toMatchObject({ code: 'bad-value' })
  expect(await refusal({ profile: { encryption: ['x'] }, time })).toMatchObject({ code: 'bad-type' })
})
