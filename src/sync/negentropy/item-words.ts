import { narrow } from './bound'
import type { Bound, SetItem } from './reconcile-set'

/** Words of 32 bits that hold an item: its time, high word first, then its id, four bytes a word, the first byte lowest. */
export const ITEM_WORDS = 10

/** Where the id begins in them, and how many it takes. */
export const ID_AT = 2
export const ID_WORDS = 8

const WORD = 2 ** 32

/** Writes an item, or a bound below the highest: a shorter id is filled up with zeros, as the order of bounds has it. */
export function writeItem({ time, id }: Bound, words: Uint32Array, at = 0): void {
  if (typeof time === 'number') {
    words[at] = Math.floor(time / WORD)
    words[at + 1] = time >>> 0
  } else {
    words[at] = Number(time >> 32n)
    words[at + 1] = Number(time & 0xffffffffn)
  }
  for (let word = at + ID_AT, byte = 0; byte < 4 * ID_WORDS; word++, byte += 4)
    words[word] = id[byte]! | (id[byte + 1]! << 8) | (id[byte + 2]! << 16) | (id[byte + 3]! << 24)
}

/** The item whose time stands at `at`, and whose id at `idAt`. */
export function readItem(words: Uint32Array, at: number, idAt = at + ID_AT): SetItem {
  const [high, low] = [words[at]!, words[at + 1]!]
  const id = new Uint8Array(4 * ID_WORDS)
  for (let word = idAt, byte = 0; byte < id.length; word++, byte += 4) {
    const value = words[word]!
    id[byte] = value
    id[byte + 1] = value >>> 8
    id[byte + 2] = value >>> 16
    id[byte + 3] = value >>> 24
  }
  return { time: high < 0x200000 ? high * WORD + low : narrow((BigInt(high) << 32n) | BigInt(low)), id }
}

/** Order of (time, id bytes). */
export function compareItems(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number): number {
  if (a[aAt] !== b[bAt]) return a[aAt]! < b[bAt]! ? -1 : 1
  if (a[aAt + 1] !== b[bAt + 1]) return a[aAt + 1]! < b[bAt + 1]! ? -1 : 1
  return compareIds(a, aAt + ID_AT, b, bAt + ID_AT)
}

/** Order of the bytes of two ids. */
export function compareIds(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number): number {
  for (let word = 0; word < ID_WORDS; word++) {
    const [left, right] = [a[aAt + word]!, b[bAt + word]!]
    if (left !== right) return swapBytes(left) < swapBytes(right) ? -1 : 1
  }
  return 0
}

function swapBytes(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0
}
