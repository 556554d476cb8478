import { IdSum } from './fingerprint'
import { compareBounds } from './bound'
import { ID_WORDS, ITEM_WORDS, writeItem } from './item-words'
import type { Bound, ReconcileSet, SetItem } from './reconcile-set'
import { INNER_CHILDREN, TreeInner, type TreeNode } from './tree-inner'
import { LEAF_ITEMS, TreeLeaf } from './tree-leaf'

/**
 * The reconciled set as a B+tree in typed arrays: 40 bytes an item in leaves of 64, count and sum of ids for each of the 32
 * children of an inner node. Of n items, everything costs O(log n); a fingerprint reads 64 ids and 32 sums a level at most
 * at either end of its range.
 *
 * 1. Items ascend by (time, id bytes), from leaf to leaf; no item comes twice.
 * 2. All leaves have the same depth, `#height`.
 * 3. No leaf is empty but the root, no inner node is; the root has two children or more.
 * 4. A leaf is split only when its neighbours are full but for a sixteenth; items that come in order leave full leaves behind.
 * 5. After a deletion that leaves a node less than a quarter full, it is joined with a neighbour where both fit into three
 *    quarters of a node.
 *
 * @example
 * ```ts
 * const set = new ItemTree()
 * set.insert({ time: 1700000000000, id: digest })
 * set.fingerprint(0, set.size)
 * ```
 */
export class ItemTree implements ReconcileSet {
  #root: TreeNode = new TreeLeaf()
  #height = 0
  #size = 0
  /** The way to the leaf that was last looked for: inner nodes from the root on, and which child was taken in each. */
  readonly #path: TreeInner[] = []
  readonly #slots: number[] = []
  readonly #probe = new Uint32Array(ITEM_WORDS)
  readonly #sum = new IdSum()
  /** The leaf that was read last, and the index of its first item: neighbours are mostly read one after the other. */
  #recent: TreeLeaf | undefined
  #recentStart = 0

  get size(): number {
    return this.#size
  }

