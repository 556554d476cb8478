import { BlockList } from './block-list'
import type { Clusters } from './clusters'
import type { CodeSpace } from './code-space'

/**
 * Codes in one list, made with one centroid, or in a list for each cluster, made with the cluster's own: the nearer the centroid, the
 * more a code tells. While a new generation takes over, an index has
 * two, and each row is in exactly one of them.
 */
export class Generation {
  readonly number: number
  readonly centroid: number
  readonly clusters: Clusters | undefined
  readonly lists: readonly BlockList[]
  readonly #space: CodeSpace
  /** The lists' centroids as codes see them, and the squares of their lengths. */
  readonly #centroids: number
  readonly #squares: Float32Array
  size = 0

  /** `centroid`: address of the rotated one, which serves where there are no clusters. */
  constructor(space: CodeSpace, number: number, centroid: number, clusters?: Clusters) {
    this.#space = space
    this.number = number
    this.centroid = centroid
    this.clusters = clusters
    const { memory, shape } = space
    const count = clusters?.count ?? 1
    this.#centroids = memory.allocate(count * 4 * shape.bits)
    this.#squares = Float32Array.from({ length: count }, (_, list) => this.#place(list))
    this.lists = Array.from({ length: count }, (_, list) => new BlockList(memory, number, list))
  }

  /** Writes the code of the row whose rotated vector is in the space's `vector`, into its nearest list unless it is known. */
  add(row: number, list = this.clusters?.nearest(this.#space.vector) ?? 0): void {
    this.#space.writeCode(row, this.lists[list]!.take(), this.centroidOf(list))
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

  /** The lists nearest to the rotated query, best first; all, in no order, when they are as many. */
  nearestLists(query: number, probes: number): Iterable<number> {
    if (!this.clusters || probes >= this.clusters.count) return this.lists.keys()
    return nearestFirst(this.clusters.cosines(query), probes)
  }

  /** Address of a list's centroid as codes see it. */
  centroidOf(list: number): number {
    return this.#centroids + list * 4 * this.#space.shape.bits
  }

  /** Square of its length. */
  squareOf(list: number): number {
    return this.#squares[list]!
  }

  /** Puts a list's centroid where it belongs, and answers its square. */
  #place(list: number): number {
    const { memory, shape, vector } = this.#space
    const from = this.clusters?.restore(list, vector) ?? this.centroid
    const to = this.centroidOf(list)
    const at = this.#space.toBits(from, to) >>> 2
    if (at !== to >>> 2) memory.floats.copyWithin(to >>> 2, at, at + shape.bits)
    const numbers = memory.floats.subarray(to >>> 2, (to >>> 2) + shape.bits)
    return numbers.reduce((sum, value) => sum + value * value, 0)
  }

  /** No row is added any more: what its rows leave goes back to the memory. */
  retire(): void {
    for (const list of this.lists) list.retire()
  }

  /** Gives its memory back. */
  release(): void {
    for (const list of this.lists) list.release()
    this.clusters?.release()
    const floats = 4 * this.#space.shape.bits
    this.#space.memory.release(this.#centroids, this.lists.length * floats)
    this.#space.memory.release(this.centroid, floats)
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
