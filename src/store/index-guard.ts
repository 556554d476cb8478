import { CosmicError } from '../base/index'
import type { BlockWriter } from './block-writer'
import { type Asked, IndexAudit } from './index-audit'
import { isIndexDamage } from './is-index-damage'
import type { KeyValueStorage } from './key-value-storage'

/** How often an answer is sought anew because indexes were made anew meanwhile. */
const TRIES = 4

export interface GuardParts {
  readonly storage: KeyValueStorage
  readonly writer: Pick<BlockWriter, 'alone' | 'finish' | 'isCut' | 'mend' | 'mended' | 'mends'>
  readonly onDamage: ((error: CosmicError) => void) | undefined
}

/**
 * Stands between readers and indexes that may be damaged: has these made anew where that shows, and lets readers wait for it.
 * Where they cannot be made anew, as on a full disk, readers get what is left, and the damage is told.
 */
export class IndexGuard {
  readonly #parts: GuardParts
  readonly #audit: IndexAudit
  /** Indexes could not be made anew. */
  #isBeyond = false
  #isClosed = false
  /** Why not. */
  #cause: CosmicError | undefined
  /** What was made anew last for a reader of the log. */
  #told: string | undefined

  constructor(parts: GuardParts) {
    this.#parts = parts
    const { storage, writer } = parts
    this.#audit = new IndexAudit({ storage, alone: work => writer.alone(work), onDamage: error => this.notice(error) })
  }

  /** Nothing more is made anew: what is damaged is passed over. */
  get isBeyond(): boolean {
    return this.#isBeyond || this.#isClosed
  }

  /** What `read` answers of indexes that are whole; `version` is another one once they were made anew. */
  async steady<T>(terms: Asked, read: (version: number) => Promise<T>): Promise<T> {
    const { writer } = this.#parts
    for (let tries = 1; ; tries++) {
      await this.whole()
      const version = writer.mends
      try {
        await this.#audit.assertWhole(terms)
        const answer = await read(version)
        if (version === writer.mends || tries > TRIES) return answer
      } catch (error) {
        if (tries > TRIES || this.isBeyond) throw error
        if (version === writer.mends) await this.#mend(error)
      }
    }
  }

  /** Resolves when no repair is under way or cut short: that is brought to its end. Rejects with why it cannot be. */
  async whole(): Promise<void> {
    const { writer } = this.#parts
    await writer.mended()
    if (writer.isCut && !this.isBeyond) await this.#try(() => writer.finish())
    if (this.#cause && (await this.#audit.isCut())) throw this.#cause
  }

  /** What `read` answers of a state that no repair is making anew. */
  async settled<T>(read: () => Promise<T>): Promise<T> {
    const { writer } = this.#parts
    for (let tries = 1; ; tries++) {
      await this.whole()
      const version = writer.mends
      const answer = await read()
      if (version === writer.mends || tries > TRIES) return answer
    }
  }

  /** What `read` answers of what is asked by id, which is told while indexes are made anew, too. */
  async byId<T>(read: () => Promise<T>): Promise<T> {
    this.begin()
    try {
      return await read()
    } catch (error) {
      if (this.isBeyond) throw error
      await this.#mend(error)
      return read()
    }
  }

  /** Has this made anew; answers false where it was, and is still so, or cannot be. */
  async isMended(error: CosmicError): Promise<boolean> {
    const { writer, onDamage } = this.#parts
    const before = writer.mends
    if (!this.isBeyond && this.#told !== error.field) await this.#mend(error)
    this.#told = error.field
    if (writer.mends > before) return true
    onDamage?.(error)
    return false
  }

  /** Of damage that did not keep a reader from its answer. */
  notice(error: CosmicError): void {
    if (isIndexDamage(error) && !this.isBeyond) void this.#mend(error)
    else this.#parts.onDamage?.(error)
  }

  /** Ids are looked through, once, behind what is under way. */
  begin(): void {
    this.#audit.begin()
  }

  repaired(): void {
    this.#isBeyond = false
    this.#cause = undefined
    this.#audit.reset()
  }

  /** The store is closed. */
  async end(): Promise<void> {
    this.#isClosed = true
    this.#audit.end(true)
    await this.#audit.idle()
  }

  /** Throws what is no damage of an index. */
  async #mend(error: unknown): Promise<void> {
    if (!isIndexDamage(error)) throw error
    await this.#try(() => this.#parts.writer.mend(error))
  }

  /** Where this cannot be done, nothing more is tried until a repair succeeds. */
  async #try(repair: () => Promise<void>): Promise<void> {
    try {
      await repair()
    } catch (cause) {
      if (!(cause instanceof CosmicError)) throw cause
      this.#isBeyond = true
      this.#cause = cause
      this.#audit.end()
      this.#parts.onDamage?.(cause)
    }
  }
}
