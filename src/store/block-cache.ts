import { crc32 } from '#platform'
import type { StoredBlock } from './block-store'

/** What a decoded block takes beside its bytes. */
const OVERHEAD_BYTES = 1_024

/** A block, and the sum of its bytes when it was read. */
interface Cached {
  readonly stored: StoredBlock
  readonly sum: number
}

/**
 * Decoded blocks that were read lately, within a bound of bytes; the one that was read longest ago leaves first.
 *
 * A block that is read while it is erased or judged anew must not come back afterwards: `set` takes the `version` at which
 * the reading began, and `delete` begins a new one.
 *
 * Blocks are frozen, but nothing freezes bytes: one that somebody wrote into since it was read is forgotten, not handed out.
 */
export class BlockCache {
  readonly #bound: number
  readonly #blocks = new Map<string, Cached>()
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
    const cached = this.#blocks.get(id)
    if (cached === undefined) return undefined
    this.#blocks.delete(id)
    if (crc32(cached.stored.block.bytes) === cached.sum) {
      this.#blocks.set(id, cached)
      return cached.stored
    }
    this.#bytes -= sizeOf(cached.stored)
    return undefined
  }

  set(stored: StoredBlock, version: number): void {
    const size = sizeOf(stored)
    if (version !== this.#version || size > this.#bound || this.#blocks.has(stored.block.id)) return
    this.#blocks.set(stored.block.id, { stored, sum: crc32(stored.block.bytes) })
    this.#bytes += size
    for (const [id, oldest] of this.#blocks) {
      if (this.#bytes <= this.#bound) return
      this.#blocks.delete(id)
      this.#bytes -= sizeOf(oldest.stored)
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
      const cached = this.#blocks.get(id)
      if (cached && this.#blocks.delete(id)) this.#bytes -= sizeOf(cached.stored)
    }
  }
}

const sizeOf = ({ block }: StoredBlock) => block.bytes.length + OVERHEAD_BYTES
