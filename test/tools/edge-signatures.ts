import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat, utf8 } from '../../src/base/index'

/** A signature at an edge of the rules, and what ZIP-215 says of it by the way it was made. */
export interface EdgeSignature {
  readonly name: string
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
  readonly valid: boolean
}

const { Point } = ed25519
const ORDER = Point.Fn.ORDER
type Curve = typeof Point.BASE

const scalarOf = (text: string): bigint => modOrder(littleEndian(sha512(utf8(text))))
const modOrder = (value: bigint): bigint => ((value % ORDER) + ORDER) % ORDER
const littleEndian = (bytes: Uint8Array): bigint => bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
const bytes32 = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
const unhex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g)!, pair => Number.parseInt(pair, 16))

/** k of RFC 8032 section 5.1.7, over the encodings as they were sent. */
const challenge = (r: Uint8Array, a: Uint8Array, message: Uint8Array): bigint =>
  modOrder(littleEndian(sha512(concat(r, a, message))))

/** The eight points whose order divides 8. */
export const TORSION: readonly Curve[] = multiplesOfOrder8()
/** Every encoding of them that ZIP-215 reads: the eight canonical ones, and six with x = −0 or y ≥ p. */
export const SMALL_ORDER_ENCODINGS: readonly Uint8Array[] = [
  ...TORSION.map(point => point.toBytes()),
  ...[
    `01${'00'.repeat(30)}80`,
    `ec${'ff'.repeat(31)}`,
    `ed${'ff'.repeat(30)}7f`,
    `ed${'ff'.repeat(31)}`,
    `ee${'ff'.repeat(30)}7f`,
    `ee${'ff'.repeat(31)}`,
  ].map(unhex),
]

function multiplesOfOrder8(): Curve[] {
  const generator = Point.fromBytes(unhex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'), true)
  const points = [Point.ZERO]
  while (points.length < 8) points.push(points.at(-1)!.add(generator))
  return points
}

/** All cases, made anew and always the same: each follows from how it was made, not from a verifier's answer. */
export function edgeSignatures(): EdgeSignature[] {
  return [...smallOrder(), ...mixedOrder(), ...nonCanonicalR(), ...malleable(), ...offCurve()]
}

/** Key and R of small order: [8]R and [8][k]A vanish, so S = 0 signs every message, and nothing else does. */
function smallOrder(): EdgeSignature[] {
  const message = utf8('anything')
  return SMALL_ORDER_ENCODINGS.flatMap((publicKey, a) =>
    SMALL_ORDER_ENCODINGS.flatMap((r, i) => {
      const of = (s: bigint, valid: boolean): EdgeSignature => ({
        name: `small order: key ${a}, R ${i}, S = ${s === ORDER ? 'L' : s}`,
        publicKey,
        message,
        signature: concat(r, bytes32(s)),
        valid,
      })
      return a === i ? [of(0n, true), of(1n, false), of(ORDER, false)] : [of(0n, true)]
    }),
  )
}

/** Key and R with a component of small order: the cofactored equation does not see it, the cofactorless one mostly does. */
function mixedOrder(): EdgeSignature[] {
  return TORSION.flatMap((keyTorsion, i) =>
    TORSION.flatMap((rTorsion, j) => {
      const [a, r] = [scalarOf(`key ${i}`), scalarOf(`nonce ${j}`)]
      const publicKey = Point.BASE.multiply(a).add(keyTorsion).toBytes()
      const encodedR = Point.BASE.multiply(r).add(rTorsion).toBytes()
      const message = utf8(`mixed ${i} ${j}`)
      const s = modOrder(r + challenge(encodedR, publicKey, message) * a)
      const of = (what: string, value: bigint, valid: boolean): EdgeSignature => ({
        name: `mixed order: key + T${i}, R + T${j}, ${what}`,
        publicKey,
        message,
        signature: concat(encodedR, bytes32(value)),
        valid,
      })
      return [
        of('S', s, true),
        ...(i === j ? [of('S + L', s + ORDER, false), of('S + 1', modOrder(s + 1n), false)] : []),
      ]
    }),
  )
}

/** An R of small order under an honest key: k is taken of the encoding as sent, not of the point written canonically. */
function nonCanonicalR(): EdgeSignature[] {
  const a = scalarOf('honest')
  const publicKey = Point.BASE.multiply(a).toBytes()
  const message = utf8('R of small order')
  return SMALL_ORDER_ENCODINGS.flatMap((r, i) => {
    const canonical = Point.fromBytes(r, true).toBytes()
    const of = (name: string, hashed: Uint8Array, valid: boolean): EdgeSignature => ({
      name: `${name} ${i}`,
      publicKey,
      message,
      signature: concat(r, bytes32(modOrder(challenge(hashed, publicKey, message) * a))),
      valid,
    })
    const raw = of('R of small order', r, true)
    return i < 8 ? [raw] : [raw, of('R of small order, k over its canonical form', canonical, false)]
  })
}

/** S beyond L, in which RFC 8032 and ZIP-215 see no signature, and a signature changed anywhere else. */
function malleable(): EdgeSignature[] {
  const seed = sha512(utf8('malleable')).slice(0, 32)
  const [publicKey, message] = [ed25519.getPublicKey(seed), utf8('malleable')]
  const honest = ed25519.sign(message, seed)
  const s = littleEndian(honest.subarray(32))
  const of = (name: string, signature: Uint8Array, valid = false): EdgeSignature => ({
    name,
    publicKey,
    message,
    signature,
    valid,
  })
  const larger = Array.from({ length: 15 }, (_, i) =>
    of(`S + ${i + 1} L`, concat(honest.slice(0, 32), bytes32(s + BigInt(i + 1) * ORDER))),
  )
  const negated = concat(Point.fromBytes(honest.slice(0, 32)).negate().toBytes(), honest.slice(32))
  const flipped = [0, 31, 32, 63].map(at => of(`bit 0 of byte ${at} changed`, honest.with(at, honest[at]! ^ 1)))
  return [
    of('honest', honest, true),
    ...larger,
    of('R negated', negated),
    of('S negated', concat(honest.slice(0, 32), bytes32(modOrder(-s)))),
    ...flipped,
  ]
}

/** y = 2 belongs to no point. */
function offCurve(): EdgeSignature[] {
  const [nowhere, message] = [Uint8Array.of(2, ...new Uint8Array(31)), utf8('off the curve')]
  const neutral = Point.ZERO.toBytes()
  return [
    {
      name: 'a key off the curve',
      publicKey: nowhere,
      message,
      signature: concat(neutral, new Uint8Array(32)),
      valid: false,
    },
    {
      name: 'an R off the curve',
      publicKey: neutral,
      message,
      signature: concat(nowhere, new Uint8Array(32)),
      valid: false,
    },
  ]
}
