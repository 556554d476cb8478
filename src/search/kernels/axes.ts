import type { CodeMemory } from './code-memory'
import { AXES, ROW } from './shape'

/**
 * Directions along which rows are told by 32-bit floats, where vectors lie along so few that bytes would not tell neighbours apart. The
 * bytes then have only to tell what is left, and err by a share of that.
 */
export class Axes {
  readonly #memory: CodeMemory
  readonly #first: number
  readonly #scratch: number
  /** Address of the last query's products with them. */
  readonly products: number

  /** `rotated`: the directions, one after the other. */
  constructor(memory: CodeMemory, rotated: Float32Array) {
    const { bytes } = memory.shape
    this.#memory = memory
    this.#first = memory.allocate(4 * bytes * AXES)
    this.#scratch = memory.allocate(4 * bytes)
    this.products = memory.allocate(4 * AXES)
    memory.floats.set(rotated, this.#first >>> 2)
  }

  /** A copy of them. */
  get rotated(): Float32Array {
    const { floats, shape } = this.#memory
    return floats.slice(this.#first >>> 2, (this.#first >>> 2) + shape.bytes * AXES)
  }

  /** Takes what lies along them off the rotated vector at `at`, and notes behind a row how much that is. */
  takeOff(at: number, row: number): void {
    const { kernels, shape } = this.#memory
    for (let axis = 0; axis < AXES; axis++) {
      const share = this.#product(at, axis)
      kernels.addTimes(this.#at(axis), -share, shape.bytes, at)
      this.#memory.floats[this.#behind(row) + axis] = share
    }
  }

  /** Adds what a row has along them to the floats at `to`. */
  giveBack(row: number, to: number): void {
    const { kernels, shape, floats } = this.#memory
    for (let axis = 0; axis < AXES; axis++)
      kernels.addTimes(this.#at(axis), floats[this.#behind(row) + axis]!, shape.bytes, to)
  }

  /** Notes the `products` of a rotated query. */
  ask(at: number): void {
    for (let axis = 0; axis < AXES; axis++) this.#memory.floats[(this.products >>> 2) + axis] = this.#product(at, axis)
  }

  #product(at: number, axis: number): number {
    const { kernels, shape } = this.#memory
    return kernels.subtract(at, this.#at(axis), shape.bytes, this.#scratch)
  }

  #at(axis: number): number {
    return this.#first + 4 * this.#memory.shape.bytes * axis
  }

  #behind(row: number): number {
    return (row + this.#memory.shape.bytes + ROW.axes) >>> 2
  }
}
