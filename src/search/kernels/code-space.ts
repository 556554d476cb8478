import type { Direction } from '../vector-index'
import { Axes } from './axes'
import { CodeMemory } from './code-memory'
import type { Kernels } from './kernels'
import { Lengths, savedLength } from './lengths'
import { Rotation } from './rotation'
import { AXES, shapeOf, type Shape } from './shape'

/** Memory, rotations and rows of one set of vectors: what codes are made from. */
export class CodeSpace {
  readonly kernels: Kernels
  readonly shape: Shape
  readonly memory: CodeMemory
  /** Of rows whose own are no numbers for the kernels. */
  readonly lengths = new Lengths()
  readonly #toBytes: Rotation
  /** Where codes have more bits than the vector has bytes, its zero-padded self is rotated once more. */
  readonly #toBits: Rotation | undefined
  /** The rotated vector that is written, and its difference from a centroid. */
  readonly vector: number
  readonly #difference: number
  /** What rows are kept as differences from, rotated, and such a difference; 0 where they are kept as they are. */
  #origin = 0
  #kept = 0
  #axes: Axes | undefined

  /** `hasAxes`: rows have room for their shares of axes (`setAxes`). */
  constructor(kernels: Kernels, dims: number, hasAxes = false) {
    this.kernels = kernels
    this.shape = shapeOf(dims, hasAxes)
    this.memory = new CodeMemory(kernels, this.shape)
    const { bytes, bits } = this.shape
    this.#toBytes = new Rotation(this.memory, bytes, 0x2545f491)
    this.#toBits = bits === bytes ? undefined : new Rotation(this.memory, bits, 0x1b873593)
    this.vector = this.allocateFloats()
    this.#difference = this.allocateFloats()
  }

  /** Room for one rotated vector or difference. */
  allocateFloats(): number {
    return this.memory.allocate(4 * this.shape.bits)
  }

  /** Rotates a vector to `at`. */
  rotate(vector: Float32Array, at: number): void {
    const { floats } = this.memory
    floats.set(vector, at >>> 2)
    floats.fill(0, (at >>> 2) + vector.length, (at >>> 2) + this.shape.bytes)
    this.#toBytes.apply(at)
  }

  /**
   * From now on, before any row is set, rows are kept as differences from the rotated vector at `at`: where all point nearly the same
   * way, bytes tell what sets them apart.
   */
  setOrigin(at: number): void {
    this.#origin = this.allocateFloats()
    this.#kept ||= this.allocateFloats()
    this.memory.floats.copyWithin(this.#origin >>> 2, at >>> 2, (at >>> 2) + this.shape.bytes)
  }

  /** A copy of it: zeros where there is none. */
  get origin(): Float32Array {
    const at = this.#origin >>> 2
    return at > 0 ? this.memory.floats.slice(at, at + this.shape.bytes) : new Float32Array(this.shape.bytes)
  }

  /** Some vectors, at most `AXES`, one after the other; zeros in place of those that lack. */
  rotated(vectors: readonly Float32Array[]): Float32Array {
    const { bytes } = this.shape
    const all = new Float32Array(AXES * bytes)
    for (const [i, vector] of vectors.entries()) {
      this.rotate(vector, this.vector)
      all.set(this.memory.floats.subarray(this.vector >>> 2, (this.vector >>> 2) + bytes), i * bytes)
    }
    return all
  }

  /** From now on, likewise before any row is set, rows are told along these by floats: rotated, one after the other. */
  setAxes(rotated: Float32Array): void {
    this.#axes = new Axes(this.memory, rotated)
    this.#kept ||= this.allocateFloats()
  }

  get axes(): Axes | undefined {
    return this.#axes
  }

  /** The product of a rotated vector with it. */
  productWithOrigin(at: number): number {
    return this.#origin > 0 ? this.kernels.subtract(at, this.#origin, this.shape.bytes, this.#kept) : 0
  }

  /** Lays a vector into `vector` as a direction, and answers its length; 0 for one that is too short or long for that, such as zeros. */
  lay(vector: Float32Array): number {
    const { vector: at, shape } = this
    const { floats } = this.memory
    floats.set(vector, at >>> 2)
    floats.fill(0, (at >>> 2) + vector.length, (at >>> 2) + shape.bytes)
    return this.kernels.normalize(at, shape.bytes)
  }

  /** Keeps a vector as bytes, and leaves it rotated in `vector`. */
  setRow(row: number, { unit, norm }: Direction): void {
    this.rotate(unit, this.vector)
    this.#quantize(row, norm)
  }

  /** The same with what was laid there last, of this length. */
  setLaid(row: number, norm: number): void {
    this.#toBytes.apply(this.vector)
    this.#quantize(row, norm)
  }

  #quantize(row: number, norm: number): void {
    const at = this.memory.placeRow(row)
    this.kernels.quantize(this.#leftOf(at), this.shape.bytes, at)
    this.memory.setNorm(row, this.lengths.note(row, norm))
  }

  /** Where that of `vector` is which the bytes of the row at `row` have to tell. */
  #leftOf(row: number): number {
    const { bytes } = this.shape
    if (this.#origin > 0) this.kernels.subtract(this.vector, this.#origin, bytes, this.#kept)
    else if (this.#axes) this.memory.bytes.copyWithin(this.#kept, this.vector, this.vector + 4 * bytes)
    this.#axes?.takeOff(this.#kept, row)
    return this.#origin > 0 || this.#axes ? this.#kept : this.vector
  }

  /** Length of a row's vector. */
  normOf(row: number): number {
    return this.lengths.of(row) ?? this.memory.normOf(row)
  }

  /** A row came back from where it was saved. */
  restoreNorm(row: number): void {
    this.memory.setNorm(row, this.lengths.note(row, savedLength(this.memory.normOf(row))))
  }

  /** Leaves in `vector` what a row's bytes stand for. */
  restoreRow(row: number): void {
    const at = this.memory.rowAt(row)
    this.kernels.restore(at, this.shape.bytes, this.vector)
    if (this.#origin > 0) this.kernels.add(this.#origin, this.shape.bytes, this.vector)
    this.#axes?.giveBack(at, this.vector)
  }

  /** The code of `vector`, which is that of `row`, into a slot; `centroid` and `mean` as `toBits` leaves them. */
  writeCode(row: number, slot: number, centroid: number, mean: number): void {
    const { kernels, memory, shape } = this
    const at = this.toBits(this.vector, this.#difference)
    const product = kernels.subtract(at, centroid, shape.bits, this.#difference)
    const lane = slot % 32
    const norm = memory.normOf(row)
    kernels.writeCode(this.#difference, shape.bits, slot - lane, lane, product, norm, row, centroid, mean)
    memory.setSlot(row, slot)
  }

  /** A rotated vector as codes see it: where it is, or rotated once more at `to`. Answers where. */
  toBits(at: number, to: number): number {
    if (!this.#toBits) return at
    const { bytes, bits } = this.shape
    const { floats } = this.memory
    floats.copyWithin(to >>> 2, at >>> 2, (at >>> 2) + bytes)
    floats.fill(0, (to >>> 2) + bytes, (to >>> 2) + bits)
    this.#toBits.apply(to)
    return to
  }
}
