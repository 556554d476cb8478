import { addId, IdSum, subtractId } from './fingerprint'
import { compareItems, ID_AT, ID_WORDS, ITEM_WORDS } from './item-words'
import { LEAF_ITEMS, TreeLeaf } from './tree-leaf'

/** Children of an inner node at most. */
export const INNER_CHILDREN = 32

export type TreeNode = TreeInner | TreeLeaf

const sum = new IdSum()

/** Two neighbouring leaves share their items while they hold no more than this: more would soon be full again. */
const WORTH_SHARING = 2 * LEAF_ITEMS - LEAF_ITEMS / 16

/**
 * Up to 32 neighbouring nodes of the tree, all leaves or all inner nodes.
 *
 * 1. `sizes[c]` and the 8 words of `sums` at 8 c are the count and the sum of the ids below child c.
 * 2. `keys` at 10 c is an item-like key: not above what lies below child c, above all that lies below child c − 1. That of
 *    child 0 is not looked at here: what is lower goes below child 0 too.
 */
export class TreeInner {
  readonly children: TreeNode[] = []
  readonly sizes = new Uint32Array(INNER_CHILDREN)
  readonly sums = new Uint32Array(INNER_CHILDREN * ID_WORDS)
  readonly keys = new Uint32Array(INNER_CHILDREN * ITEM_WORDS)

  get count(): number {
    return this.children.length
  }

  get isFull(): boolean {
    return this.children.length === INNER_CHILDREN
  }

  get size(): number {
    let size = 0
    for (let child = 0; child < this.count; child++) size += this.sizes[child]!
    return size
  }

  /** The child below which the probe belongs. */
  childFor(probe: Uint32Array): number {
    let low = 1
    let high = this.children.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareItems(this.keys, middle * ITEM_WORDS, probe, 0) <= 0) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  /** An item has come below a child. */
  added(child: number, item: Uint32Array): void {
    this.sizes[child]!++
    addId(this.sums, child * ID_WORDS, item, ID_AT)
  }

  /** An item has gone from below a child. */
  deleted(child: number, item: Uint32Array): void {
    this.sizes[child]!--
    subtractId(this.sums, child * ID_WORDS, item, ID_AT)
  }

  sumInto(into: IdSum): void {
    for (let child = 0; child < this.count; child++) into.add(this.sums, child * ID_WORDS)
  }

  /** Places a node before child `at`, with its key at `keyAt` of `keys`, or one to be set. */
  place(at: number, node: TreeNode, keys?: Uint32Array, keyAt = 0): void {
    const last = this.count
    this.sizes.copyWithin(at + 1, at, last)
    this.sums.copyWithin((at + 1) * ID_WORDS, at * ID_WORDS, last * ID_WORDS)
    this.keys.copyWithin((at + 1) * ITEM_WORDS, at * ITEM_WORDS, last * ITEM_WORDS)
    this.children.splice(at, 0, node)
    if (keys) this.setKey(at, keys, keyAt)
    this.measure(at)
  }

  setKey(child: number, keys: Uint32Array, keyAt: number): void {
    this.keys.set(keys.subarray(keyAt, keyAt + ITEM_WORDS), child * ITEM_WORDS)
  }

  /** Takes count and sum of a child from itself. */
  measure(child: number): void {
    const node = this.children[child]!
    this.sizes[child] = node.size
    sum.clear()
    node.sumInto(sum)
    sum.settle(this.sums, child * ID_WORDS)
  }

  drop(child: number): void {
    const last = this.count
    this.sizes.copyWithin(child, child + 1, last)
    this.sums.copyWithin(child * ID_WORDS, (child + 1) * ID_WORDS, last * ID_WORDS)
    this.keys.copyWithin(child * ITEM_WORDS, (child + 1) * ITEM_WORDS, last * ITEM_WORDS)
    this.children.splice(child, 1)
  }

  /** Makes room in a full leaf: a neighbour with a sixteenth to spare takes some items, else the upper half is split off. */
  relieve(child: number): void {
    for (const left of [child, child - 1]) {
      const [node, next] = [this.children[left], this.children[left + 1]]
      if (!(node instanceof TreeLeaf) || !(next instanceof TreeLeaf)) continue
      if (node.count + next.count <= WORTH_SHARING) return this.#share(left, node, next)
    }
    const [node, upper] = [this.children[child] as TreeLeaf, new TreeLeaf()]
    node.balance(upper, node.count >>> 1)
    this.place(child + 1, upper)
    upper.copyItem(0, this.keys, (child + 1) * ITEM_WORDS)
    this.measure(child)
  }

  #share(left: number, node: TreeLeaf, next: TreeLeaf): void {
    node.balance(next, (node.count + next.count) >>> 1)
    next.copyItem(0, this.keys, (left + 1) * ITEM_WORDS)
    this.measure(left)
    this.measure(left + 1)
  }

  /** Splits off the children from `from` on. */
  splitAt(from: number): TreeInner {
    const upper = new TreeInner()
    while (this.count > from) {
      const last = this.count - 1
      upper.place(0, this.children[last]!, this.keys, last * ITEM_WORDS)
      this.drop(last)
    }
    return upper
  }

  /** Drops a child that holds nothing, or joins it with a neighbour when the two fill three quarters of a node at most. */
  tidy(child: number): void {
    if (this.sizes[child] === 0 && this.count > 1) return this.drop(child)
    for (const left of [child, child - 1]) {
      const [node, next] = [this.children[left], this.children[left + 1]]
      if (!node || !next) continue
      if (node instanceof TreeLeaf && next instanceof TreeLeaf) {
        if (node.count + next.count > 0.75 * LEAF_ITEMS) continue
        node.balance(next, node.count + next.count)
      } else if (node instanceof TreeInner && next instanceof TreeInner) {
        if (node.count + next.count > 0.75 * INNER_CHILDREN) continue
        this.#takeAll(node, next, left + 1)
      }
      this.drop(left + 1)
      return this.measure(left)
    }
  }

  /** What is known to lie below `next` is its key here: of its own first child it need not be so. */
  #takeAll(node: TreeInner, next: TreeInner, at: number): void {
    next.setKey(0, this.keys, at * ITEM_WORDS)
    next.children.forEach((child, i) => node.place(node.count, child, next.keys, i * ITEM_WORDS))
  }
}
