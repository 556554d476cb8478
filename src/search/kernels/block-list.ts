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
  #retired = false
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
    const slot = this.#free.pop() ?? this.#next()
    this.#memory.countUsed(slot - (slot % BLOCK.slots), 1)
    return slot
  }

  give(slot: number): void {
    this.size--
    const block = slot - (slot % BLOCK.slots)
    this.#memory.emptySlot(slot)
    const used = this.#memory.countUsed(block, -1)
    if (!this.#retired) this.#free.push(slot)
    else if (used === 0) this.#drop(block)
  }

  /** Nothing is taken any more: a block goes back to the memory when its last slot is given. */
  retire(): void {
    this.#retired = true
  }

  #next(): number {
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

  #drop(block: number): void {
    this.#blocks[this.#blocks.indexOf(block)] = this.#blocks[--this.#length]!
    this.#memory.giveBlock(block)
  }

  /** Gives the blocks that are left back; the list is not used any more. */
  release(): void {
    for (const block of this.blocks) this.#memory.giveBlock(block)
    this.#length = 0
  }
}
