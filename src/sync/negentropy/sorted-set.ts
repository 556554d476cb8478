import { compareBounds } from './bound'
import { FingerprintSum } from './fingerprint'
import type { Bound, ReconcileSet, SetItem } from './reconcile-set'

/**
 * The reconciled set as one sorted array: insertion at the end is O(1), elsewhere O(n) moves; a fingerprint reads its range.
 *
 * @example
 * ```ts
 * const set = new SortedSet()
 * set.insert({ time: 1700000000000, id: digest })
 * set.fingerprint(0, set.size)
 * ```
 */
export class SortedSet implements ReconcileSet {
  readonly #items: SetItem[] = []

  get size(): number {
    return this.#items.length
  }

  get(index: number): SetItem {
    const item = this.#items[index]
    if (item === undefined) throw new RangeError(`index ${index} of ${this.#items.length}`)
    return item
  }

  lowerBound(bound: Bound): number {
    let low = 0
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareBounds(this.#items[middle]!, bound) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  fingerprint(from: number, to: number): Uint8Array {
    const sum = new FingerprintSum()
    for (let i = from; i < to; i++) sum.add(this.get(i).id)
    return sum.digest()
  }

  has(item: SetItem): boolean {
    const found = this.#items[this.lowerBound(item)]
    return found !== undefined && compareBounds(found, item) === 0
  }

  /** False when it was there already. `id` must have 32 bytes. */
  insert(item: SetItem): boolean {
    const last = this.#items.at(-1)
    if (last === undefined || compareBounds(last, item) < 0) {
      this.#items.push(item)
      return true
    }
    const index = this.lowerBound(item)
    if (compareBounds(this.#items[index]!, item) === 0) return false
    this.#items.splice(index, 0, item)
    return true
  }

  /** False when it was not there. */
  delete(item: SetItem): boolean {
    if (!this.has(item)) return false
    this.#items.splice(this.lowerBound(item), 1)
    return true
  }
}
