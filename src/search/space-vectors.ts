import { loadOnce } from '../base/index'
import { FlatIndex } from './flat-index'
import type { CodeIndex } from './kernels/code-index'
import { rowsPerSlice } from './kernels/kernels'
import type { RowTable } from './row-table'
import type { SpacePorts } from './space-ports'
import { directionOf } from './unit-vector'
import type { Direction, VectorIndex } from './vector-index'

/** From so many vectors on they are kept as codes; fewer are compared one by one as they are. */
const CODES_FROM = 1024
/** Numbers of vectors that a mean is taken of at once: some milliseconds. */
const MEAN_OF = 1 << 22

const codes = /* @__PURE__ */ loadOnce(() => import('./kernels/code-index'))

/**
 * The vectors of a space: as they are while they are few, then as codes, and beside these as they are where no store has them.
 *
 * Invariant: every row that is set is in `index`, and in the flat one while there is one.
 */
export class SpaceVectors {
  readonly #dims: number
  readonly #rows: RowTable
  readonly #ports: SpacePorts
  /** Codes took over: every row is kept in another way. */
  readonly #onCodes: () => void
  #flat: FlatIndex | undefined
  #index: VectorIndex
  #codes: CodeIndex | undefined
  /** Codes under construction: they have the rows below `reached`. */
  #next: { readonly index: CodeIndex; reached: number } | undefined
  #work: Promise<void> | undefined
  #codesFrom = CODES_FROM
  /** What was laid out last: a direction, or the length of what the kernels have. */
  #direction: Direction | undefined
  #norm = 0

  constructor(dims: number, rows: RowTable, ports: SpacePorts, onCodes: () => void) {
    this.#dims = dims
    this.#rows = rows
    this.#ports = ports
    this.#onCodes = onCodes
    this.#index = this.#flat = new FlatIndex(dims)
  }

  /** What compares them. */
  get index(): VectorIndex {
    return this.#index
  }

  /** The vectors as they are, where they are kept so. */
  get flat(): FlatIndex | undefined {
    return this.#flat
  }

  get codes(): CodeIndex | undefined {
    return this.#codes
  }

  /** Bytes that they take in memory. */
  get byteLength(): number {
    const kept = this.#flat && this.#flat !== this.#index ? this.#flat.byteLength : 0
    return kept + this.#index.byteLength
  }

  /** Resolves when no work is left in the background. */
  async settled(): Promise<void> {
    while (this.#work) await this.#work
    await this.#index.settled?.()
  }

  /** Whether a vector has a direction; it is laid out for the `setLaid` that follows. `scratch`, as long, is written over. */
  lay(vector: Float32Array, scratch: Float32Array): boolean {
    // Where nothing but codes is kept, the kernels take the vector as it is.
    this.#norm = this.#flat ? 0 : this.#codes!.lay(vector)
    this.#direction = this.#norm > 0 ? undefined : directionOf(vector, scratch)
    return this.#norm > 0 || this.#direction !== undefined
  }

  setLaid(row: number): void {
    const direction = this.#direction
    if (!direction) return this.#codes!.setLaid(row, this.#norm)
    this.#flat?.set(row, direction)
    if (this.#index !== this.#flat) this.#index.set(row, direction)
    if (this.#next && row < this.#next.reached) this.#next.index.set(row, direction)
  }

  unset(row: number): void {
    this.#index.unset(row)
    if (this.#next && row < this.#next.reached) this.#next.index.unset(row)
  }

  /** Goes on from codes that were saved: `base` is what they were made against. Rejects where there can be none. */
  async restore(base: Uint8Array): Promise<void> {
    const [{ CodeIndex }, source] = await Promise.all([codes(), this.#ports.kernels()])
    const options = { ...this.#ports, centroid: new Float32Array(this.#dims), base }
    this.#useCodes(new CodeIndex(await source.make(), this.#dims, options))
  }

  /** Every saved row was offered. */
  restored(): void {
    this.#codes?.saved.end()
    this.grow()
  }

  /** Begins to make codes when there are enough vectors. */
  grow(): void {
    if (this.#index === this.#flat && this.#rows.size >= this.#codesFrom) this.#work ??= this.#makeCodes()
  }

  /** Moves from the flat index to codes, a slice at a time, while blocks come and go. */
  async #makeCodes(): Promise<void> {
    try {
      await this.#move()
    } catch (error) {
      // Without room for codes the flat index goes on alone.
      this.#next = undefined
      this.#codesFrom = 2 * this.#rows.size
      this.#ports.onError?.(error)
    } finally {
      this.#work = undefined
    }
  }

  async #move(): Promise<void> {
    const flat = this.#flat!
    const [{ CodeIndex, fewAxes }, source] = await Promise.all([codes(), this.#ports.kernels()])
    const sample = Math.min(CODES_FROM, Math.ceil(MEAN_OF / this.#dims))
    const rows = this.#rows.live.sample(sample)
    const centroid = flat.meanOf(rows)
    const axes = fewAxes(flat, rows, centroid)
    const kernels = await source.make()
    const index = new CodeIndex(kernels, this.#dims, { ...this.#ports, centroid, ...(axes && { axes }) })
    const slice = 4 * rowsPerSlice(kernels, this.#dims)
    const next = (this.#next = { index, reached: 0 })
    while (next.reached < this.#rows.span) {
      const end = Math.min(this.#rows.span, next.reached + slice)
      for (; next.reached < end; next.reached++) {
        if (this.#rows.live.has(next.reached)) index.set(next.reached, flat.get(next.reached))
      }
      await this.#ports.pause?.()
    }
    this.#useCodes(index)
    this.#onCodes()
  }

  #useCodes(index: CodeIndex): void {
    this.#index = this.#codes = index
    if (this.#ports.vectors) this.#flat = undefined
    this.#next = undefined
  }
}
