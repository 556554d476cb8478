import { compare, CosmicError, isObject, toHex } from '../base/index'
import type { BatchOperation, Entry, KeyValueStorage, RangeOptions } from '../store/index'

/** Keys whose last value is remembered. */
const MOST_KNOWN = 1_000

/** Entries that one range may answer: no simulated disk holds as many. */
const MOST_ENTRIES = 1_000_000

/** What the last batch that names a key leaves there. */
export interface Written {
  readonly key: Uint8Array
  /** `undefined`: it was deleted. */
  readonly value: Uint8Array | undefined
  /** The batch was answered. Until then, and after it was refused, nothing is known of the key. */
  isSure: boolean
}

/**
 * The storage of a node's owner, handed on as it is, but that a range which does not move on is refused as `storage`: nobody
 * who reads it would ever end.
 *
 * Invariant: of a key that is known for sure, what it holds is what the last batch on it said.
 */
export class WatchedStorage implements KeyValueStorage {
  readonly compact?: NonNullable<KeyValueStorage['compact']>
  readonly #storage: KeyValueStorage
  readonly #onDisorder: (what: string) => void
  readonly #written = new Map<string, Written>()
  #begun = 0
  #ended = 0

  constructor(storage: KeyValueStorage, onDisorder: (what: string) => void) {
    this.#storage = storage
    this.#onDisorder = onDisorder
    if (storage.compact) this.compact = (...call) => storage.compact!(...call)
  }

  /** Batches that were begun. */
  get writes(): number {
    return this.#begun
  }

  /** No batch is under way, nor was begun since so many had been. */
  isQuietSince(writes: number): boolean {
    return this.#begun === writes && this.#ended === writes
  }

  /** What is known for sure, the last last. */
  written(): Written[] {
    return [...this.#written.values()].filter(({ isSure }) => isSure)
  }

  get(...call: Parameters<KeyValueStorage['get']>): ReturnType<KeyValueStorage['get']> {
    return this.#storage.get(...call)
  }

  getMany(...call: Parameters<KeyValueStorage['getMany']>): ReturnType<KeyValueStorage['getMany']> {
    return this.#storage.getMany(...call)
  }

  async batch(operations: readonly BatchOperation[], options?: { readonly signal?: AbortSignal }): Promise<void> {
    const noted = this.#note(operations)
    this.#begun++
    try {
      await this.#storage.batch(operations, options)
      for (const written of noted) written.isSure = true
    } finally {
      this.#ended++
    }
  }

  range(options?: RangeOptions): AsyncIterable<Entry> {
    const entries: unknown = this.#storage.range(options)
    // What is no range is for the store to refuse.
    if (!isObject(entries) || !(Symbol.asyncIterator in entries)) return entries as AsyncIterable<Entry>
    return this.#movingOn(entries as unknown as AsyncIterable<Entry>, options?.reverse === true)
  }

  close(): Promise<void> {
    return this.#storage.close()
  }

  /** Copies, made before the adapter may change what it was handed. */
  #note(operations: readonly BatchOperation[]): Written[] {
    const noted = operations.map(operation => {
      const value = operation.type === 'put' ? operation.value.slice() : undefined
      const written: Written = { key: operation.key.slice(), value, isSure: false }
      const name = toHex(written.key)
      this.#written.delete(name)
      this.#written.set(name, written)
      return written
    })
    for (const name of this.#written.keys()) {
      if (this.#written.size <= MOST_KNOWN) break
      this.#written.delete(name)
    }
    return noted
  }

  /** Every key lies strictly beyond the one before, and they end. */
  async *#movingOn(entries: AsyncIterable<Entry>, reverse: boolean): AsyncGenerator<Entry> {
    let last: Uint8Array | undefined
    let count = 0
    for await (const entry of entries) {
      const [key] = entry
      if (last && (reverse ? compare(last, key) : compare(key, last)) <= 0)
        throw this.#disorder(`range(${reverse ? 'reverse' : ''}) is out of order at ${toHex(key)}`)
      if (++count > MOST_ENTRIES) throw this.#disorder(`range() goes on after ${MOST_ENTRIES} entries`)
      last = key.slice()
      yield entry
    }
  }

  #disorder(hint: string): CosmicError {
    this.#onDisorder(hint)
    return new CosmicError({ code: 'storage', field: 'range', hint })
  }
}
