import { BlockList } from './block-list'
import type { Clusters } from './clusters'
import type { CodeSpace } from './code-space'

/**
 * Codes that were made with the same centroid, in one list or in one a cluster. While a new generation takes over, an index has
 * two, and each row is in exactly one of them.
 */
export class Generation {
  readonly number: number
  readonly centroid: number
  /** Square of the centroid's length. */
  readonly square: number
  readonly clusters: Clusters | undefined
  readonly lists: readonly BlockList[]
  readonly #space: CodeSpace
  size = 0

  /** `centroid`: address of the rotated one. */
  constructor(space: CodeSpace, number: number, centroid: number, clusters?: Clusters) {
    this.#space = space
    this.number = number
    this.centroid = centroid
    this.clusters = clusters
    const { memory, shape } = space
    const numbers = memory.floats.subarray(centroid >>> 2, (centroid >>> 2) + shape.bytes)
    this.square = numbers.reduce((sum, value) => sum + value * value, 0)
    this.lists = Array.from({ length: clusters?.count ?? 1 }, (_, list) => new BlockList(memory, number, list))
  }

  /** Writes the code of the row whose rotated vector is in the space's `vector`, into its nearest list unless it is known. */
  add(row: number, list = this.clusters?.nearest(this.#space.vector) ?? 0): void {
    this.#space.writeCode(row, this.lists[list]!.take(), this.centroid)
    this.size++
  }

  remove(list: number, slot: number): void {
    this.lists[list]!.give(slot)
    this.size--
  }

  /** Which list the row whose rotated vector stands at an address would be in, among all in the order of their nearness. */
  order(at: number): number[] {
    return this.clusters ? nearestFirst(this.clusters.cosines(at), this.clusters.count) : [0]
  }

  /** Addresses of all blocks, or of those in the lists nearest to the rotated query: best list first. */
  blocks(query: number, probes: number): Uint32Array {
    const order =
      this.clusters && probes < this.clusters.count ? nearestFirst(this.clusters.cosines(query), probes) : undefined
    const lists = order ? order.map(list => this.lists[list]!) : this.lists
    const [only] = lists
    if (lists.length === 1) return only!.blocks
    const all = new Uint32Array(lists.reduce((sum, list) => sum + list.blocks.length, 0))
    let at = 0
    for (const { blocks } of lists) {
      all.set(blocks, at)
      at += blocks.length
    }
    return all
  }

  /** No row is added any more: what its rows leave goes back to the memory. */
  retire(): void {
    for (const list of this.lists) list.retire()
  }

  /** Gives its memory back. */
  release(): void {
    for (const list of this.lists) list.release()
    this.clusters?.release()
    this.#space.memory.release(this.centroid, 4 * this.#space.shape.bits)
  }
}

/** Up to so many are kept in order by insertion, which is quicker than sorting all. */
const INSERTED = 64

/** The numbers of the `count` highest, best first. */
export function nearestFirst(cosines: Float32Array, count: number): number[] {
  if (count > INSERTED) return [...cosines.keys()].sort((a, b) => cosines[b]! - cosines[a]!).slice(0, count)
  const best: number[] = []
  for (let i = 0; i < cosines.length; i++) {
    const value = cosines[i]!
    if (best.length === count && value <= cosines[best[count - 1]!]!) continue
    let at = best.length < count ? best.length : count - 1
    for (; at > 0 && cosines[best[at - 1]!]! < value; at--) best[at] = best[at - 1]!
    best[at] = i
  }
  return best
}
