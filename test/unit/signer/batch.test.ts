import { ed25519 } from '@noble/curves/ed25519.js'
import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { random } from '../../../src/platform/node'
import type { Claim } from '../../../src/signer/hot-authors'
import { edgeSignatures } from '../../tools/edge-signatures'

const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const file = new URL('../../vectors/ed25519-speccheck-zip215.json', import.meta.url)
const speccheck = JSON.parse(readFileSync(file, 'utf8')) as {
  kind: string
  publicKey: string
  message: string
  signature: string
  valid: boolean
}[]

const EDGES: readonly { name: string; claim: Claim; valid: boolean }[] = [
  ...speccheck.map(({ kind, publicKey, message, signature, valid }) => ({
    name: kind,
    claim: [unhex(publicKey), unhex(message), unhex(signature)] as const,
    valid,
  })),
  ...edgeSignatures().map(({ name, publicKey, message, signature, valid }) => ({
    name,
    claim: [publicKey, message, signature] as const,
    valid,
  })),
]

/** A valid claim by an author of its own. */
function honest(number: number): Claim {
  const seed = new Uint8Array(32).fill(number & 255).with(0, number >> 8)
  const message = new Uint8Array([number & 255, 1, 2])
  return [ed25519.getPublicKey(seed), message, ed25519.sign(message, seed)]
}
const HONEST = Array.from({ length: 64 }, (_, i) => honest(i))

const ORDER = ed25519.Point.Fn.ORDER
/** The response of a signature, moved by so much. */
function moved([publicKey, message, signature]: Claim, by: bigint): Claim {
  const response = signature.slice(32).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
  const next = (response + by + ORDER) % ORDER
  const bytes = Uint8Array.from({ length: 32 }, (_, i) => Number((next >> BigInt(8 * i)) & 255n))
  return [publicKey, message, Uint8Array.from([...signature.subarray(0, 32), ...bytes])]
}

let verifyBatch: typeof import('../../../src/signer/batch').verifyBatch
let verifyHot: typeof import('../../../src/signer/hot-authors').verifyHot

/** Nobody is a hot author any more. */
async function forget(): Promise<void> {
  vi.resetModules()
  ;({ verifyHot } = await import('../../../src/signer/hot-authors'))
  ;({ verifyBatch } = await import('../../../src/signer/batch'))
}
beforeEach(forget)

describe('verifyBatch', () => {
  test('accepts what is honest, and nothing is an answer too', () => {
    expect(verifyBatch(HONEST, random)).toEqual(HONEST.map(() => true))
    expect(verifyBatch([], random)).toEqual([])
  })

  test.each([0, 17, 63])('finds exactly the one bad claim, at %s', at => {
    for (const bad of [moved(HONEST[at]!, 1n), honest(at + 100).with(0, HONEST[at]![0]) as unknown as Claim]) {
      const claims = HONEST.with(at, bad)
      expect(verifyBatch(claims, random)).toEqual(claims.map((_, i) => i !== at))
    }
  })

  test('refuses two claims that cancel each other, which equal coefficients would let pass', async () => {
    const claims = HONEST.slice(0, 16).with(3, moved(HONEST[3]!, 5n)).with(11, moved(HONEST[11]!, -5n))
    expect(verifyBatch(claims, random)).toEqual(claims.map((_, i) => i !== 3 && i !== 11))
    await forget()
    const known = { bytes: (length: number) => new Uint8Array(length).fill(7) }
    expect(verifyBatch(claims, known)).toEqual(claims.map(() => true))
  })

  test('answers edge cases of ZIP-215 as a single check does, each in a batch of its own', async () => {
    const wrong: string[] = []
    // The published ones and a quarter of the generated, for the sake of time.
    const some = EDGES.filter((_, i) => i < speccheck.length || i % 4 === 0)
    for (const [i, { name, claim, valid }] of some.entries()) {
      // Whose key has come eight times is checked alone.
      if (i % 7 === 0) await forget()
      const [answer] = verifyBatch([claim, ...HONEST.slice(0, 7)], random)
      if (answer !== valid || answer !== verifyHot(...claim)) wrong.push(name)
    }
    expect(wrong).toEqual([])
  })

  test('answers all edge cases in one batch, again and again, while authors become hot', () => {
    const claims = [...EDGES.map(({ claim }) => claim), ...HONEST.slice(0, 8)]
    const expected = [...EDGES.map(({ valid }) => valid), ...HONEST.slice(0, 8).map(() => true)]
    for (let round = 0; round < 2; round++) expect(verifyBatch(claims, random)).toEqual(expected)
  })

  test('adds up the claims of one author', () => {
    const seed = new Uint8Array(32).fill(1)
    const messages = Array.from({ length: 16 }, (_, i) => new Uint8Array([i]))
    const claims = messages.map((message): Claim => [ed25519.getPublicKey(seed), message, ed25519.sign(message, seed)])
    expect(verifyBatch(claims, random)).toEqual(claims.map(() => true))
    const bad = claims.with(5, [claims[5]![0], claims[6]![1], claims[5]![2]])
    expect(verifyBatch(bad, random)).toEqual(claims.map((_, i) => i !== 5))
  })
})
