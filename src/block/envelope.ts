import { decodeCanonical, encodeCanonical, equal, fail, ok, type CborValue, type Result } from '../base/index'
import { LIMITS } from './limits'

/** The protected header, { 1: −8 }: algorithm EdDSA (RFC 9053 section 2.2). */
const PROTECTED = Uint8Array.of(0xa1, 0x01, 0x27)

const EMPTY = new Uint8Array(0)

/** Bytes of an Ed25519 signature. */
export const SIGNATURE_LENGTH = 64

/** A COSE_Sign1 taken apart; `payload` and `signature` are views of the envelope. */
export class Envelope {
  readonly payload: Uint8Array
  readonly signature: Uint8Array

  constructor(payload: Uint8Array, signature: Uint8Array) {
    this.payload = payload
    this.signature = signature
  }

  /** What the signature covers, made when asked for. */
  get toBeSigned(): Uint8Array {
    return toBeSigned(this.payload)
  }
}

/** The Sig_structure of a payload (RFC 9052 section 4.4): `["Signature1", h'A10127', h'', payload]`. */
export function toBeSigned(payload: Uint8Array): Uint8Array {
  return encodeCanonical(['Signature1', PROTECTED, EMPTY, payload])
}

/** An untagged COSE_Sign1 (RFC 9052 section 4.2): `[h'A10127', {}, payload, signature]`. */
export function sealEnvelope(payload: Uint8Array, signature: Uint8Array): Uint8Array {
  return encodeCanonical([PROTECTED, new Map(), payload, signature])
}

/** Takes an envelope apart without looking into its payload or checking its signature. Any other form is `bad-envelope`. */
export function openEnvelope(bytes: Uint8Array): Result<Envelope> {
  const decoded = decodeCanonical(bytes, { maxBytes: LIMITS.envelope })
  if (!decoded.ok) return decoded
  const [head, unprotected, payload, signature] = envelopeItems(decoded.value)
  const isEnvelope =
    head instanceof Uint8Array &&
    equal(head, PROTECTED) &&
    unprotected instanceof Map &&
    unprotected.size === 0 &&
    payload instanceof Uint8Array &&
    signature instanceof Uint8Array &&
    signature.length === SIGNATURE_LENGTH
  if (!isEnvelope) return fail({ code: 'bad-envelope', hint: "[h'A10127', {}, payload, signature]" })
  return ok(new Envelope(payload, signature))
}

function envelopeItems(value: CborValue): readonly CborValue[] {
  return Array.isArray(value) && value.length === 4 ? (value as readonly CborValue[]) : []
}
