import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { createBlock, decodeBlock, fromJSON, LIMITS, recoveryCommitment, toJSON } from '../../../src/block/index'
import { didKey, Signer } from '../../../src/signer/index'
import { refusal, signer, time } from './making'
import { changed, envelopeOf, expectRefusal, type Deviation, type Wire } from './payloads'

const key = (number: number) => new Uint8Array(32).fill(number)
const author = key(9)
const SMALL_ORDER = new Uint8Array(32).with(0, 1)
const HEAD: Wire = { v: 1, author, time: 1_700_000_000_000 }
const PROFILE: Wire = { ...HEAD, kind: 'profile', profile: { enc: [key(1)], rec: key(2), dev: [key(3), key(4)] } }
const JOINING: Wire = { ...HEAD, kind: 'profile', profile: { of: key(5), dev: [key(3)] } }
const ROTATION: Wire = { ...HEAD, kind: 'rotation', rotation: { from: key(5), to: key(6), next: key(7) } }
const many = (count: number) => Array.from({ length: count }, (_, i) => key(20 + i))

test('the complete ones are read, in did:keys', () => {
  expect(unwrap(decodeBlock(envelopeOf(PROFILE)))).toMatchObject({
    profile: { encryption: [key(1)], recovery: key(2), devices: [didKey(key(3)), didKey(key(4))] },
  })
  expect(unwrap(decodeBlock(envelopeOf(JOINING)))).toMatchObject({ profile: { identity: didKey(key(5)) } })
  const rotation = { from: didKey(key(5)), to: didKey(key(6)), next: key(7) }
  expect(unwrap(decodeBlock(envelopeOf(ROTATION)))).toMatchObject({ kind: 'rotation', rotation })
  for (const field of ['enc', 'rec', 'dev']) {
    const only = { ...PROFILE, profile: { [field]: (PROFILE['profile'] as Wire)[field] } }
    expect(decodeBlock(envelopeOf(only)).ok).toBe(true)
  }
  expect(decodeBlock(envelopeOf(changed(PROFILE, 'profile.dev', many(LIMITS.devices)))).ok).toBe(true)
})

describe('refusals', () => {
  test.each<Deviation>([
    ['missing-field', 'profile.encryption', 'profile', {}],
    ['wrong-length', 'profile.recovery', 'profile.rec', key(2).subarray(1)],
    ['bad-type', 'profile.recovery', 'profile.rec', 'text'],
    ['bad-value', 'profile.recovery', 'profile.rec', recoveryCommitment(author)],
    ['unknown-field', 'profile.recovery', 'profile.of', key(5)],
    ['bad-value', 'profile.devices', 'profile.dev', []],
    ['bad-value', 'profile.devices', 'profile.dev', [key(3), key(3)]],
    ['bad-value', 'profile.devices', 'profile.dev', [key(3), author]],
    ['too-large', 'profile.devices', 'profile.dev', many(LIMITS.devices + 1)],
    ['wrong-length', 'profile.devices[1]', 'profile.dev', [key(3), new Uint8Array(33)]],
    ['bad-type', 'profile.devices[0]', 'profile.dev', ['did:key:z6Mk']],
    ['bad-author-key', 'profile.devices[0]', 'profile.dev', [SMALL_ORDER]],
    ['bad-author-key', 'profile.devices[0]', 'profile.dev', [key(255)]],
    ['unknown-field', 'profile.name', 'profile.name', 'Ada'],
    ['unknown-field', 'expires', 'expires', 1_800_000_000_000],
  ])('profile: %s at %s', (code, field, path, value) => expectRefusal(changed(PROFILE, path, value), code, field))

  test.each<Deviation>([
    ['bad-value', 'profile.identity', 'profile.of', author],
    ['bad-author-key', 'profile.identity', 'profile.of', SMALL_ORDER],
    ['bad-value', 'profile.devices', 'profile.dev', [key(5)]],
  ])('joining: %s at %s', (code, field, path, value) => expectRefusal(changed(JOINING, path, value), code, field))

  test.each<Deviation>([
    ['missing-field', 'rotation', 'rotation', undefined],
    ['missing-field', 'rotation.from', 'rotation.from', undefined],
    ['bad-value', 'rotation.from', 'rotation.from', author],
    ['bad-author-key', 'rotation.from', 'rotation.from', SMALL_ORDER],
    ['bad-value', 'rotation.to', 'rotation.to', author],
    ['bad-value', 'rotation.to', 'rotation.to', key(5)],
    ['bad-author-key', 'rotation.to', 'rotation.to', SMALL_ORDER],
    ['unknown-field', 'rotation.next', 'rotation.to', undefined],
    ['wrong-length', 'rotation.next', 'rotation.next', new Uint8Array(31)],
    ['bad-value', 'rotation.next', 'rotation.next', recoveryCommitment(key(6))],
    ['unknown-field', 'rotation.why', 'rotation.why', 'stolen'],
    ['unknown-field', 'expires', 'expires', 1_800_000_000_000],
  ])('rotation: %s at %s', (code, field, path, value) => expectRefusal(changed(ROTATION, path, value), code, field))
})

test('they are made from did:keys and read back, also through JSON; what is wrong is refused before it is signed', async () => {
  const [recovery, next] = await Promise.all([2, 3].map(seed => Signer.fromSeed(key(seed))))
  const of = { recovery: recoveryCommitment(recovery!.publicKey), devices: [next!.did] }
  const profile = await createBlock({ profile: of, time }, signer)
  expect(profile.profile).toEqual(of)
  const rotation = await createBlock({ rotation: { from: signer.did, to: next!.did }, time }, recovery!)
  expect(rotation).toMatchObject({
    kind: 'rotation',
    author: recovery!.did,
    rotation: { from: signer.did, to: next!.did },
  })
  for (const block of [profile, rotation]) {
    expect(unwrap(decodeBlock(block.bytes))).toEqual(block)
    expect(unwrap(fromJSON(JSON.parse(JSON.stringify(toJSON(block)))))).toEqual(block)
  }
  expect(await refusal({ rotation: { from: signer.did } })).toMatchObject({ code: 'bad-value', field: 'rotation.from' })
  expect(await refusal({ rotation: { from: 'Ada' } })).toMatchObject({ code: 'bad-did', field: 'rotation.from' })
  expect(await refusal({ profile: { devices: [next!.publicKey] } })).toMatchObject({ code: 'bad-type' })
  expect(await refusal({ profile: {} })).toMatchObject({ code: 'missing-field' })
  expect(await refusal({ profile: of, expires: time + 1 })).toMatchObject({ code: 'unknown-field', field: 'expires' })
  expect(() => recoveryCommitment(new Uint8Array(31))).toThrow('wrong-length')
  expect(await refusal({ embedding: [1], model: 'acme:x', recipients: [profile] })).toMatchObject({ code: 'bad-type' })
})
