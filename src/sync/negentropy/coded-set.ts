import { CodedCells } from './coded-cells'
import { compareBounds } from './bound'
import type { IdSum } from './fingerprint'
import { ITEM_WORDS, writeItem } from './item-words'
import { ItemTree } from './item-tree'
import type { Bound, ReconcileSet, SetItem } from './reconcile-set'

/** Cells that a set keeps: a quarter of its size, as a power of two within these bounds. */
const FEWEST_CELLS = 16
export const MOST_CELLS = 2048

/**
 * An `ItemTree` with its first coded cells kept current, so that a small difference from another set can be told in a few
 * hundred bytes (docs/spec/sync.md, "Small differences"). An item costs some 13 cells more; a cell takes 48 bytes.
 *
 * 1. The cells are those of exactly the items in the tree.
 * 2. Their number doubles when the set has grown to four times as much, which costs a walk over the set, and never falls.
 *
 * @example
 * ```ts
 * const set = new CodedSet()
 * set.insert({ time: 1700000000000, id: digest })
 * set.cells().count // 16
 * ```
 */
export class CodedSet implements ReconcileSet {
  readonly #tree = new ItemTree()
  readonly #item = new Uint32Array(ITEM_WORDS)
  #cells = new CodedCells(FEWEST_CELLS)

  get size(): number {
    return this.#tree.size
  }

  get(index: number): SetItem {
    return this.#tree.get(index)
  }

  lowerBound(bound: Bound): number {
    return this.#tree.lowerBound(bound)
  }

  fingerprint(from: number, to: number): Uint8Array {
    return this.#tree.fingerprint(from, to)
  }

  addIds(sum: IdSum, from: number, to: number): void {
    this.#tree.addIds(sum, from, to)
  }

  cells(): CodedCells {
    return this.#cells.first()
  }

  has(item: SetItem): boolean {
    return this.#tree.has(item)
  }

  /** False when it was there already. `id` must have 32 bytes. */
  insert(item: SetItem): boolean {
    if (!this.#tree.insert(item)) return false
    this.#toggle(item, 1)
    if (this.size > 4 * this.#cells.count && this.#cells.count < MOST_CELLS) this.#grow()
    return true
  }

  /** Inserts many at once, in the order of the set: what comes after all else, as when a set is loaded, leaves full leaves. */
  insertAll(items: readonly SetItem[]): void {
    for (const item of [...items].sort(compareBounds)) this.insert(item)
  }

  /** False when it was not there. */
  delete(item: SetItem): boolean {
    if (!this.#tree.delete(item)) return false
    this.#toggle(item, -1)
    return true
  }

  #toggle(item: SetItem, by: 1 | -1): void {
    writeItem(item, this.#item)
    this.#cells.toggle(this.#item, by)
  }

  #grow(): void {
    this.#cells = new CodedCells(2 * this.#cells.count)
    for (let index = 0; index < this.size; index++) this.#toggle(this.get(index), 1)
  }
}
