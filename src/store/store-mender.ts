import { type CosmicError, throwIfAborted } from '../base/index'
import type { BlockCache } from './block-cache'
import type { StoreChange, StoreProgress, WaitOptions } from './block-store'
import { driven } from './driven-repair'
import { isIndexDamage } from './is-index-damage'
import type { KeyValueStorage } from './key-value-storage'
import type { LogReader } from './log-reader'
import type { PostingsWriter } from './postings-writer'
import { repairStore } from './repair-store'

export interface MenderParts {
  readonly storage: KeyValueStorage
  readonly log: LogReader
  readonly cache: BlockCache
  readonly postings: PostingsWriter
  /** Runs while nobody writes. */
  readonly alone: <T>(write: () => Promise<T>) => Promise<T>
  readonly onChange: (change: StoreChange) => void
  readonly onDamage: ((error: CosmicError) => void) | undefined
  /** Indexes were made anew. */
  readonly onRepaired: () => void
  readonly newEpoch: () => Uint8Array
}

/**
 * Makes indexes, counts and log anew, when asked for or when they turn out to be damaged.
 *
 * Invariants: (1) one repair at a time, and nothing is written between its beginning and its end; (2) one that was begun and not
 * brought to its end, `isCut`, is ended before anything else is written.
 */
export class StoreMender {
  readonly #parts: MenderParts
  #isCut = false
  #mends = 0
  #mending: Promise<void> | undefined
  #asked: Promise<void> | undefined
  /** Ends the repairs that were asked for. */
  readonly asked = new AbortController()

  constructor(parts: MenderParts) {
    this.#parts = parts
  }

  /** A repair was begun, and not brought to its end: lists are short, and state and indexes are not to be written into. */
  get isCut(): boolean {
    return this.#isCut
  }

  /** How often indexes were begun to be made anew. */
  get mends(): number {
    return this.#mends
  }

  /** Resolves when indexes are not being made anew. */
  async mended(): Promise<void> {
    await this.#mending?.catch(() => undefined)
  }

  /** Has indexes made anew, once for all who ask meanwhile; while a repair is under way, nothing. */
  async mend(error: CosmicError): Promise<void> {
    if (this.#isCut) return
    this.#asked ??= this.#parts.alone(() => this.#mend(error)).finally(() => (this.#asked = undefined))
    return this.#asked
  }

  /** Brings a repair that was cut short to its end, once for all who ask meanwhile. */
  finish(): Promise<void> {
    this.#asked ??= this.#parts.alone(() => this.ended()).finally(() => (this.#asked = undefined))
    return this.#asked
  }

  /** The same for whoever writes alone already. */
  async ended(): Promise<void> {
    if (this.#isCut) await this.#run()
  }

  /** A write by one who writes alone: indexes that are damaged where it would change them are made anew first. */
  async whole<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write()
    } catch (error) {
      if (!isIndexDamage(error)) throw error
      await this.#mend(error)
      return write()
    }
  }

  /** Makes indexes, counts and log anew from the records. */
  repair(options?: WaitOptions): AsyncGenerator<StoreProgress> {
    return driven((tell, left) => {
      const signal = AbortSignal.any([left, this.asked.signal])
      return this.#parts.alone(() => this.#run({ signal }, tell))
    }, options)
  }

  async #mend(error: CosmicError): Promise<void> {
    this.#parts.onDamage?.(error)
    await this.#run()
  }

  async #run(options?: WaitOptions, tell?: (progress: StoreProgress) => Promise<void>): Promise<void> {
    throwIfAborted(options?.signal)
    this.#mends++
    const run = async () => {
      for await (const progress of this.#repair(options)) await tell?.(progress)
    }
    this.#mending = run().finally(() => (this.#mending = undefined))
    await this.#mending
  }

  async *#repair(options?: WaitOptions): AsyncGenerator<StoreProgress> {
    const { storage, log, cache, postings, newEpoch, onChange, onRepaired } = this.#parts
    this.#isCut = true
    const told: StoreChange[] = []
    try {
      yield* repairStore({ storage, epoch: newEpoch(), onChange: change => told.push(change) }, options)
      this.#isCut = false
      onRepaired()
    } finally {
      log.clear()
      cache.clear()
      postings.clear()
      told.forEach(onChange)
    }
  }
}
