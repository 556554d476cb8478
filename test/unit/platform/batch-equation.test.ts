import { ed25519 } from '@noble/curves/ed25519.js'
import crypto from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { BatchEquation, type Lent, type Sums } from '../../../src/platform/ed25519/batch-equation'
import { batchLength, layClaims, MAX_CLAIMS } from '../../../src/platform/ed25519/lay-claims'
import { sums as binary } from '../../../src/platform/ed25519/sums.generated'
import type { Claim } from '../../../src/platform/types'
import { edgeSignatures } from '../../tools/edge-signatures'

const { Point } = ed25519
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const file = new URL('../../vectors/ed25519-speccheck-zip215.json', import.meta.url)
type Vector = { publicKey: string; message: string; signature: string; valid: boolean }
const speccheck = JSON.parse(readFileSync(file, 'utf8')) as Vector[]
const EDGES: readonly { readonly claim: Claim; readonly valid: boolean }[] = [
  ...speccheck.map(({ publicKey, message, signature, valid }) => ({
    claim: [unhex(publicKey), unhex(message), unhex(signature)] as const,
    valid,
  })),
  ...edgeSignatures().map(({ publicKey, message, signature, valid }) => ({
    claim: [publicKey, message, signature] as const,
    valid,
  })),
].filter(({ claim: [publicKey, , signature] }) => publicKey.length === 32 && signature.length === 64)

const LENT: Lent = {
  sha512: bytes => crypto.createHash('sha512').update(bytes).digest(),
  fillRandom: bytes => void crypto.randomFillSync(bytes),
}
const instance = () =>
  new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(binary, 'base64'))).exports as unknown as Sums
const equation = new BatchEquation(instance(), LENT)

function honest(number: number, authors = 7): Claim {
  const seed = new Uint8Array(32).fill(1 + (number % authors))
  const message = crypto.randomBytes((number * 37) % 400)
  return [ed25519.getPublicKey(seed), message, ed25519.sign(message, seed)]
}
const HONEST = Array.from({ length: 60 }, (_, i) => honest(i))

/** Which of these are proven in one batch. */
function prove(claims: readonly Claim[]): boolean[] {
  return [...equation.prove(layClaims(claims))].map(proven => proven === 1)
}

describe('one equation for many signatures', () => {
  test.each([1, 2, 3, 4, 5, 31, 60])('proves %i good ones', count => {
    expect(prove(HONEST.slice(0, count))).toEqual(Array.from({ length: count }, () => true))
  })

  test('proves as many as a batch can have, of as many authors', () => {
    const all = Array.from({ length: MAX_CLAIMS }, (_, i) => honest(i, 200))
    expect(prove(all).every(proven => proven)).toBe(true)
    expect(batchLength([...all, ...all])).toBe(MAX_CLAIMS)
  })

  test.each(['signature', 'response', 'key', 'message'] as const)(
    'proves none when one bit of a %s is another',
    part => {
      for (const at of [0, 17, 59]) {
        const [key, message, signature] = HONEST[at]!.map(bytes => Uint8Array.from(bytes!)) as [
          Uint8Array,
          Uint8Array,
          Uint8Array,
        ]
        const body = part === 'message' ? Uint8Array.of(...message, 1) : message
        if (part === 'signature') signature[5]! ^= 4
        if (part === 'response') signature[37]! ^= 4
        if (part === 'key') key[9]! ^= 1
        const answers = prove(HONEST.with(at, [key, body, signature]))
        expect(answers[at]).toBe(false)
        // What cannot even be decoded stays out of the sum, and the others are proven without it.
        const isPoint = ed25519.utils.isValidPublicKey(part === 'signature' ? signature.slice(0, 32) : key, true)
        expect(answers.filter(proven => proven).length).toBe(isPoint ? 0 : HONEST.length - 1)
      }
    },
  )

  test('two faults that cancel each other without coefficients are no proof', () => {
    const order = Point.Fn.ORDER
    const moved = ([key, message, signature]: Claim, by: bigint): Claim => {
      const s = [...signature.subarray(32)].reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
      const next = (s + by + order) % order
      const response = Uint8Array.from({ length: 32 }, (_, i) => Number((next >> BigInt(8 * i)) & 255n))
      return [key, message, Uint8Array.of(...signature.subarray(0, 32), ...response)]
    }
    const claims = HONEST.with(3, moved(HONEST[3]!, 1n)).with(4, moved(HONEST[4]!, -1n))
    expect(prove(claims).some(proven => proven)).toBe(false)
  })

  test('never proves what ZIP-215 refuses, and proves what it accepts', () => {
    expect(EDGES.length).toBeGreaterThan(100)
    for (const { claim, valid } of EDGES) {
      // The few responses beyond 2^252 are left to a single check.
      const isPlain = claim[2][63]! < 16
      expect(prove([claim, ...HONEST.slice(0, 3)])[0]).toBe(valid && isPlain)
    }
    const good = EDGES.filter(({ claim, valid }) => valid && claim[2][63]! < 16).map(({ claim }) => claim)
    for (let i = 0; i < good.length; i += MAX_CLAIMS) {
      expect(prove(good.slice(i, i + MAX_CLAIMS)).every(proven => proven)).toBe(true)
    }
  })
})

