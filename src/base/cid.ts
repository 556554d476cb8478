import { concat } from './bytes'
import { CosmicError } from './errors'
import { fail, ok, type Result } from './result'

/** CIDv1, codec dag-cbor (0x71), multihash sha2-256 (0x12) of 32 bytes (0x20). */
const PREFIX = Uint8Array.of(0x01, 0x71, 0x12, 0x20)
const DIGEST_LENGTH = 32

/** Bytes of the binary form. */
export const CID_LENGTH = PREFIX.length + DIGEST_LENGTH

/**
 * A content identifier of the one form that blocks use: CIDv1, dag-cbor, sha2-256
 * (https://github.com/multiformats/cid). In CBOR it is tag 42; everywhere else its text, `bafyrei…`, stands for it.
 */
export class Cid {
  readonly #text: string
  readonly bytes: Uint8Array

  private constructor(bytes: Uint8Array, text = writeText(bytes)) {
    this.bytes = bytes
    this.#text = text
  }

  /** The id of a payload whose SHA-256 is known. Throws `wrong-length` unless the digest has 32 bytes. */
  static fromDigest(digest: Uint8Array): Cid {
    if (digest.length !== DIGEST_LENGTH) throw new CosmicError({ code: 'wrong-length', limit: DIGEST_LENGTH })
    return new Cid(concat(PREFIX, digest))
  }

  /** The text of the same, for those who need nothing else. Throws as `fromDigest`. */
  static textOf(digest: Uint8Array): string {
    if (digest.length !== DIGEST_LENGTH) throw new CosmicError({ code: 'wrong-length', limit: DIGEST_LENGTH })
    scratch.set(PREFIX)
    scratch.set(digest, PREFIX.length)
    return writeText(scratch)
  }

  /** Reads the binary form; any other version, codec or hash is `bad-cid`. */
  static fromBytes(bytes: Uint8Array): Result<Cid> {
    return isOfOurForm(bytes) ? ok(new Cid(bytes.slice())) : fail({ code: 'bad-cid' })
  }

  /** Reads the text form: multibase `b`, lower-case base32 (RFC 4648) without padding. Anything else is `bad-cid`. */
  static parse(text: string): Result<Cid> {
    const bytes = readText(text)
    return bytes && isOfOurForm(bytes) ? ok(new Cid(bytes, text)) : fail({ code: 'bad-cid' })
  }

  /** The SHA-256 of the payload, 32 bytes of its own: a view would make V8 move the small array out of its heap. */
  get digest(): Uint8Array {
    return this.bytes.slice(PREFIX.length)
  }

  toString(): string {
    return this.#text
  }

  toJSON(): string {
    return this.#text
  }
}

function isOfOurForm(bytes: Uint8Array): boolean {
  return bytes.length === CID_LENGTH && PREFIX.every((byte, i) => bytes[i] === byte)
}

/** Characters of the text form: multibase `b`, and five bits each. */
const TEXT_LENGTH = 1 + Math.ceil((CID_LENGTH * 8) / 5)

const scratch = /* @__PURE__ */ new Uint8Array(CID_LENGTH)
const characters = /* @__PURE__ */ new Uint8Array(TEXT_LENGTH)

/** Written here, as `readText`, because several ids are read and written for each block: general coders leave much behind. */
function writeText(bytes: Uint8Array): string {
  let [value, bits, at] = [0, 0, 0]
  characters[at++] = 0x62
  for (let i = 0; i < CID_LENGTH; i++) {
    value = (value << 8) | bytes[i]!
    for (bits += 8; bits >= 5; characters[at++] = characterOf((value >>> bits) & 0x1f)) bits -= 5
    value &= 0x1f
  }
  characters[at] = characterOf((value << (5 - bits)) & 0x1f)
  return String.fromCharCode.apply(undefined, characters as unknown as number[])
}

function characterOf(digit: number): number {
  return digit < 26 ? 0x61 + digit : 0x32 + digit - 26
}

function readText(text: string): Uint8Array | undefined {
  if (typeof text !== 'string' || text.length !== TEXT_LENGTH || text[0] !== 'b') return undefined
  const bytes = new Uint8Array(CID_LENGTH)
  let [value, bits, at] = [0, 0, 0]
  for (let i = 1; i < TEXT_LENGTH; i++) {
    const digit = digitOf(text.charCodeAt(i))
    if (digit < 0) return undefined
    value = (value << 5) | digit
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = value >>> bits
    value &= 0xff
  }
  // What is left of the last character is no byte.
  return (value & ((1 << bits) - 1)) === 0 ? bytes : undefined
}

/** Of lower-case base32 (RFC 4648 section 6); below 0 for every other character. */
function digitOf(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61
  return code >= 0x32 && code <= 0x37 ? code - 0x32 + 26 : -1
}
