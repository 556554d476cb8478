import type { CodeMemory } from './code-memory'

/** A place that is moved to a larger one when more is asked for. */
export class Scratch {
  readonly #memory: CodeMemory
  at = 0
  size = 0

  constructor(memory: CodeMemory) {
    this.#memory = memory
  }

  /** Makes room for `size` bytes and answers where; keeps the content with `keep`. */
  reserve(size: number, keep = false): number {
    if (size > this.size) {
      const wanted = Math.max(size, 2 * this.size)
      const at = this.#memory.allocate(wanted)
      if (keep) this.#memory.bytes.copyWithin(at, this.at, this.at + this.size)
      if (this.size > 0) this.#memory.release(this.at, this.size)
      this.at = at
      this.size = wanted
    }
    return this.at
  }
}
