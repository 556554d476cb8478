import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from '../../base/index'
import { encodeVarint } from './varint'

/** Bytes of a fingerprint. */
export const FINGERPRINT_BYTES = 16

/** Columns of 16 bits that make up 256. */
const COLUMNS = 16
const BASE = 65_536

/**
 * The sum of ids as little-endian numbers modulo 2²⁵⁶. Kept as 16 unreduced columns of 16 bits, exact up to 2³⁷ ids:
 * carries are settled once, in `digest`. Sums of parts add up to the sum of the whole.
 */
export class FingerprintSum {
  readonly #columns = new Float64Array(COLUMNS)
  #count = 0

  add(id: Uint8Array): void {
    const columns = this.#columns
    for (let i = 0; i < COLUMNS; i++) columns[i]! += id[2 * i]! + 256 * id[2 * i + 1]!
    this.#count++
  }

  /** Takes back an id that was added. */
  subtract(id: Uint8Array): void {
    const columns = this.#columns
    for (let i = 0; i < COLUMNS; i++) columns[i]! -= id[2 * i]! + 256 * id[2 * i + 1]!
    this.#count--
  }

  addAll(other: FingerprintSum): void {
    const [mine, theirs] = [this.#columns, other.#columns]
    for (let i = 0; i < COLUMNS; i++) mine[i]! += theirs[i]!
    this.#count += other.#count
  }

  /** The first 16 bytes of SHA-256(sum ‖ varint count) (Negentropy V1, "Fingerprint Algorithm"). */
  digest(): Uint8Array {
    const sum = new Uint8Array(2 * COLUMNS)
    let carry = 0
    for (let i = 0; i < COLUMNS; i++) {
      const value = this.#columns[i]! + carry
      const digit = value % BASE
      sum[2 * i] = digit & 255
      sum[2 * i + 1] = digit >>> 8
      carry = Math.floor(value / BASE)
    }
    return sha256(concat(sum, encodeVarint(this.#count))).slice(0, FINGERPRINT_BYTES)
  }
}
