import type { IdSum } from './fingerprint'
import { compareIds, ID_AT, ID_WORDS, readItem } from './item-words'
import type { SetItem } from './reconcile-set'

/** Items in a leaf at most. */
export const LEAF_ITEMS = 64

/** Words of the times in front of the ids. */
const IDS_AT = LEAF_ITEMS * ID_AT

/**
 * Up to 64 neighbouring items of the tree.
 *
 * 1. Times stand in ascending order of the items, ids in slots that they keep, so that an insertion moves few bytes.
 * 2. `#order` is a permutation of all slots: first those of the items, in their order, then the free ones.
 */
export class TreeLeaf {
  readonly #words = new Uint32Array(IDS_AT + LEAF_ITEMS * ID_WORDS)
  readonly #order = Uint8Array.from(FIRST_ORDER)
  count = 0

  get size(): number {
    return this.count
  }

  /** Index of the first item that is not below the probe. */
  lowerBound(probe: Uint32Array): number {
    const words = this.#words
    const [high, low] = [probe[0]!, probe[1]!]
    let from = 0
    let to = this.count
    while (from < to) {
      const middle = (from + to) >>> 1
      const [theirHigh, theirLow] = [words[2 * middle]!, words[2 * middle + 1]!]
      const isBelow =
        theirHigh !== high
          ? theirHigh < high
          : theirLow !== low
            ? theirLow < low
            : compareIds(words, this.#idAt(middle), probe, ID_AT) < 0
      if (isBelow) from = middle + 1
      else to = middle
    }
    return from
  }

  holds(index: number, probe: Uint32Array): boolean {
    if (index >= this.count) return false
    const words = this.#words
    if (words[2 * index] !== probe[0] || words[2 * index + 1] !== probe[1]) return false
    return compareIds(words, this.#idAt(index), probe, ID_AT) === 0
  }

  get(index: number): SetItem {
    return readItem(this.#words, 2 * index, this.#idAt(index))
  }

  /** Writes the words of an item to `key`, at `at`. */
  copyItem(index: number, key: Uint32Array, at: number): void {
    copyWords(this.#words, 2 * index, key, at, ID_AT)
    copyWords(this.#words, this.#idAt(index), key, at + ID_AT, ID_WORDS)
  }

  insert(index: number, item: Uint32Array): void {
    const slot = this.#order[this.count]!
    this.#shift(index, this.count, 1)
    this.count++
    this.#order[index] = slot
    copyWords(item, 0, this.#words, 2 * index, ID_AT)
    copyWords(item, ID_AT, this.#words, this.#idAt(index), ID_WORDS)
  }

  delete(index: number): void {
    const slot = this.#order[index]!
    this.#shift(index + 1, this.count, -1)
    this.#order[--this.count] = slot
  }

  /** Moves items between this leaf and its right neighbour until this one has `count`. */
  balance(right: TreeLeaf, count: number): void {
    const moved = this.count - count
    if (moved > 0) {
      const slots = right.#order.slice(right.count, right.count + moved)
      right.#shift(0, right.count, moved)
      right.#order.set(slots)
      for (let i = 0; i < moved; i++) this.#copyTo(right, count + i, i)
    } else {
      for (let i = 0; i < -moved; i++) right.#copyTo(this, i, this.count + i)
      const slots = right.#order.slice(0, -moved)
      right.#shift(-moved, right.count, moved)
      right.#order.set(slots, right.count + moved)
    }
    this.count = count
    right.count += moved
  }

  /** Adds the ids of the first `count` items to a sum. */
  sumInto(sum: IdSum, count = this.count): void {
    for (let i = 0; i < count; i++) sum.add(this.#words, this.#idAt(i))
  }

  #idAt(index: number): number {
    return IDS_AT + this.#order[index]! * ID_WORDS
  }

  /** Moves times and slots of the items in [from, to) by `by` places. */
  #shift(from: number, to: number, by: number): void {
    const [words, order] = [this.#words, this.#order]
    if (by > 0)
      for (let i = to - 1; i >= from; i--) {
        order[i + by] = order[i]!
        words[2 * (i + by)] = words[2 * i]!
        words[2 * (i + by) + 1] = words[2 * i + 1]!
      }
    else
      for (let i = from; i < to; i++) {
        order[i + by] = order[i]!
        words[2 * (i + by)] = words[2 * i]!
        words[2 * (i + by) + 1] = words[2 * i + 1]!
      }
  }

  #copyTo(other: TreeLeaf, from: number, to: number): void {
    copyWords(this.#words, 2 * from, other.#words, 2 * to, ID_AT)
    copyWords(this.#words, this.#idAt(from), other.#words, other.#idAt(to), ID_WORDS)
  }
}

const FIRST_ORDER = Array.from({ length: LEAF_ITEMS }, (_, slot) => slot)

function copyWords(from: Uint32Array, at: number, to: Uint32Array, toAt: number, count: number): void {
  for (let i = 0; i < count; i++) to[toAt + i] = from[at + i]!
}
