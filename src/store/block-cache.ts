import type { StoredBlock } from './block-store'

/** What a decoded block takes beside its bytes. */
const OVERHEAD_BYTES = 1_024

/**
 * Decoded blocks that were read lately, within a bound of bytes; the one that was read longest ago leaves first.
 *
 * A block that is read while it is erased or judged anew must not come back afterwards: `set` takes the `version` at which
 * the reading began, and `delete` begins a new one.
 */
export class BlockCache {
  readonly #bound: number
  readonly #blocks = new Map<string, StoredBlock>()
  #bytes = 0
  #version = 0

  constructor(bound: number) {
    this.#bound = bound
  }

  get version(): number {
    return this.#version
  }

  /** Bytes held, as they are counted. */
  get bytes(): number {
    return this.#bytes
  }

  get(id: string): StoredBlock | undefined {
    const stored = this.#blocks.get(id)
    if (stored === undefined) return undefined
    this.#blocks.delete(id)
    this.#blocks.set(id, stored)
    return stored
  }

  set(stored: StoredBlock, version: number): void {
    const size = sizeOf(stored)
    if (version !== this.#version || size > this.#bound || this.#blocks.has(stored.block.id)) return
    this.#blocks.set(stored.block.id, stored)
    this.#bytes += size
    for (const [id, oldest] of this.#blocks) {
      if (this.#bytes <= this.#bound) return
      this.#blocks.delete(id)
      this.#bytes -= sizeOf(oldest)
    }
  }

  clear(): void {
    this.#version++
    this.#blocks.clear()
    this.#bytes = 0
  }

  /** These are not what they were. */
  delete(ids: Iterable<string>): void {
    for (const id of ids) {
      this.#version++
      const stored = this.#blocks.get(id)
      if (stored && this.#blocks.delete(id)) this.#bytes -= sizeOf(stored)
    }
  }
}

const sizeOf = ({ block }: StoredBlock) => block.bytes.length + OVERHEAD_BYTES
