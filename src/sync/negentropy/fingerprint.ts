import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from '../../base/index'
import { ID_WORDS } from './item-words'
import { encodeVarint } from './varint'

/** Bytes of a fingerprint. */
export const FINGERPRINT_BYTES = 16

const WORD = 2 ** 32

/**
 * The sum of ids as little-endian numbers modulo 2²⁵⁶. Kept as 8 unreduced columns of 32 bits, exact for 2²¹ additions of
 * ids, or of sums of ids: carries are settled once, at the end. Sums of parts add up to the sum of the whole.
 */
export class IdSum {
  readonly #columns = new Float64Array(ID_WORDS)

  clear(): void {
    this.#columns.fill(0)
  }

  /** Adds the 8 words at `at`: an id, or a sum that `settle` wrote. */
  add(words: Uint32Array, at: number): void {
    const columns = this.#columns
    for (let i = 0; i < ID_WORDS; i++) columns[i]! += words[at + i]!
  }

  /** Takes back what was added, or will be. */
  subtract(words: Uint32Array, at: number): void {
    const columns = this.#columns
    for (let i = 0; i < ID_WORDS; i++) columns[i]! -= words[at + i]!
  }

  /** Writes the sum at `at`, as 8 words, the lowest first. */
  settle(words: Uint32Array, at: number): void {
    let carry = 0
    for (let i = 0; i < ID_WORDS; i++) {
      const value = this.#columns[i]! + carry
      carry = Math.floor(value / WORD)
      words[at + i] = value - carry * WORD
    }
  }

  /** The first 16 bytes of SHA-256(sum ‖ varint count) (Negentropy V1, "Fingerprint Algorithm"). */
  digest(count: number): Uint8Array {
    const words = new Uint32Array(ID_WORDS)
    this.settle(words, 0)
    const sum = new Uint8Array(4 * ID_WORDS)
    const view = new DataView(sum.buffer)
    words.forEach((word, i) => view.setUint32(4 * i, word, true))
    return sha256(concat(sum, encodeVarint(count))).slice(0, FINGERPRINT_BYTES)
  }
}

/** Adds an id to the sum at `at`, in place, modulo 2²⁵⁶. */
export function addId(sums: Uint32Array, at: number, id: Uint32Array, idAt: number): void {
  let carry = 0
  for (let i = 0; i < ID_WORDS; i++) {
    const value = sums[at + i]! + id[idAt + i]! + carry
    sums[at + i] = value
    carry = value >= WORD ? 1 : 0
  }
}

/** Takes an id out of the sum at `at`, in place, modulo 2²⁵⁶. */
export function subtractId(sums: Uint32Array, at: number, id: Uint32Array, idAt: number): void {
  let borrow = 0
  for (let i = 0; i < ID_WORDS; i++) {
    const value = sums[at + i]! - id[idAt + i]! - borrow
    sums[at + i] = value
    borrow = value < 0 ? 1 : 0
  }
}
