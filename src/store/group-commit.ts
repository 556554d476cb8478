import type { StoredBlock } from './block-store'

/** The most blocks of one write; a single put beyond it is still one write. */
const MAX_GROUP = 1_024

interface Put {
  readonly blocks: readonly StoredBlock[]
  resolve(added: readonly string[]): void
  reject(error: unknown): void
}

/**
 * Puts that arrive while a write is under way share the next one, since a durable write costs the same for one block as
 * for many. Order is kept; each put is told which of its own blocks were new; when a write fails, every put in it does.
 */
export class GroupCommit {
  readonly #write: (blocks: readonly StoredBlock[]) => Promise<readonly string[]>
  readonly #waiting: Put[] = []
  #draining: Promise<void> | undefined

  /** `write` stores blocks in one atomic batch and answers the ids that were new. */
  constructor(write: (blocks: readonly StoredBlock[]) => Promise<readonly string[]>) {
    this.#write = write
  }

  add(blocks: readonly StoredBlock[]): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ blocks, resolve, reject })
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
      const added = new Set(await this.#write(group.flatMap(({ blocks }) => blocks)))
      for (const { blocks, resolve } of group) {
        resolve(blocks.map(({ block }) => block.id).filter(id => added.delete(id)))
      }
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  #next(): Put[] {
    let [count, size] = [0, 0]
    do size += this.#waiting[count++]!.blocks.length
    while (count < this.#waiting.length && size + this.#waiting[count]!.blocks.length <= MAX_GROUP)
    return this.#waiting.splice(0, count)
  }
}
