import { concat } from '../base/index'
import { checkBatch, checkKeys, checkRange } from './check-storage-call'
import {
  type BatchOperation,
  type CallOptions,
  type KeyValueStorage,
  MAX_SIDE_KEY_BYTES,
  type RangeOptions,
} from './key-value-storage'

/** The part of a storage below a prefix, as a storage of its own; its `close` does nothing. */
export class SideStorage implements KeyValueStorage {
  readonly #storage: KeyValueStorage
  readonly #prefix: Uint8Array
  readonly #end: Uint8Array

  /** The last byte of `prefix` is below 255. */
  constructor(storage: KeyValueStorage, prefix: Uint8Array) {
    this.#storage = storage
    this.#prefix = prefix
    this.#end = prefix.slice()
    this.#end[prefix.length - 1]! += 1
  }

  async get(key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return (await this.getMany([key], options))[0]
  }

  async getMany(keys: readonly Uint8Array[], options?: CallOptions): Promise<(Uint8Array | undefined)[]> {
    checkKeys(keys, options, MAX_SIDE_KEY_BYTES)
    return this.#storage.getMany(
      keys.map(key => this.#key(key)),
      options,
    )
  }

  async batch(operations: readonly BatchOperation[], options?: CallOptions): Promise<void> {
    checkBatch(operations, options, MAX_SIDE_KEY_BYTES)
    return this.#storage.batch(
      operations.map(operation => ({ ...operation, key: this.#key(operation.key) })),
      options,
    )
  }

  async *range(range: RangeOptions = {}): AsyncGenerator<readonly [Uint8Array, Uint8Array]> {
    checkRange(range, MAX_SIDE_KEY_BYTES)
    const { gte, lt, ...options } = range
    const bounds = { gte: concat(this.#prefix, gte ?? new Uint8Array(0)), lt: lt ? this.#key(lt) : this.#end }
    for await (const [key, value] of this.#storage.range({ ...options, ...bounds })) {
      yield [key.slice(this.#prefix.length), value]
    }
  }

  async close(): Promise<void> {}

  #key(key: Uint8Array): Uint8Array {
    return concat(this.#prefix, key)
  }
}
