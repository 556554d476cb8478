import { base32nopad } from '@scure/base'
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

  private constructor(bytes: Uint8Array, text = `b${base32nopad.encode(bytes).toLowerCase()}`) {
    this.bytes = bytes
    this.#text = text
  }

  /** The id of a payload whose SHA-256 is known. Throws `wrong-length` unless the digest has 32 bytes. */
  static fromDigest(digest: Uint8Array): Cid {
    if (digest.length !== DIGEST_LENGTH) throw new CosmicError({ code: 'wrong-length', limit: DIGEST_LENGTH })
    return new Cid(concat(PREFIX, digest))
  }

  /** Reads the binary form; any other version, codec or hash is `bad-cid`. */
  static fromBytes(bytes: Uint8Array): Result<Cid> {
    const known = bytes.length === CID_LENGTH && PREFIX.every((byte, i) => bytes[i] === byte)
    return known ? ok(new Cid(bytes.slice())) : fail({ code: 'bad-cid' })
  }

  /** Reads the text form: multibase `b`, lower-case base32 (RFC 4648) without padding. Anything else is `bad-cid`. */
  static parse(text: string): Result<Cid> {
    if (!/^b[a-z2-7]{58}$/.test(text)) return fail({ code: 'bad-cid' })
    try {
      const read = Cid.fromBytes(base32nopad.decode(text.slice(1).toUpperCase()))
      return read.ok ? ok(new Cid(read.value.bytes, text)) : read
    } catch {
      return fail({ code: 'bad-cid' })
    }
  }

  /** The SHA-256 of the payload, 32 bytes. */
  get digest(): Uint8Array {
    return this.bytes.subarray(PREFIX.length)
  }

  toString(): string {
    return this.#text
  }

  toJSON(): string {
    return this.#text
  }
}
