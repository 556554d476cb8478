import { compareBounds } from './bound'
import { FingerprintSum } from './fingerprint'
import { partitionPoint } from './partition-point'
import type { Bound, SetItem } from './reconcile-set'

/** A run of neighbouring items and the sum of their ids, kept as they come and go. */
export class SortedChunk {
  readonly items: SetItem[]
  readonly #sum = new FingerprintSum()

  constructor(items: SetItem[]) {
    this.items = items
    for (const { id } of items) this.#sum.add(id)
  }

  get size(): number {
    return this.items.length
  }

  /** Index of the first item that is not below `bound`; `size` when there is none. */
  lowerBound(bound: Bound): number {
    return partitionPoint(this.items.length, index => compareBounds(this.items[index]!, bound) >= 0)
  }

  insert(index: number, item: SetItem): void {
    this.items.splice(index, 0, item)
    this.#sum.add(item.id)
  }

  delete(index: number): void {
    const [item] = this.items.splice(index, 1)
    if (item) this.#sum.subtract(item.id)
  }

  /** Moves the upper half into a chunk of its own. */
  split(): SortedChunk {
    const upper = this.items.splice(this.items.length >>> 1)
    for (const { id } of upper) this.#sum.subtract(id)
    return new SortedChunk(upper)
  }

  /** Adds the ids of the items in [from, to) to `sum`; a whole chunk costs one addition. */
  sumInto(sum: FingerprintSum, from: number, to: number): void {
    if (from === 0 && to === this.items.length) return sum.addAll(this.#sum)
    for (let i = from; i < to; i++) sum.add(this.items[i]!.id)
  }
}
