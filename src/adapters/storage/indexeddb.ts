import { promisifyRequest } from 'idb-keyval'
import {
  abortSignal,
  CosmicError,
  milliseconds,
  oneOf,
  record,
  such,
  text,
  throwIfAborted,
  unlessAborted,
} from '../../base/index'
import {
  type BatchOperation,
  type CallOptions,
  type KeyValueStorage,
  type RangeOptions,
  checkBatch,
  checkKeys,
  checkRange,
} from '../../store/index'
import { FIRST } from './indexeddb/directory'
import { openDatabase, TABLE } from './indexeddb/open-database'
import { textOf } from './indexeddb/page'
import { type Entry, PagedTable, type PageSource } from './indexeddb/paged-table'
import { storageError } from './indexeddb/storage-error'
import { hasTabLocks, takeTabLock } from './indexeddb/tab-lock'
import { OWNER } from './indexeddb/write-pages'

/** How a storage in IndexedDB is opened and how it writes. */
export interface IndexedDbStorageOptions {
  /**
   * When a batch counts as stored: `strict` (default) when the browser has had it written to the disk, `relaxed` when the
   * operating system has it, which a crash of the browser does not undo and a loss of power may.
   */
  readonly durability?: 'strict' | 'relaxed'
  /** Milliseconds to wait for another tab that has it open, such as this one before a reload; default 1000. `Infinity`: until it is closed. */
  readonly wait?: number
  /** Bytes of memory for what was used last; default 16 MiB. Beside it stand some 60 bytes for every 10 kB that are stored. */
  readonly cacheBytes?: number
  /** Stops the opening. */
  readonly signal?: AbortSignal
}

const readOptions = record<IndexedDbStorageOptions>({
  durability: oneOf('strict', 'relaxed'),
  wait: such<number>(value => typeof value === 'number' && value >= 0, 'milliseconds'),
  cacheBytes: milliseconds,
  signal: abortSignal,
})

/** An opening that takes longer waits for a deletion that another tab holds up. */
const OPEN_TIMEOUT = 10_000

const CACHE_BYTES = 16 << 20

/** Pages of a range read at once: one at first, since many readers want no more, then twice as many. */
const MOST_PAGES = 32

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
  const { durability = 'strict', wait = 1000, cacheBytes = CACHE_BYTES, signal } = readOptions(options, '')
  text(name, 'name')
  const exclusive = hasTabLocks()
  const unlock = await takeTabLock(`cosmic-embeddings/storage/${name}`, { wait, signal })
  let db: IDBDatabase | undefined
  try {
    const opened = (db = await openDatabase(name, OPEN_TIMEOUT, signal))
    // Not through idb-keyval, which asks for no durability, and opens the database anew, empty, when the user cleared it.
    const table: PageSource['table'] = mode => opened.transaction(TABLE, mode, { durability }).objectStore(TABLE)
    const owner = crypto.getRandomValues(new Uint8Array(16))
    const fences = await claim(table('readwrite'), owner)
    return new IndexedDbStorage(db, new PagedTable({ owner, exclusive, table }, fences, cacheBytes), unlock)
  } catch (error) {
    db?.close()
    unlock()
    throw storageError(error, 'the database could not be opened')
  }
}

/** Leaves the mark of a new owner, and answers the fences of all pages as they are then. */
async function claim(table: IDBObjectStore, owner: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const [keys] = await Promise.all([
    promisifyRequest(table.getAllKeys(IDBKeyRange.bound(new Uint8Array(0), []))),
    promisifyRequest(table.put(owner, OWNER)),
  ])
  return keys.map(key => textOf(new Uint8Array(key as ArrayBuffer)))
}

class IndexedDbStorage implements KeyValueStorage {
  readonly #db: IDBDatabase
  readonly #table: PagedTable
  readonly #unlock: () => void
  #lost = false
  #closing: Promise<void> | undefined

  constructor(db: IDBDatabase, table: PagedTable, unlock: () => void) {
    this.#db = db
    this.#table = table
    this.#unlock = unlock
    for (const event of ['versionchange', 'close']) db.addEventListener(event, () => this.#lose())
  }

  async get(key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return (await this.getMany([key], options))[0]
  }

  async getMany(keys: readonly Uint8Array[], options?: CallOptions): Promise<(Uint8Array | undefined)[]> {
    this.#assertOpen()
    checkKeys(keys, options)
    return this.#read(() => this.#table.find(keys), options?.signal)
  }

  async batch(operations: readonly BatchOperation[], options?: CallOptions): Promise<void> {
    this.#assertOpen()
    checkBatch(operations, options)
    const signal = options?.signal
    throwIfAborted(signal)
    try {
      await this.#table.write(operations, signal)
    } catch (error) {
      this.#assertThere()
      throw storageError(error, 'nothing of the batch was stored')
    }
  }

  /** A transaction for some pages: one ends as soon as it is asked nothing, so none can stay open while the consumer does something else. */
  async *range(options: RangeOptions = {}): AsyncGenerator<Entry> {
    this.#assertOpen()
    checkRange(options)
    const { gte, lt, reverse = false, limit = Infinity, signal } = options
    let [low, high] = [gte?.length ? textOf(gte) : FIRST, lt && textOf(lt)]
    let [left, pages] = [limit, 1]
    while (left > 0 && !(high !== undefined && low >= high)) {
      const stretch = { low, high, reverse, limit: left, pages }
      const { entries, next } = await this.#read(() => this.#table.stretch(stretch), signal)
      for (const entry of entries) {
        throwIfAborted(signal)
        this.#assertOpen()
        yield entry
      }
      if (next === undefined) return
      left -= entries.length
      pages = Math.min(2 * pages, MOST_PAGES)
      if (reverse) high = next
      else low = next
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    try {
      await this.#table.idle()
    } finally {
      this.#db.close()
      this.#unlock()
    }
  }

  #lose(): void {
    this.#lost = true
    this.#db.close()
    this.#unlock()
  }

  async #read<T>(read: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    this.#assertOpen()
    throwIfAborted(signal)
    try {
      return await unlessAborted(read(), signal)
    } catch (error) {
      this.#assertThere()
      throw storageError(error, 'the database could not be read')
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new CosmicError({ code: 'closed', field: 'storage' })
    this.#assertThere()
  }

  #assertThere(): void {
    if (!this.#lost) return
    const hint = 'the database was deleted or closed from outside: open it again'
    throw new CosmicError({ code: 'storage', field: 'name', hint })
  }
}
