import { CosmicError, unlessAborted } from '../base/index'
import { type Asked, IndexAudit } from './index-audit'
import { isIndexDamage } from './is-index-damage'
import type { KeyValueStorage } from './key-value-storage'
import type { StoreMender } from './store-mender'

/** How often an answer is sought anew because indexes were made anew meanwhile. */
const TRIES = 4

export interface GuardParts {
  readonly storage: KeyValueStorage
  readonly mender: Pick<StoreMender, 'finish' | 'isCut' | 'mend' | 'mended' | 'mends'>
  /** Runs while nobody writes. */
  readonly alone: <T>(write: () => Promise<T>) => Promise<T>
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
    const { storage, alone } = parts
    this.#audit = new IndexAudit({ storage, alone, onDamage: error => this.notice(error) })
  }

  /** Nothing more is made anew: what is damaged is passed over. */
  get isBeyond(): boolean {
    return this.#isBeyond || this.#isClosed
  }

  /**
   * What `read` answers of indexes that are whole; `version` is another one once they were made anew. Rejects with `storage` when they
   * are made anew during each of so many attempts: an answer from then may be short. Waiting ends when `signal` fires.
   */
  steady<T>(terms: Asked, read: (version: number) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const seek = async (version: number) => {
      await this.#audit.assertWhole(terms)
      return read(version)
    }
    return unlessAborted(this.#seek(seek, true), signal)
  }

  /** What `read` answers of a state that no repair is making anew. Rejects as `steady`. */
  settled<T>(read: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return unlessAborted(this.#seek(read, false), signal)
  }

  /** `mends`: what shows to be damaged is made anew. */
  async #seek<T>(read: (version: number) => Promise<T>, mends: boolean): Promise<T> {
    const { mender } = this.#parts
    for (let tries = 1; ; tries++) {
      await this.whole()
      const version = mender.mends
      try {
        const answer = await read(version)
        if (version === mender.mends) return answer
      } catch (error) {
        if (version === mender.mends) {
          if (!mends || tries > TRIES || this.isBeyond) throw error
          await this.#mend(error)
        }
      }
      if (tries > TRIES) throw neverWhole()
    }
  }

  /** Resolves when no repair is under way or cut short: that is brought to its end. Rejects with why it cannot be. */
  whole(signal?: AbortSignal): Promise<void> {
    return unlessAborted(this.#whole(), signal)
  }

  async #whole(): Promise<void> {
    const { mender } = this.#parts
    await mender.mended()
    if (mender.isCut && !this.isBeyond) await this.#try(() => mender.finish())
    if (this.#cause && (await this.#audit.isCut())) throw this.#cause
  }

  /** How often indexes were begun to be made anew. */
  get mends(): number {
    return this.#parts.mender.mends
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
    const { mender, onDamage } = this.#parts
    const before = mender.mends
    if (!this.isBeyond && this.#told !== error.field) await this.#mend(error)
    this.#told = error.field
    if (mender.mends > before) return true
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
    await this.#try(() => this.#parts.mender.mend(error))
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

function neverWhole(): CosmicError {
  const message = 'storage: indexes were made anew each time that an answer was sought'
  return new CosmicError({
    code: 'storage',
    field: 'indexes',
    hint: 'let a repair come to its end, then ask again',
    message,
  })
}
