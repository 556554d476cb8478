import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RangeOptions as LmdbRange, RootDatabase, Transaction } from 'lmdb'
import { concat, CosmicError, loadPeer, throwIfAborted } from '../../base/index'
import {
  type BatchOperation,
  type CallOptions,
  checkKey,
  type KeyValueStorage,
  type RangeOptions,
} from '../../store/index'
import { assertDataFile } from './lmdb/assert-data-file'
import { DirectoryOwner } from './lmdb/directory-owner'

type Entry = readonly [key: Uint8Array, value: Uint8Array]
type Database = RootDatabase<Uint8Array, Uint8Array>

/** A page of a range is read at once and copied. */
const PAGE_ENTRIES = 256
const PAGE_BYTES = 1 << 20

/** Ranges of more than a page that can be under way at once, each on a state of its own; one more is `storage`. */
const MAX_READERS = 1024

/**
 * A durable `KeyValueStorage` in the directory `path`, on LMDB (the optional package `lmdb`, Node only). A batch resolves
 * once it is synced to disk.
 *
 * One storage at a time has a directory: opening it again, here or in another process, is refused until it is closed or its
 * process has ended, however that ended. Containers that share a directory do not see each other's processes; there the
 * later one takes it over, and batches of the earlier one reject from then on. Not for network file systems.
 *
 * Rejects with `missing-peer` when `lmdb` is not installed, `storage` when the directory cannot be opened, is open already,
 * holds something else, or holds a database that was cut short.
 *
 * @example
 * ```ts
 * const storage = await lmdbStorage('./agent-data')
 * const client = new SyncClient({ signer, storage })
 * ```
 */
export async function lmdbStorage(path: string): Promise<KeyValueStorage> {
  const { open } = await loadPeer('lmdb', () => import('lmdb'))
  let db: Database | undefined
  try {
    await mkdir(path, { recursive: true })
    // From here to the claim without a pause: so this process never has two engines on one directory.
    const owner = new DirectoryOwner(path)
    owner.assertFree()
    assertDataFile(join(path, 'data.mdb'))
    const engine = { keyEncoding: 'binary', encoding: 'binary', maxReaders: MAX_READERS } as const
    // Without `overlappingSync` a commit is acknowledged only when it is on disk.
    db = open({ path, noSubdir: false, ...engine, overlappingSync: false })
    db.transactionSync(() => owner.claim())
    return new LmdbStorage(db, owner)
  } catch (error) {
    await db?.close()
    throw storageError(error, `check that ${path} is a directory that this process may write`)
  }
}

function storageError(error: unknown, hint: string): CosmicError {
  if (error instanceof CosmicError) return error
  const message = `storage: ${error instanceof Error ? error.message : String(error)}; ${hint}`
  return new CosmicError({ code: 'storage', message, hint }, { cause: error })
}

class LmdbStorage implements KeyValueStorage {
  readonly #db: Database
  readonly #owner: DirectoryOwner
  /** Of ranges under way. */
  readonly #reading = new Set<Transaction>()
  #closing: Promise<void> | undefined

  constructor(db: Database, owner: DirectoryOwner) {
    this.#db = db
    this.#owner = owner
  }

  async get(key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return (await this.getMany([key], options))[0]
  }

  /** One synchronous pass, hence one read transaction. */
  async getMany(keys: readonly Uint8Array[], { signal }: CallOptions = {}): Promise<(Uint8Array | undefined)[]> {
    keys.forEach(checkKey)
    throwIfAborted(signal)
    return this.#read(() => keys.map(key => plain(this.#db.get(key))))
  }

  /**
   * On this thread: the engine's own queue of writes answers a failed commit, such as a full disk, with rejections that
   * nobody can handle, which end the process.
   */
  async batch(operations: readonly BatchOperation[], { signal }: CallOptions = {}): Promise<void> {
    this.#assertOpen()
    for (const { key } of operations) checkKey(key)
    throwIfAborted(signal)
    try {
      this.#db.transactionSync(() => {
        this.#owner.assertHeld()
        for (const operation of operations) {
          if (operation.type === 'put') this.#db.putSync(operation.key, operation.value)
          else this.#db.removeSync(operation.key)
        }
      })
    } catch (error) {
      throw storageError(error, 'check the space left on the disk')
    }
  }

  /** One read transaction until the last page is read: as long the file reuses no space that the range still shows. */
  async *range({ gte, lt, reverse = false, limit = Infinity, signal }: RangeOptions = {}): AsyncGenerator<Entry> {
    let [low, high, left] = [gte, lt, limit]
    throwIfAborted(signal)
    const transaction = this.#startReading()
    try {
      while (left > 0) {
        const { entries, more } = this.#page({ ...bounds(low, high, reverse), transaction }, left)
        left = more ? left - entries.length : 0
        if (left <= 0) this.#stopReading(transaction)
        for (const entry of entries) {
          throwIfAborted(signal)
          this.#assertOpen()
          yield entry
        }
        const last = entries.at(-1)
        if (last === undefined) return
        if (reverse) high = last[0]
        else low = concat(last[0], Uint8Array.of(0))
      }
    } finally {
      this.#stopReading(transaction)
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#reading.forEach(transaction => this.#stopReading(transaction))
    try {
      this.#db.transactionSync(() => this.#owner.release())
    } catch (error) {
      throw storageError(error, 'the directory stays taken until this process ends')
    } finally {
      await this.#db.close()
    }
  }

  #startReading(): Transaction {
    const transaction = this.#read(() => this.#db.useReadTransaction())
    this.#reading.add(transaction)
    return transaction
  }

  #stopReading(transaction: Transaction): void {
    if (this.#reading.delete(transaction)) transaction.done()
  }

  #page(range: LmdbRange, left: number): { entries: Entry[]; more: boolean } {
    const limit = Math.min(left, PAGE_ENTRIES)
    return this.#read(() => {
      const entries: Entry[] = []
      let bytes = 0
      for (const { key, value } of this.#db.getRange({ ...range, limit })) {
        entries.push([Uint8Array.from(key as Uint8Array), Uint8Array.from(value)])
        bytes += value.length
        if (bytes >= PAGE_BYTES) break
      }
      return { entries, more: entries.length === limit || bytes >= PAGE_BYTES }
    })
  }

  #read<T>(read: () => T): T {
    this.#assertOpen()
    try {
      return read()
    } catch (error) {
      throw storageError(error, 'the database could not be read')
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new CosmicError({ code: 'closed', field: 'storage' })
  }
}

const plain = (value: Uint8Array | undefined) => (value === undefined ? undefined : Uint8Array.from(value))

/** The engine's own bounds: an inclusive start and an exclusive end in the direction of travel, unless told otherwise. */
function bounds(gte: Uint8Array | undefined, lt: Uint8Array | undefined, reverse: boolean): LmdbRange {
  const [start, end] = reverse ? [lt, gte] : [gte, lt]
  return { reverse, ...(start && { start }), ...(end && { end }), exclusiveStart: reverse, inclusiveEnd: reverse }
}
