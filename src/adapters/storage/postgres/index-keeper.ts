import type { Database } from './database'
import type { Tables } from './tables'
import { buildIndexes } from './vector-index'
import type { VectorTypes } from './vector-schema'

/** Has the indexes of vectors built in the background, once there are many. */
export class IndexKeeper {
  readonly #build: (signal: AbortSignal) => Promise<number>
  readonly #every: number
  readonly #onError: (error: unknown) => void
  readonly #stop = new AbortController()
  #fresh = 0
  #work: Promise<void> | undefined

  constructor(db: Database, tables: Tables, types: VectorTypes, from: number, onError: (error: unknown) => void) {
    this.#build = signal => buildIndexes(db, tables, types, from, signal)
    this.#every = Math.max(1, Math.floor(from / 4))
    this.#onError = onError
  }

  /** So many blocks were stored. */
  note(blocks: number): void {
    this.#fresh += blocks
    if (this.#fresh >= this.#every) this.start()
  }

  start(): void {
    this.#fresh = 0
    if (this.#work !== undefined || this.#stop.signal.aborted) return
    this.#work = this.#build(this.#stop.signal)
      .then(
        () => undefined,
        error => (this.#stop.signal.aborted ? undefined : this.#onError(error)),
      )
      .finally(() => (this.#work = undefined))
  }

  /** Resolves when nothing is being built. */
  async settled(): Promise<void> {
    while (this.#work) await this.#work
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.settled()
  }
}
