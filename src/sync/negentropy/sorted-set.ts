import { compareBounds } from './bound'
import { FingerprintSum } from './fingerprint'
import { partitionPoint } from './partition-point'
import type { Bound, ReconcileSet, SetItem } from './reconcile-set'
import { SortedChunk } from './sorted-chunk'

/** Items in a chunk at most: what a fingerprint reads one by one at either end of its range. */
export const CHUNK_ITEMS = 256

/**
 * The reconciled set as sorted chunks of at most 256 items with their sums: of n items, a fingerprint costs n / 256 + 512
 * additions at most however its range lies, an insertion 256 moves and n / 256 counter steps.
 *
 * 1. No chunk is empty; chunks and the items in them ascend.
 * 2. `#starts[c]` is the index of chunk c's first item.
 *
 * @example
 * ```ts
 * const set = new SortedSet()
 * set.insert({ time: 1700000000000, id: digest })
 * set.fingerprint(0, set.size)
 * ```
 */
export class SortedSet implements ReconcileSet {
  readonly #chunks: SortedChunk[] = []
  readonly #starts: number[] = []
  #size = 0
  /** The chunk that was read last: neighbours are mostly read one after the other. */
  #recent = 0

  get size(): number {
    return this.#size
  }

  get(index: number): SetItem {
    if (!(index >= 0 && index < this.#size)) throw new RangeError(`index ${index} of ${this.#size}`)
    const chunk = this.#chunkAt(index)
    return this.#chunks[chunk]!.items[index - this.#starts[chunk]!]!
  }

  lowerBound(bound: Bound): number {
    const chunk = this.#chunkFor(bound)
    return chunk === this.#chunks.length ? this.#size : this.#starts[chunk]! + this.#chunks[chunk]!.lowerBound(bound)
  }

  fingerprint(from: number, to: number): Uint8Array {
    if (!(from >= 0 && from <= to && to <= this.#size)) throw new RangeError(`[${from}, ${to}) of ${this.#size}`)
    const sum = new FingerprintSum()
    for (let at = from, chunk = this.#chunkAt(from); at < to; chunk++) {
      const start = this.#starts[chunk]!
      const end = Math.min(to - start, this.#chunks[chunk]!.size)
      this.#chunks[chunk]!.sumInto(sum, at - start, end)
      at = start + end
    }
    return sum.digest()
  }

  has(item: SetItem): boolean {
    const index = this.lowerBound(item)
    return index < this.#size && compareBounds(this.get(index), item) === 0
  }

  /** False when it was there already. `id` must have 32 bytes. */
  insert(item: SetItem): boolean {
    if (this.has(item)) return false
    const last = this.#chunks.length - 1
    const at = Math.min(this.#chunkFor(item), Math.max(0, last))
    const chunk = this.#chunks[at]
    // What arrives in order leaves full chunks behind it.
    if (!chunk || (chunk.size === CHUNK_ITEMS && at === last && compareBounds(chunk.items.at(-1)!, item) < 0))
      this.#place(last + 1, new SortedChunk([item]))
    else this.#insertInto(at, chunk, item)
    return true
  }

  /** False when it was not there. */
  delete(item: SetItem): boolean {
    if (!this.has(item)) return false
    const at = this.#chunkFor(item)
    const chunk = this.#chunks[at]!
    chunk.delete(chunk.lowerBound(item))
    this.#shift(at, -1)
    if (chunk.size > 0) return true
    this.#chunks.splice(at, 1)
    this.#starts.splice(at, 1)
    return true
  }

  #insertInto(at: number, chunk: SortedChunk, item: SetItem): void {
    chunk.insert(chunk.lowerBound(item), item)
    this.#shift(at, 1)
    if (chunk.size <= CHUNK_ITEMS) return
    const upper = chunk.split()
    this.#chunks.splice(at + 1, 0, upper)
    this.#starts.splice(at + 1, 0, this.#starts[at]! + chunk.size)
  }

  #place(at: number, chunk: SortedChunk): void {
    this.#chunks.splice(at, 0, chunk)
    this.#starts.splice(at, 0, this.#size)
    this.#size += chunk.size
  }

  /** One item more or less in chunk `at`. */
  #shift(at: number, by: number): void {
    this.#size += by
    for (let chunk = at + 1; chunk < this.#starts.length; chunk++) this.#starts[chunk]! += by
  }

  /** The chunk that holds the item at `index`. */
  #chunkAt(index: number): number {
    if (this.#holds(this.#recent, index)) return this.#recent
    if (this.#holds(this.#recent + 1, index)) return ++this.#recent
    return (this.#recent = partitionPoint(this.#starts.length, chunk => this.#starts[chunk]! > index) - 1)
  }

  #holds(chunk: number, index: number): boolean {
    const start = this.#starts[chunk]
    return start !== undefined && index >= start && index < start + this.#chunks[chunk]!.size
  }

  /** The first chunk whose last item is not below `bound`; as many as there are chunks when none is. */
  #chunkFor(bound: Bound): number {
    return partitionPoint(this.#chunks.length, chunk => compareBounds(this.#chunks[chunk]!.items.at(-1)!, bound) >= 0)
  }
}
