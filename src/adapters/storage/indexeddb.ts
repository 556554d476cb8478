import { promisifyRequest } from 'idb-keyval'
import { compare, concat, CosmicError, throwIfAborted, unlessAborted } from '../../base/index'
import {
  type BatchOperation,
  type CallOptions,
  checkKey,
  type KeyValueStorage,
  type RangeOptions,
} from '../../store/index'
import { openDatabase, TABLE } from './indexeddb/open-database'
import { checkValue, type Entry, readPage } from './indexeddb/read-page'
import { storageError } from './indexeddb/storage-error'
import { takeTabLock } from './indexeddb/tab-lock'
import { OWNER, whole, writeBatch } from './indexeddb/write-batch'

/** How a storage in IndexedDB is opened and how it writes. */
export interface IndexedDbStorageOptions {
  /**
   * When a batch counts as stored: `strict` (default) when the browser has had it written to the disk, `relaxed` when the
   * operating system has it, which a crash of the browser does not undo and a loss of power may.
   */
  readonly durability?: 'strict' | 'relaxed'
  /** Milliseconds to wait for another tab that has it open, such as this one before a reload; default 1000. `Infinity`: until it is closed. */
  readonly wait?: number
  /** Stops the opening. */
  readonly signal?: AbortSignal
}

/** An opening that takes longer waits for a deletion that another tab holds up. */
const OPEN_TIMEOUT = 10_000

/** Entries of a range read at once: few at first, since many readers want no more, then twice as many while pages stay small. */
const PAGE = { first: 32, most: 1024, bytes: 1 << 20 }

/**
 * A durable `KeyValueStorage` in the database `name` of this origin's IndexedDB, in windows and workers.
 *
 * One storage at a time has a database: opening it again, here or in another tab, is refused until it is closed or its tab
 * is gone, however that ended. Pages outside of secure contexts cannot know of each other; there the later one takes it
 * over, and batches of the earlier one reject from then on. When the database is deleted from outside, every call rejects.
 *
 * Rejects with `storage` when IndexedDB is not there or withheld, when the database is open already, is being deleted, or
 * holds something else; `aborted`. docs/storage.md says what the browser may do to what is stored.
 *
 * @example
 * ```ts
 * import { SyncClient } from 'cosmic-embeddings'
 * import { indexedDbStorage } from 'cosmic-embeddings/storage/indexeddb'
 *
 * const client = new SyncClient({ signer, storage: await indexedDbStorage('my-agent') })
 * ```
 */
export async function indexedDbStorage(name: string, options: IndexedDbStorageOptions = {}): Promise<KeyValueStorage> {
  const { durability = 'strict', wait = 1000, signal } = options
  const unlock = await takeTabLock(`cosmic-embeddings/storage/${name}`, { wait, signal })
  let db: IDBDatabase | undefined
  try {
    db = await openDatabase(name, OPEN_TIMEOUT, signal)
    const owner = crypto.getRandomValues(new Uint8Array(16))
    await promisifyRequest(db.transaction(TABLE, 'readwrite').objectStore(TABLE).put(owner, OWNER))
    return new IndexedDbStorage(db, { owner, durability, unlock })
  } catch (error) {
    db?.close()
    unlock()
    throw storageError(error, 'the database could not be opened')
  }
}

interface Holding {
  readonly owner: Uint8Array
  readonly durability: 'strict' | 'relaxed'
  readonly unlock: () => void
}

class IndexedDbStorage implements KeyValueStorage {
  readonly #db: IDBDatabase
  readonly #holding: Holding
  #lost = false
  #closing: Promise<void> | undefined

  constructor(db: IDBDatabase, holding: Holding) {
    this.#db = db
    this.#holding = holding
    for (const event of ['versionchange', 'close']) db.addEventListener(event, () => this.#lose())
  }

  async get(key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return (await this.getMany([key], options))[0]
  }

  async getMany(keys: readonly Uint8Array[], { signal }: CallOptions = {}): Promise<(Uint8Array | undefined)[]> {
    keys.forEach(checkKey)
    const read = (table: IDBObjectStore) =>
      Promise.all(keys.map(key => promisifyRequest(table.get(whole(key)) as IDBRequest<unknown>)))
    const values = await this.#read(read, signal)
    return values.map(value => (value === undefined ? undefined : checkValue(value)))
  }

  async batch(operations: readonly BatchOperation[], { signal }: CallOptions = {}): Promise<void> {
    this.#assertOpen()
    for (const { key } of operations) checkKey(key)
    throwIfAborted(signal)
    await writeBatch(this.#table('readwrite'), this.#holding.owner, operations, signal)
  }

  /** A transaction a page: one ends as soon as it is asked nothing, so none can stay open while the consumer does something else. */
  async *range({ gte, lt, reverse = false, limit = Infinity, signal }: RangeOptions = {}): AsyncGenerator<Entry> {
    let [low, high, left, size] = [gte, lt, limit, PAGE.first]
    this.#assertOpen()
    while (left > 0 && !(low && high && compare(low, high) >= 0)) {
      const count = Math.min(left, size)
      const span = spanOf(low, high)
      const page = await this.#read(table => readPage(table, span, count, reverse), signal)
      for (const entry of page) {
        throwIfAborted(signal)
        this.#assertOpen()
        yield entry
      }
      if (page.length < count) return
      left -= page.length
      size = nextSize(size, page)
      if (reverse) high = page.at(-1)![0]
      else low = concat(page.at(-1)![0], Uint8Array.of(0))
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Transactions that write come one after the other: one more begins when the batches under way have ended. */
  async #close(): Promise<void> {
    try {
      if (!this.#lost) await promisifyRequest(this.#table('readwrite').get(OWNER))
    } finally {
      this.#db.close()
      this.#holding.unlock()
    }
  }

  #lose(): void {
    this.#lost = true
    this.#db.close()
    this.#holding.unlock()
  }

  async #read<T>(read: (table: IDBObjectStore) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    this.#assertOpen()
    throwIfAborted(signal)
    try {
      return await unlessAborted(read(this.#table('readonly')), signal)
    } catch (error) {
      throw storageError(error, 'the database could not be read')
    }
  }

  /** Not through idb-keyval, which asks for no durability, and opens the database anew, empty, when the user cleared it. */
  #table(mode: 'readonly' | 'readwrite'): IDBObjectStore {
    const { durability } = this.#holding
    return this.#db.transaction(TABLE, mode, { durability }).objectStore(TABLE)
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new CosmicError({ code: 'closed', field: 'storage' })
    if (!this.#lost) return
    const hint = 'the database was deleted or closed from outside: open it again'
    throw new CosmicError({ code: 'storage', field: 'name', hint })
  }
}

/** An array comes after every binary key. */
const spanOf = (gte: Uint8Array | undefined, lt: Uint8Array | undefined) =>
  IDBKeyRange.bound(gte ? whole(gte) : new Uint8Array(0), lt ? whole(lt) : [], false, true)

function nextSize(size: number, page: readonly Entry[]): number {
  const bytes = page.reduce((sum, [, value]) => sum + value.length, 0)
  return bytes > PAGE.bytes ? Math.max(1, size >> 1) : Math.min(size * 2, PAGE.most)
}
