import type { CodeSpace } from './code-space'

/** Centroids of unit length, kept as rows are, but as they are themselves. */
export class Clusters {
  readonly count: number
  readonly #space: CodeSpace
  readonly #first: number
  readonly #cosines: number
  readonly #wide: number

  constructor(space: CodeSpace, count: number) {
    this.#space = space
    this.count = count
    const { memory, shape } = space
    this.#first = memory.allocate(count * shape.rowSize)
    this.#cosines = memory.allocate(4 * count)
    this.#wide = memory.allocate(2 * shape.bytes)
  }

  release(): void {
    const { memory, shape } = this.#space
    memory.release(this.#first, this.count * shape.rowSize)
    memory.release(this.#cosines, 4 * this.count)
    memory.release(this.#wide, 2 * shape.bytes)
  }

  /** Takes a rotated centroid from `at`. */
  set(cluster: number, at: number): void {
    const { kernels, shape } = this.#space
    kernels.quantize(at, shape.bytes, this.#first + cluster * shape.rowSize)
  }

  /** What the bytes of a centroid stand for, at `to`, which it answers. */
  restore(cluster: number, to: number): number {
    const { kernels, shape } = this.#space
    kernels.restore(this.#first + cluster * shape.rowSize, shape.bytes, to)
    return to
  }

  /** The centroids' own bytes, as a view that is good until memory grows. */
  get rows(): Uint8Array {
    const { memory, shape } = this.#space
    return memory.bytes.subarray(this.#first, this.#first + this.count * shape.rowSize)
  }

  /** Cosines of a rotated vector, up to its length, with every centroid; overwritten by the next call. */
  cosines(at: number): Float32Array {
    const { kernels, shape, memory } = this.#space
    kernels.setQuery(this.#wide, kernels.widen(at, shape.bytes, this.#wide), 0, 0)
    kernels.cosinesOf(this.#first, this.count, this.#cosines)
    return memory.floats.subarray(this.#cosines >>> 2, (this.#cosines >>> 2) + this.count)
  }

  /** The one that is nearest to a rotated vector; of the first `count`. */
  nearest(at: number, count = this.count): number {
    const { kernels, shape } = this.#space
    kernels.setQuery(this.#wide, kernels.widen(at, shape.bytes, this.#wide), 0, 0)
    return kernels.nearest(this.#first, count, shape.part)
  }

  /** A rotated vector's cosine, up to its length, with the nearest of the first `count` centroids. */
  cosineOfNearest(at: number, count: number): number {
    const { kernels, shape, memory } = this.#space
    kernels.cosinesOf(this.#first + this.nearest(at, count) * shape.rowSize, 1, this.#cosines)
    return memory.floats[this.#cosines >>> 2]!
  }
}
