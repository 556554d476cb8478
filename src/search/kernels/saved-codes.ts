import { CosmicError } from '../../base/index'
import { Clusters } from './clusters'
import type { CodeSpace } from './code-space'
import { Generation } from './generation'
import { AXES, ROW } from './shape'

/** In place of a list: the nearest is to be found. */
const NO_LIST = 0xffffffff

/** The highest bit of a base's first number: there are axes. */
const WITH_AXES = 2 ** 31

/** Whether rows have shares of axes beside this base. */
export function hasAxes(base: Uint8Array): boolean {
  return headOf(base) >= WITH_AXES
}

function headOf(base: Uint8Array): number {
  return base.length >= 4 ? new DataView(base.buffer, base.byteOffset).getUint32(0, true) : 0
}

/** Throws `bad-value` when it is not of this shape. */
export function restoreBase(space: CodeSpace, base: Uint8Array): Generation {
  const { memory, shape } = space
  const floats = 4 * shape.bytes
  const count = headOf(base) % WITH_AXES
  const sizes = [4, floats, hasAxes(base) ? AXES * floats : 0, floats, count * shape.rowSize]
  if (base.length !== sizes.reduce((sum, size) => sum + size))
    throw new CosmicError({ code: 'bad-value', field: 'search.base' })
  const [, origin, axes, mean, rows] = sizes.map((size, i) => {
    const start = sizes.slice(0, i).reduce((sum, each) => sum + each, 0)
    return base.subarray(start, start + size)
  })
  const centroid = space.allocateFloats()
  memory.bytes.set(origin!, centroid)
  if (origin!.some(Boolean)) space.setOrigin(centroid)
  if (axes!.length > 0) space.setAxes(new Float32Array(axes!.slice().buffer))
  memory.bytes.set(mean!, centroid)
  const clusters = count > 0 ? new Clusters(space, count) : undefined
  clusters?.rows.set(rows!)
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
   * What the codes are made against, another whenever clusters are made: their number (0: none; its highest bit: there are axes), what rows
   * are kept as differences from and the axes, always the same, the rotated centroid, all as floats, and the clusters' own rows.
   */
  get base(): Uint8Array {
    const { memory, shape } = this.#space
    const { clusters, centroid } = this.#newest()
    const { origin } = this
    const floats = 4 * shape.bytes
    const base = new Uint8Array(4 + origin.length + floats + (clusters?.rows.length ?? 0))
    new DataView(base.buffer).setUint32(0, (clusters?.count ?? 0) + (this.#space.axes ? WITH_AXES : 0), true)
    base.set(origin, 4)
    base.set(memory.bytes.subarray(centroid, centroid + floats), 4 + origin.length)
    if (clusters) base.set(clusters.rows, 4 + origin.length + floats)
    return base
  }

  /** What the bytes of rows are differences from, axes included: those of an index with another mean something else. */
  get origin(): Uint8Array {
    const { origin, axes } = this.#space
    const all = axes ? Float32Array.of(...origin, ...axes.rotated) : origin
    return new Uint8Array(all.buffer)
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
