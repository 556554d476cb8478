import { BlockList } from './block-list'
import type { Clusters } from './clusters'
import type { CodeSpace } from './code-space'
import { ListOrder } from './list-order'

const ONE = Float32Array.of(1)

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
  /** The lists' centroids as codes see them and behind them the mean, and the squares of the lists'. */
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
    this.#centroids = memory.allocate((count + 1) * 4 * shape.bits)
    this.#squares = Float32Array.from({ length: count }, (_, list) =>
      this.#place(clusters?.restore(list, space.vector) ?? centroid, list),
    )
    this.#place(centroid, count)
    this.lists = Array.from({ length: count }, (_, list) => new BlockList(memory, number, list))
  }

  /** Writes the code of the row whose rotated vector is in the space's `vector`, into its nearest list unless it is known. */
  add(row: number, list = this.clusters?.nearest(this.#space.vector) ?? 0): void {
    this.#space.writeCode(row, this.lists[list]!.take(), this.#centroidOf(list), this.mean)
    this.size++
  }

  remove(list: number, slot: number): void {
    this.lists[list]!.give(slot)
    this.size--
  }

  /** The lists from the nearest to a rotated vector on. */
  order(at: number): ListOrder {
    return new ListOrder(this.clusters ? this.clusters.cosines(at).slice() : ONE)
  }

  /** Address of the mean as codes see it. */
  get mean(): number {
    return this.#centroidOf(this.#squares.length)
  }

  /** Address of a list's centroid as codes see it. */
  #centroidOf(list: number): number {
    return this.#centroids + list * 4 * this.#space.shape.bits
  }

  /** Square of its length. */
  squareOf(list: number): number {
    return this.#squares[list]!
  }

  /** Puts a rotated centroid where a list's belongs, and answers its square. */
  #place(from: number, list: number): number {
    const { memory, shape } = this.#space
    const to = this.#centroidOf(list)
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
    this.#space.memory.release(this.#centroids, (this.lists.length + 1) * floats)
    this.#space.memory.release(this.centroid, floats)
  }
}
