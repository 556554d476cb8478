import type { CodeMemory } from './code-memory'
import { BLOCK } from './shape'

/** Slots for codes, in blocks of 32; what is given back is taken again first. */
export class BlockList {
  readonly #memory: CodeMemory
  readonly #generation: number
  readonly #list: number
  readonly #free: number[] = []
  #blocks = new Uint32Array(4)
  #length = 0
  #lane: number = BLOCK.slots
  /** Slots in use. */
  size = 0

  constructor(memory: CodeMemory, generation: number, list: number) {
    this.#memory = memory
    this.#generation = generation
    this.#list = list
  }

  /** Addresses of the blocks. */
  get blocks(): Uint32Array {
    return this.#blocks.subarray(0, this.#length)
  }

  take(): number {
    this.size++
    const free = this.#free.pop()
    if (free !== undefined) return free
    if (this.#lane === BLOCK.slots) {
      if (this.#length === this.#blocks.length) {
        const blocks = new Uint32Array(2 * this.#length)
        blocks.set(this.#blocks)
        this.#blocks = blocks
      }
      this.#blocks[this.#length++] = this.#memory.takeBlock(this.#generation, this.#list)
      this.#lane = 0
    }
    return this.#blocks[this.#length - 1]! + this.#lane++
  }

  give(slot: number): void {
    this.size--
    this.#memory.emptySlot(slot)
    this.#free.push(slot)
  }

  /** Gives every block back; the list is not used any more. */
  release(): void {
    for (const block of this.blocks) this.#memory.giveBlock(block)
    this.#length = 0
  }
}
