import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { testNative } from '../../../src/signer/native'
import * as browser from '../../../src/platform/browser'
import * as node from '../../../src/platform/node'
import { isAcceptableIdentity, Signer, verifySignature, verifySignatureInPool } from '../../../src/signer/index'
import { edgeSignatures, SMALL_ORDER_ENCODINGS } from '../../tools/edge-signatures'

const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

interface Case {
  readonly kind: string
  readonly publicKey: string
  readonly message: string
  readonly signature: string
  readonly valid: boolean
}
const file = new URL('../../vectors/ed25519-speccheck-zip215.json', import.meta.url)
const CASES = JSON.parse(readFileSync(file, 'utf8')) as readonly Case[]

const EDGES = edgeSignatures()

describe('verifySignature', () => {
  test('answers every generated edge case as ZIP-215 does', async () => {
    const wrong: string[] = []
    for (const { name, publicKey, message, signature, valid } of EDGES) {
      if ((await verifySignature(publicKey, message, signature)) !== valid) wrong.push(name)
      if ((await verifySignatureInPool(publicKey, message, signature)) !== valid) wrong.push(`${name}, in the pool`)
    }
    expect(wrong).toEqual([])
    expect(EDGES.filter(({ valid }) => valid).length).toBeGreaterThan(250)
    expect(EDGES.filter(({ valid }) => !valid).length).toBeGreaterThan(60)
  })

  test('native code accepts no generated edge case that ZIP-215 refuses', async () => {
    for (const { name, publicKey, message, signature } of EDGES.filter(({ valid }) => !valid)) {
      for (const native of [node.nativeEd25519!, browser.nativeEd25519!]) {
        const accepted = await Promise.resolve(native.verify(publicKey, message, signature)).catch(() => false)
        expect([name, accepted]).toEqual([name, false])
      }
    }
  })

  test.each(CASES)('answers $kind as ZIP-215 does: $valid', async ({ publicKey, message, signature, valid }) => {
    expect(await verifySignature(unhex(publicKey), unhex(message), unhex(signature))).toBe(valid)
    expect(await verifySignatureInPool(unhex(publicKey), unhex(message), unhex(signature))).toBe(valid)
  })

  test.each(CASES)(
    'native code accepts nothing that ZIP-215 refuses: $kind',
    async ({ publicKey, message, signature, valid }) => {
      for (const native of [node.nativeEd25519!, browser.nativeEd25519!]) {
        const accepted = await native.verify(unhex(publicKey), unhex(message), unhex(signature))
        expect(accepted && !valid).toBe(false)
      }
    },
  )

  test('agrees with node:crypto on its own keys, and refuses every altered part', async () => {
    const seed = new Uint8Array(32).fill(7)
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
    const key: KeyObject = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    const publicKey = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(12))
    const message = new Uint8Array([1, 2, 3])
    const signature = new Uint8Array(sign(null, message, key))
    expect((await Signer.fromSeed(seed)).publicKey).toEqual(publicKey)
    expect(await verifySignature(publicKey, message, signature)).toBe(true)
    const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
    expect(await verifySignature(flip(publicKey, 3), message, signature)).toBe(false)
    expect(await verifySignature(publicKey, flip(message, 0), signature)).toBe(false)
    for (const at of [0, 31, 32, 63]) expect(await verifySignature(publicKey, message, flip(signature, at))).toBe(false)
  })

  test('answers false to keys and signatures of another length', async () => {
    const signer = await Signer.generate()
    const signature = await signer.sign(new Uint8Array(1))
    expect(await verifySignature(signer.publicKey.subarray(1), new Uint8Array(1), signature)).toBe(false)
    expect(await verifySignature(signer.publicKey, new Uint8Array(1), signature.subarray(1))).toBe(false)
    expect(await verifySignature(new Uint8Array(0), new Uint8Array(1), new Uint8Array(0))).toBe(false)
  })

  test('answers false to a key that is no curve point', async () => {
    const offCurve = unhex('0200000000000000000000000000000000000000000000000000000000000000')
    expect(await verifySignature(offCurve, new Uint8Array(1), new Uint8Array(64))).toBe(false)
  })
})

describe('the self-test of native code', () => {
  const native = node.nativeEd25519!

  test('passes OpenSSL and WebCrypto', async () => {
    expect(Object.keys(await testNative(native)).sort()).toEqual(['sign', 'verify', 'verifyInPool'])
    expect(Object.keys(await testNative(browser.nativeEd25519!)).sort()).toEqual(['sign', 'verify'])
  })

  test('drops a verifier that accepts everything, refuses everything or throws', async () => {
    const failing = (): never => {
      throw new Error('no Ed25519')
    }
    for (const verify of [() => true, () => false, failing]) {
      expect(Object.keys(await testNative({ sign: native.sign, verify }))).toEqual(['sign'])
      const verifyInPool = async () => verify()
      expect(Object.keys(await testNative({ ...native, verifyInPool })).sort()).toEqual(['sign', 'verify'])
    }
  })

  test('drops signatures that are randomised, and a runtime without Ed25519', async () => {
    const randomised = { verify: native.verify, sign: () => crypto.getRandomValues(new Uint8Array(64)) }
    expect(Object.keys(await testNative(randomised))).toEqual(['verify'])
    expect(await testNative(undefined)).toEqual({})
  })
})

describe('isAcceptableIdentity', () => {
  test('refuses every encoding of the eight points of small order, with either sign bit', () => {
    expect(new Set(SMALL_ORDER_ENCODINGS.map(String)).size).toBe(14)
    for (const point of SMALL_ORDER_ENCODINGS) {
      expect(isAcceptableIdentity(point)).toBe(false)
      expect(isAcceptableIdentity(point.map((byte, i) => (i === 31 ? byte ^ 0x80 : byte)))).toBe(false)
    }
  })

  test('refuses y ≥ p, in which ZIP-215 sees other names of known points', () => {
    for (let low = 0xed; low <= 0xff; low++) {
      for (const high of [0x7f, 0xff]) {
        const encoding = new Uint8Array(32).fill(0xff)
        encoding[0] = low
        encoding[31] = high
        expect(isAcceptableIdentity(encoding)).toBe(false)
      }
    }
  })

  test('refuses another length and accepts real keys, the largest y below p included', async () => {
    expect(isAcceptableIdentity(new Uint8Array(31).fill(9))).toBe(false)
    expect(isAcceptableIdentity(new Uint8Array(33).fill(9))).toBe(false)
    for (let i = 0; i < 20; i++) expect(isAcceptableIdentity((await Signer.generate()).publicKey)).toBe(true)
    expect(isAcceptableIdentity(unhex(`eb${'ff'.repeat(30)}7f`))).toBe(true)
  })
})
