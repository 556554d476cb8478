import type { PutBlock, PutOutcome, StoredBlock } from './block-store'
import { MAX_PUT_BYTES } from './put-limits'

/** The most blocks of one write, which has no more bytes than a put may have; a single put beyond it is still one write. */
const MAX_GROUP = 1_024

interface Put {
  readonly blocks: readonly PutBlock[]
  readonly bytes: number
  resolve(outcomes: readonly PutOutcome[]): void
  reject(error: unknown): void
}

/**
 * Puts that arrive while a write is under way share the next one, since a durable write costs the same for one block as
 * for many. Order is kept; each put is told what became of its own blocks; when a write fails, every put in it does.
 */
export class GroupCommit {
  readonly #write: (blocks: readonly PutBlock[]) => Promise<readonly PutOutcome[]>
  readonly #waiting: Put[] = []
  #draining: Promise<void> | undefined

  /** `write` stores blocks in one atomic batch and answers what became of each. */
  constructor(write: (blocks: readonly PutBlock[]) => Promise<readonly PutOutcome[]>) {
    this.#write = write
  }

  add(blocks: readonly PutBlock[]): Promise<readonly PutOutcome[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ blocks, bytes: bytesOf(blocks), resolve, reject })
      this.#draining ??= this.#drain()
    })
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#draining
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // What is put in the same turn of the event loop shares the first write, too.
      await Promise.resolve()
      await this.#commit(this.#next())
    }
    this.#draining = undefined
  }

  async #commit(group: readonly Put[]): Promise<void> {
    try {
      const outcomes = await this.#write(group.flatMap(({ blocks }) => blocks))
      let next = 0
      for (const { blocks, resolve } of group) resolve(outcomes.slice(next, (next += blocks.length)))
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  #next(): Put[] {
    let [count, size, bytes] = [0, 0, 0]
    const fits = ({ blocks, bytes: more }: Put) => size + blocks.length <= MAX_GROUP && bytes + more <= MAX_PUT_BYTES
    do {
      const put = this.#waiting[count++]!
      size += put.blocks.length
      bytes += put.bytes
    } while (count < this.#waiting.length && fits(this.#waiting[count]!))
    return this.#waiting.splice(0, count)
  }
}

/** Of their envelopes. */
export function bytesOf(blocks: readonly StoredBlock[]): number {
  let bytes = 0
  for (const { block } of blocks) bytes += block.bytes.length
  return bytes
}