  get(index: number): SetItem {
    if (!(index >= 0 && index < this.#size)) throw new RangeError(`index ${index} of ${this.#size}`)
    const within = index - this.#recentStart
    if (this.#recent && within >= 0 && within < this.#recent.count) return this.#recent.get(within)
    let node = this.#root
    let rest = index
    while (node instanceof TreeInner) {
      let child = 0
      for (; rest >= node.sizes[child]!; child++) rest -= node.sizes[child]!
      node = node.children[child]!
    }
    this.#recent = node
    this.#recentStart = index - rest
    return node.get(rest)
  }

  lowerBound(bound: Bound): number {
    if (bound.time === Infinity) return this.#size
    writeItem(bound, this.#probe)
    let index = 0
    let node = this.#root
    while (node instanceof TreeInner) {
      const child = node.childFor(this.#probe)
      for (let before = 0; before < child; before++) index += node.sizes[before]!
      node = node.children[child]!
    }
    return index + node.lowerBound(this.#probe)
  }

  fingerprint(from: number, to: number): Uint8Array {
    if (!(from >= 0 && from <= to && to <= this.#size)) throw new RangeError(`[${from}, ${to}) of ${this.#size}`)
    const sum = new Uint32Array(ID_WORDS)
    this.#sum.clear()
    this.#addFirst(from)
    this.#sum.settle(sum, 0)
    this.#sum.clear()
    this.#addFirst(to)
    this.#sum.subtract(sum, 0)
    return this.#sum.digest(to - from)
  }

  /** Adds the ids of the first `count` items to the sum. */
  #addFirst(count: number): void {
    let node = this.#root
    let rest = count
    while (node instanceof TreeInner) {
      let child = 0
      for (; child < node.count && rest >= node.sizes[child]!; child++) {
        rest -= node.sizes[child]!
        this.#sum.add(node.sums, child * ID_WORDS)
      }
      if (rest === 0) return
      node = node.children[child]!
    }
    node.sumInto(this.#sum, rest)
  }

  has(item: SetItem): boolean {
    writeItem(item, this.#probe)
    const leaf = this.#descend()
    return leaf.holds(leaf.lowerBound(this.#probe), this.#probe)
  }

  /** False when it was there already. `id` must have 32 bytes. */
  insert(item: SetItem): boolean {
    writeItem(item, this.#probe)
    let leaf = this.#descend()
    let at = leaf.lowerBound(this.#probe)
    if (leaf.holds(at, this.#probe)) return false
    while (leaf.count === LEAF_ITEMS) {
      this.#makeRoom(at === LEAF_ITEMS)
      leaf = this.#descend()
      at = leaf.lowerBound(this.#probe)
    }
    leaf.insert(at, this.#probe)
    for (let depth = 0; depth < this.#height; depth++) this.#path[depth]!.added(this.#slots[depth]!, this.#probe)
    this.#size++
    this.#recent = undefined
    return true
  }

  /** Inserts many at once, in the order of the set: what comes after all else, as when a set is loaded, leaves full leaves. */
  insertAll(items: readonly SetItem[]): void {
    for (const item of [...items].sort(compareBounds)) this.insert(item)
  }

  /** False when it was not there. */
  delete(item: SetItem): boolean {
    writeItem(item, this.#probe)
    const leaf = this.#descend()
    const at = leaf.lowerBound(this.#probe)
    if (!leaf.holds(at, this.#probe)) return false
    leaf.delete(at)
    for (let depth = 0; depth < this.#height; depth++) this.#path[depth]!.deleted(this.#slots[depth]!, this.#probe)
    this.#size--
    this.#recent = undefined
    if (leaf.count < LEAF_ITEMS / 4) this.#tidy()
    return true
  }

  /** The leaf to which the probe belongs; the way there is left in `#path` and `#slots`. */
  #descend(): TreeLeaf {
    let node = this.#root
    for (let depth = 0; node instanceof TreeInner; depth++) {
      const child = node.childFor(this.#probe)
      this.#path[depth] = node
      this.#slots[depth] = child
      node = node.children[child]!
    }
    return node
  }

  /** One step towards room for the probe in the full leaf at the end of the path, which then has to be found anew. */
  #makeRoom(comesAfter: boolean): void {
    const depth = this.#height - 1
    if (depth < 0) return this.#raise()
    const parent = this.#path[depth]!
    const isLast = comesAfter && this.#isRightmost()
    if (parent.isFull) return this.#split(depth, isLast)
    if (isLast) parent.place(parent.count, new TreeLeaf(), this.#probe)
    else parent.relieve(this.#slots[depth]!)
  }

  /** Whether the path leads to the last leaf. */
  #isRightmost(): boolean {
    for (let depth = 0; depth < this.#height; depth++)
      if (this.#slots[depth] !== this.#path[depth]!.count - 1) return false
    return true
  }

  /** One level more above the root. */
  #raise(): void {
    const root = new TreeInner()
    root.place(0, this.#root)
    this.#root = root
    this.#height++
  }

  /** Splits a full inner node of the path, or first one above it. */
  #split(depth: number, isLast: boolean): void {
    if (depth === 0) return this.#raise()
    const parent = this.#path[depth - 1]!
    if (parent.isFull) return this.#split(depth - 1, isLast)
    const slot = this.#slots[depth - 1]!
    const upper = this.#path[depth]!.splitAt(isLast ? INNER_CHILDREN - 1 : INNER_CHILDREN / 2)
    parent.place(slot + 1, upper, upper.keys)
    parent.measure(slot)
  }

  /** Joins sparse nodes along the path, from the leaf upwards. */
  #tidy(): void {
    for (let depth = this.#height - 1; depth >= 0; depth--) {
      const node = this.#path[depth]!
      node.tidy(this.#slots[depth]!)
      if (node.count >= INNER_CHILDREN / 4) break
    }
    while (this.#root instanceof TreeInner && this.#root.count === 1) {
      this.#root = this.#root.children[0]!
      this.#height--
    }
  }
}
