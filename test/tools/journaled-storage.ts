import { memoryStorage, type BatchOperation, type KeyValueStorage } from '../../src/store/index'

/** A storage in memory that remembers its batches, so that what a crash left behind can be opened. */
export interface JournaledStorage extends KeyValueStorage {
  /** Batches until now. */
  readonly length: number
  /** A storage as a crash after the first `count` batches leaves it. */
  after(count: number): Promise<KeyValueStorage>
}

export function journaledStorage(): JournaledStorage {
  const inner = memoryStorage()
  const batches: (readonly BatchOperation[])[] = []
  return {
    get length() {
      return batches.length
    },
    async after(count) {
      const storage = memoryStorage()
      for (const operations of batches.slice(0, count)) await storage.batch(operations)
      return storage
    },
    get: (key, options) => inner.get(key, options),
    getMany: (keys, options) => inner.getMany(keys, options),
    range: options => inner.range(options),
    async batch(operations, options) {
      await inner.batch(operations, options)
      batches.push(operations.map(operation => ({ ...operation, key: operation.key.slice() })))
    },
    close: () => inner.close(),
  }
}
