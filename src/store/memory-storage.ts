import { CosmicError, throwIfAborted } from '../base/index'
import {
  type BatchOperation,
  type CallOptions,
  checkKey,
  type KeyValueStorage,
  type RangeOptions,
} from './key-value-storage'
import { type Entry, SortedChunks } from './sorted-chunks'

/**
 * A `KeyValueStorage` in memory, gone with the process. A range reads one state: the one at its first step.
 *
 * @example
 * ```ts
 * const storage = memoryStorage()
 * await storage.batch([{ type: 'put', key: Uint8Array.of(1), value: Uint8Array.of(2) }])
 * await storage.get(Uint8Array.of(1)) // Uint8Array [2]
 * ```
 */
export function memoryStorage(): KeyValueStorage {
  return new MemoryStorage()
}

class MemoryStorage implements KeyValueStorage {
  #entries = SortedChunks.empty
  #closed = false

  async get(key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return (await this.getMany([key], options))[0]
  }

  async getMany(keys: readonly Uint8Array[], { signal }: CallOptions = {}): Promise<(Uint8Array | undefined)[]> {
    this.#assertOpen()
    throwIfAborted(signal)
    keys.forEach(checkKey)
    return keys.map(key => this.#entries.get(key)?.slice())
  }

  async batch(operations: readonly BatchOperation[], { signal }: CallOptions = {}): Promise<void> {
    this.#assertOpen()
    throwIfAborted(signal)
    for (const { key } of operations) checkKey(key)
    this.#entries = this.#entries.apply(operations)
  }

  async *range(options: RangeOptions = {}): AsyncGenerator<Entry> {
    const { gte, lt, reverse = false, limit = Infinity, signal } = options
    this.#assertOpen()
    let left = limit
    if (left <= 0) return
    for (const [key, value] of this.#entries.range(gte, lt, reverse)) {
      throwIfAborted(signal)
      this.#assertOpen()
      yield [key.slice(), value.slice()]
      if (--left <= 0) return
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#entries = SortedChunks.empty
  }

  #assertOpen(): void {
    if (this.#closed) throw new CosmicError({ code: 'closed', field: 'storage' })
  }
}
