import { CosmicError, mapList, throwIfAborted } from '../base/index'
import { checkBatch, checkKeys, checkRange } from './check-storage-call'
import type { BatchOperation, CallOptions, KeyValueStorage, RangeOptions } from './key-value-storage'
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

  async getMany(keys: readonly Uint8Array[], options?: CallOptions): Promise<(Uint8Array | undefined)[]> {
    this.#assertOpen()
    checkKeys(keys, options)
    throwIfAborted(options?.signal)
    return mapList(keys, key => this.#entries.get(key)?.slice())
  }

  async batch(operations: readonly BatchOperation[], options?: CallOptions): Promise<void> {
    this.#assertOpen()
    checkBatch(operations, options)
    throwIfAborted(options?.signal)
    this.#entries = this.#entries.apply(operations)
  }

  async *range(options: RangeOptions = {}): AsyncGenerator<Entry> {
    this.#assertOpen()
    checkRange(options)
    const { gte, lt, reverse = false, limit = Infinity, signal } = options
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