describe('points and sums against @noble/curves', () => {
  const wasm = instance()
  new BatchEquation(wasm, LENT)
  const start = wasm.free()
  const at = (offset: number, length: number) => new Uint8Array(wasm.memory.buffer, start + offset, length)
  const bytesOf = (value: bigint) => Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))

  /** Whether eight times the sum of multiples is the neutral element; `undefined` when one is no point. */
  function sumIsNeutral(terms: readonly (readonly [Uint8Array, bigint])[]): boolean | undefined {
    let found = true
    terms.forEach(([encoding, scalar], i) => {
      at(90_000, 128).fill(0)
      at(90_000, 32).set(encoding)
      found = (wasm.decodeFour(start + 160 * i, start + 90_000) & 1) === 1 && found
      at(80_000 + 32 * i, 32).set(bytesOf(scalar))
    })
    if (!found) return undefined
    return !!wasm.isSumNeutral(start, start + 80_000, terms.length, terms.length, start + 91_000)
  }

  const p = 2n ** 255n - 19n
  const ENCODINGS = [
    ...[0n, 1n, 2n, p - 2n, p - 1n, p, p + 1n, p + 18n, (p - 1n) / 2n, (p + 1n) / 2n],
    ...Array.from({ length: 255 }, (_, i) => 2n ** BigInt(i)),
    ...Array.from({ length: 255 }, (_, i) => 2n ** BigInt(i + 1) - 1n),
    ...Array.from({ length: 255 }, (_, i) => 2n ** 255n - 2n ** BigInt(i)),
    ...Array.from({ length: 400 }, () => BigInt(`0x${crypto.randomBytes(32).toString('hex')}`) % 2n ** 255n),
  ].flatMap(y => [bytesOf(y), bytesOf(y + 2n ** 255n)])

  const decoded = (encoding: Uint8Array) => {
    try {
      return Point.fromBytes(encoding.slice(), true)
    } catch {
      return undefined
    }
  }

  test('the same encodings are points, and the same ones', () => {
    let points = 0
    for (const encoding of ENCODINGS) {
      const point = decoded(encoding)
      const negative = point?.negate().toBytes() ?? encoding
      expect(
        sumIsNeutral([
          [encoding, 1n],
          [negative, 1n],
        ]),
      ).toBe(point && true)
      // Eight times a point of small order is neutral by itself.
      if (point)
        expect(
          sumIsNeutral([
            [encoding, 1n],
            [negative, 2n],
          ]),
        ).toBe(point.isSmallOrder())
      if (point) points++
    }
    expect(points).toBeGreaterThan(500)
  })

  test('the same multiples, at the edges of the digits too', () => {
    const order = Point.Fn.ORDER
    const edges = [31n, 32n, 33n, 63n, 64n, 2n ** 126n, 2n ** 128n - 1n, 2n ** 252n, order - 1n, order / 2n]
    const scalars = [
      ...edges,
      ...Array.from({ length: 20 }, () => BigInt(`0x${crypto.randomBytes(32).toString('hex')}`) % order),
    ]
    const points = ENCODINGS.map(decoded)
      .filter(point => point && !point.isSmallOrder())
      .slice(0, 60)
    for (const [i, scalar] of scalars.entries()) {
      const point = points[i % points.length]!
      const negative = point.multiplyUnsafe(scalar).negate().toBytes()
      expect(
        sumIsNeutral([
          [point.toBytes(), scalar],
          [negative, 1n],
        ]),
      ).toBe(true)
      expect(
        sumIsNeutral([
          [point.toBytes(), scalar - 1n],
          [negative, 1n],
        ]),
      ).toBe(false)
    }
  })
})
