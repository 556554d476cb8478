import { decodeCanonical, encodeCanonical, equal, fail, ok, utf8, type CborValue, type Result } from '../base/index'
import { LIMITS } from './limits'

/** The protected header, { 1: −8 }: algorithm EdDSA (RFC 9053 section 2.2). */
const PROTECTED = Uint8Array.of(0xa1, 0x01, 0x27)

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

  /** What of it stands before the payload, which is its end. */
  get signedHead(): Uint8Array {
    return writeSignedHead(this.payload, new Uint8Array(signedLength(this.payload) - this.payload.length))
  }
}

/** What the Sig_structure begins with: all but the payload, from `0x84`, an array of four. */
const SIGNED_HEAD = Uint8Array.of(0x84, 0x6a, ...utf8('Signature1'), 0x43, ...PROTECTED, 0x40)

/**
 * The Sig_structure of a payload (RFC 9052 section 4.4): `["Signature1", h'A10127', h'', payload]`. Written here rather than
 * by `encodeCanonical`, which does it in twice the time: every block that is verified needs it.
 */
export function toBeSigned(payload: Uint8Array): Uint8Array {
  return writeToBeSigned(payload, new Uint8Array(signedLength(payload)))
}

function signedLength({ length }: Uint8Array): number {
  return SIGNED_HEAD.length + 1 + widthOf(length) + length
}

/** Bytes of a length that does not fit into the first byte of its head (RFC 8949 section 3). */
function widthOf(length: number): number {
  return length < 24 ? 0 : length < 2 ** 8 ? 1 : length < 2 ** 16 ? 2 : 4
}

function writeToBeSigned(payload: Uint8Array, out: Uint8Array): Uint8Array {
  writeSignedHead(payload, out).set(payload, out.length - payload.length)
  return out
}

function writeSignedHead({ length }: Uint8Array, out: Uint8Array): Uint8Array {
  const width = widthOf(length)
  const at = SIGNED_HEAD.length
  out.set(SIGNED_HEAD)
  out[at] = 0x40 | (width === 0 ? length : 24 + (width >> 1))
  for (let i = 0; i < width; i++) out[at + 1 + i] = length >>> (8 * (width - 1 - i))
  return out
}

/** Bytes of a buffer that is lent out, which almost every Sig_structure fits into, and the most buffers kept. */
const LENT_BYTES = 8_192
const MAX_KEPT = 64

const kept: Uint8Array[] = []

/**
 * `toBeSigned` for as long as a signature is checked: a buffer made for each block and dropped again costs more than all
 * that is written to it. Whoever borrows one gives it back, once nobody reads it any more, and does not touch it again.
 */
export function borrowToBeSigned(payload: Uint8Array): { readonly message: Uint8Array; giveBack(): void } {
  const length = signedLength(payload)
  if (length > LENT_BYTES) return { message: toBeSigned(payload), giveBack() {} }
  const buffer = kept.pop() ?? new Uint8Array(LENT_BYTES)
  return {
    message: writeToBeSigned(payload, buffer.subarray(0, length)),
    giveBack() {
      if (kept.length < MAX_KEPT) kept.push(buffer)
    },
  }
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
