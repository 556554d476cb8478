import { bls12_381 as bls } from '@noble/curves/bls12-381.js'
import { fromHex } from '../../base/index'
import { SCHEMES, type BeaconChain, type SchemeForm } from './beacon-chain'

type G1 = InstanceType<typeof bls.G1.Point>
type G2 = InstanceType<typeof bls.G2.Point>
type Lines = ReturnType<typeof bls.utils.calcPairingPrecomputes>

/** A point of the group that signatures are in, whichever it is. */
export interface Point<P> {
  add(other: P): P
  multiplyUnsafe(scalar: bigint): P
  is0(): boolean
}

/** A signature, and the point that the message of its round hashes to. */
export interface Opened<P> {
  readonly signature: P
  readonly message: P
}

/** The signatures of one key: their group, of prime order, and the equation that makes one valid. */
export interface SignatureGroup<P extends Point<P>> {
  /** Throws for whatever is not the canonical encoding of a point of the group, and for the point at infinity. */
  decode(signature: Uint8Array): P
  hash(message: Uint8Array): P
  /** e(signature, generator) = e(message, key). Neither point may be neutral. */
  holds(opened: Opened<P>): boolean
}

/** Throws when the public key is no point of its group, or its neutral element. What hangs on the key alone is computed once. */
export function signatureGroup({ publicKey, scheme }: BeaconChain): SignatureGroup<G1> | SignatureGroup<G2> {
  const form = SCHEMES[scheme]
  const key = fromHex(publicKey)!
  return form.signaturesIn === 'G1' ? shortSignatures(key, form) : longSignatures(key, form)
}

function shortSignatures(publicKey: Uint8Array, { tag }: SchemeForm): SignatureGroup<G1> {
  const { calcPairingPrecomputes: linesOf } = bls.utils
  const generator = linesOf(bls.G2.Point.BASE)
  const negated = linesOf(unlessNeutral(bls.G2.Point.fromBytes(publicKey)).negate())
  return {
    decode: signature => unlessNeutral(bls.shortSignatures.Signature.fromBytes(signature)),
    hash: message => bls.shortSignatures.hash(message, tag),
    holds: ({ signature, message }) => isNeutral([generator, signature], [negated, message]),
  }
}

function longSignatures(publicKey: Uint8Array, { tag }: SchemeForm): SignatureGroup<G2> {
  const { calcPairingPrecomputes: linesOf } = bls.utils
  const generator = bls.G1.Point.BASE
  const negated = unlessNeutral(bls.G1.Point.fromBytes(publicKey)).negate()
  return {
    decode: signature => unlessNeutral(bls.longSignatures.Signature.fromBytes(signature)),
    hash: message => bls.longSignatures.hash(message, tag),
    holds: ({ signature, message }) => isNeutral([linesOf(signature), generator], [linesOf(message), negated]),
  }
}

function unlessNeutral<P extends G1 | G2>(point: P): P {
  if (point.is0()) throw new Error('the neutral element')
  return point
}

/** Whether the product of pairings is neutral. All their Miller loops share one final exponentiation. */
function isNeutral(...pairs: readonly (readonly [Lines, G1])[]): boolean {
  const { Fp12 } = bls.fields
  const product = bls.millerLoopBatch(
    pairs.map(([lines, point]) => {
      const { x, y } = point.toAffine()
      return [lines, x, y]
    }),
  )
  return Fp12.eql(Fp12.finalExponentiate(product), Fp12.ONE)
}

/** The flags of an encoded point (draft-irtf-cfrg-pairing-friendly-curves-11, appendix C): compressed, infinity, sign of y. */
const COMPRESSED = 0b1000_0000
const INFINITY = 0b0100_0000
const FLAGS = 0b1110_0000

export function isInfinity(encoded: Uint8Array): boolean {
  return (
    (encoded[0]! & FLAGS) === (COMPRESSED | INFINITY) &&
    encoded.every((byte, i) => (i === 0 ? byte === 0xc0 : byte === 0))
  )
}

/** Whether the bytes are the canonical encoding of some point of the curve, inside the group or outside. */
export function isOnCurve(encoded: Uint8Array): boolean {
  if ((encoded[0]! & (COMPRESSED | INFINITY)) !== COMPRESSED) return false
  const bytes = encoded.slice()
  bytes[0]! &= ~FLAGS
  try {
    if (bytes.length === 48) assertAbscissa(bls.G1.Point, bls.fields.Fp.fromBytes(bytes))
    else assertAbscissa(bls.G2.Point, twoCoordinates(bytes))
    return true
  } catch {
    return false
  }
}

function twoCoordinates(bytes: Uint8Array) {
  const { Fp, Fp2 } = bls.fields
  return Fp2.create({ c0: Fp.fromBytes(bytes.subarray(48)), c1: Fp.fromBytes(bytes.subarray(0, 48)) })
}

/** Throws when the curve has no point above x: y² = x³ + b. */
function assertAbscissa<X>({ Fp, CURVE }: { Fp: Field<X>; CURVE(): { b: X } }, x: X): void {
  Fp.sqrt(Fp.add(Fp.pow(x, 3n), CURVE().b))
}

interface Field<X> {
  add(a: X, b: X): X
  pow(a: X, power: bigint): X
  sqrt(a: X): X
}
