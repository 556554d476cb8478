import { readFileSync } from 'node:fs'
import * as noble from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import { Signer } from '../../../src/signer/index'
import { edgeSignatures } from '../../tools/edge-signatures'
import { hotAuthors, verifyHot } from '../../../src/signer/hot-authors'

const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const file = new URL('../../vectors/ed25519-speccheck-zip215.json', import.meta.url)
const CASES = JSON.parse(readFileSync(file, 'utf8')) as readonly Record<
  'kind' | 'publicKey' | 'message' | 'signature',
  string
>[]

describe('verifyHot', () => {
  test('answers every edge case as noble’s ZIP-215 does, before and after the key got its table', () => {
    noble.hashes.sha512 = sha512
    for (const { kind, publicKey, message, signature } of CASES) {
      const claim = [unhex(publicKey), unhex(message), unhex(signature)] as const
      const expected = noble.verify(claim[2], claim[1], claim[0], { zip215: true })
      for (let use = 0; use < 10; use++) expect(`${kind} ${verifyHot(...claim)}`).toBe(`${kind} ${expected}`)
    }
  })

  test('answers every generated edge case as ZIP-215 does', () => {
    const wrong = edgeSignatures().filter(
      ({ publicKey, message, signature, valid }) => verifyHot(publicKey, message, signature) !== valid,
    )
    expect(wrong.map(({ name }) => name)).toEqual([])
  })

  test('refuses every altered part of a signature, with and without a table', async () => {
    const signer = await Signer.generate()
    const message = new Uint8Array([1, 2, 3])
    const signature = await signer.sign(message)
    const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
    for (let round = 0; round < 3; round++) {
      for (let use = 0; use < 4; use++) expect(verifyHot(signer.publicKey, message, signature)).toBe(true)
      expect(verifyHot(signer.publicKey, flip(message, 0), signature)).toBe(false)
      for (const at of [0, 31, 32, 63]) expect(verifyHot(signer.publicKey, message, flip(signature, at))).toBe(false)
    }
    expect(verifyHot(signer.publicKey, message, signature.fill(0xff, 32))).toBe(false)
  })

  test('keeps at most 32 tables, and authors who lost theirs still verify', async () => {
    const message = new Uint8Array(1)
    const signers = await Promise.all(Array.from({ length: 35 }, () => Signer.generate()))
    const claims = await Promise.all(
      signers.map(async signer => [signer.publicKey, message, await signer.sign(message)] as const),
    )
    for (const claim of claims) {
      for (let use = 0; use < 8; use++) expect(verifyHot(...claim)).toBe(true)
      expect(hotAuthors()).toBeLessThanOrEqual(32)
    }
    expect(hotAuthors()).toBe(32)
    for (const claim of claims.slice(0, 3)) expect(verifyHot(...claim)).toBe(true)
  })
})
