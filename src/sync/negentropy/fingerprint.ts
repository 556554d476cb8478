import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from '../../base/index'
import { encodeVarint } from './varint'

/** Bytes of a fingerprint. */
export const FINGERPRINT_BYTES = 16

/**
 * The sum of ids as little-endian numbers modulo 2²⁵⁶. Kept as 32 unreduced byte columns, exact up to 2⁴⁵ ids:
 * carries are settled once, in `digest`.
 */
export class FingerprintSum {
  readonly #columns = new Float64Array(32)
  #count = 0

  add(id: Uint8Array): void {
    for (let i = 0; i < 32; i++) this.#columns[i]! += id[i]!
    this.#count++
  }

  /** The first 16 bytes of SHA-256(sum ‖ varint count) (Negentropy V1, "Fingerprint Algorithm"). */
  digest(): Uint8Array {
    const sum = new Uint8Array(32)
    let carry = 0
    for (let i = 0; i < 32; i++) {
      const value = this.#columns[i]! + carry
      sum[i] = value % 256
      carry = Math.floor(value / 256)
    }
    return sha256(concat(sum, encodeVarint(this.#count))).slice(0, FINGERPRINT_BYTES)
  }
}
