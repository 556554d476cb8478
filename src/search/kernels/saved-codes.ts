import { CosmicError } from '../../base/index'
import { Clusters } from './clusters'
import type { CodeSpace } from './code-space'
import { Generation } from './generation'
import { ROW } from './shape'

/** In place of a list: the nearest is to be found. */
const NO_LIST = 0xffffffff

/** Throws `bad-value` when it is not of this shape. */
export function restoreBase(space: CodeSpace, base: Uint8Array): Generation {
  const { memory, shape } = space
  const floats = 4 * shape.bytes
  const count = base.length >= 4 ? new DataView(base.buffer, base.byteOffset).getUint32(0, true) : NaN
  if (base.length !== 4 + 2 * floats + count * shape.rowSize)
    throw new CosmicError({ code: 'bad-value', field: 'search.base' })
  const centroid = space.allocateFloats()
  const origin = base.subarray(4, 4 + floats)
  memory.bytes.set(origin, centroid)
  if (origin.some(Boolean)) space.setOrigin(centroid)
  memory.bytes.set(base.subarray(4 + floats, 4 + 2 * floats), centroid)
  const clusters = count > 0 ? new Clusters(space, count) : undefined
  clusters?.rows.set(base.subarray(4 + 2 * floats))
  return new Generation(space, 0, centroid, clusters)
}

/** What an index does when a saved row is there, and when all are. */
interface SavedHooks {
  readonly onSet: (row: number) => void
  readonly onEnd: () => void
}

/** The rows of an index as they are saved: their bytes unchanged, from which their codes are made again. */
export class SavedRows {
  readonly #space: CodeSpace
  readonly #newest: () => Generation
  readonly #hooks: SavedHooks

  constructor(space: CodeSpace, newest: () => Generation, hooks: SavedHooks) {
    this.#space = space
    this.#newest = newest
    this.#hooks = hooks
  }

  /** Bytes of one row. */
  get size(): number {
    return this.#space.shape.rowSize
  }

  /** Changes with `base`. */
  get version(): number {
    return this.#newest().number
  }

  /**
   * What the codes are made against, another whenever clusters are made: their number (0: none), what rows are kept as differences
   * from, always the same, the rotated centroid, both as floats, and the clusters' own rows.
   */
  get base(): Uint8Array {
    const { memory, shape } = this.#space
    const { clusters, centroid } = this.#newest()
    const floats = 4 * shape.bytes
    const base = new Uint8Array(4 + 2 * floats + (clusters?.rows.length ?? 0))
    new DataView(base.buffer).setUint32(0, clusters?.count ?? 0, true)
    base.set(this.origin, 4)
    base.set(memory.bytes.subarray(centroid, centroid + floats), 4 + floats)
    if (clusters) base.set(clusters.rows, 4 + 2 * floats)
    return base
  }

  /** What the bytes of rows are differences from: those of an index with another mean something else. */
  get origin(): Uint8Array {
    return new Uint8Array(this.#space.origin.buffer)
  }

  /** Writes a row as it is in memory, its list in place of its slot. */
  save(row: number, to: Uint8Array): void {
    const { memory, shape } = this.#space
    const at = memory.rowAt(row)
    to.set(memory.bytes.subarray(at, at + shape.rowSize))
    const slot = memory.slotOf(row)
    const list = memory.generationOf(slot) === this.#newest().number ? memory.listOf(slot) : NO_LIST
    const view = new DataView(to.buffer, to.byteOffset)
    view.setUint32(shape.bytes + ROW.slot, list, true)
    const odd = this.#space.lengths.toSave(row)
    if (odd !== undefined) view.setFloat32(shape.bytes + ROW.norm, odd, true)
  }

  /** Whether two rows are the same to the last bit: nobody has ever put two vectors there that are not. */
  isSame(a: number, b: number): boolean {
    const { memory, shape, lengths } = this.#space
    if (lengths.of(a) !== lengths.of(b)) return false
    const [first, second] = [memory.rowAt(a), memory.rowAt(b)]
    const { bytes } = memory
    for (let i = 0; i < shape.rowSize; i++) {
      if (i === shape.bytes + ROW.slot) i += 4
      if (bytes[first + i] !== bytes[second + i]) return false
    }
    return true
  }

  /** Takes a row that was saved, beside an index's `base` if it `fits`. */
  set(row: number, saved: Uint8Array, fits: boolean): void {
    const { memory, shape } = this.#space
    const at = memory.placeRow(row)
    memory.bytes.set(saved.subarray(0, shape.rowSize), at)
    this.#space.restoreNorm(row)
    this.#space.restoreRow(row)
    const list = new DataView(saved.buffer, saved.byteOffset).getUint32(shape.bytes + ROW.slot, true)
    const newest = this.#newest()
    newest.add(row, fits && list < newest.lists.length ? list : undefined)
    this.#hooks.onSet(row)
  }

  /** No more will come: clusters are calibrated, or made. */
  end(): void {
    this.#hooks.onEnd()
  }
}
