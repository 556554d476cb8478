import { mkdir, open as openFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RangeOptions as LmdbRange, RootDatabase } from 'lmdb'
import { concat, CosmicError, loadPeer, throwIfAborted } from '../../base/index'
import { type BatchOperation, checkKey, type KeyValueStorage, type RangeOptions } from '../../store/index'

type Entry = readonly [key: Uint8Array, value: Uint8Array]
type Database = RootDatabase<Uint8Array, Uint8Array>

/** A page of a range is read at once and copied: no read transaction outlives it and holds back the reuse of file pages. */
const PAGE_ENTRIES = 256
const PAGE_BYTES = 1 << 20

/** Where the magic number stands in the first page of `data.mdb`, behind the page header. */
const MAGIC_OFFSET = 24
const MAGIC = 0xbeefc0de

/**
 * A durable `KeyValueStorage` in the directory `path`, on LMDB (the optional package `lmdb`, Node only). A batch resolves
 * once it is synced to disk. Only one process at a time may write to a directory.
 *
 * Rejects with `missing-peer` when `lmdb` is not installed, `storage` when the directory cannot be opened or holds something else.
 *
 * @example
 * ```ts
 * const storage = await lmdbStorage('./agent-data')
 * const client = new SyncClient({ signer, storage })
 * ```
 */
export async function lmdbStorage(path: string): Promise<KeyValueStorage> {
  const { open } = await loadPeer('lmdb', () => import('lmdb'))
  try {
    await mkdir(path, { recursive: true })
    await assertLmdbFile(join(path, 'data.mdb'))
    // Without `overlappingSync` a commit is acknowledged only when it is on disk.
    return new LmdbStorage(
      open({ path, noSubdir: false, keyEncoding: 'binary', encoding: 'binary', overlappingSync: false }),
    )
  } catch (error) {
    throw storageError(error, `check that ${path} is a directory that this process may write`)
  }
}

/** LMDB ends the process on a file that is not its own, so look first. */
async function assertLmdbFile(path: string): Promise<void> {
  const file = await openFile(path, 'a+')
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MAGIC_OFFSET + 4), 0, MAGIC_OFFSET + 4, 0)
    if (bytesRead === 0 || buffer.readUInt32LE(MAGIC_OFFSET) === MAGIC) return
  } finally {
    await file.close()
  }
  throw new CosmicError({
    code: 'storage',
    field: 'path',
    hint: `${path} is not an LMDB database; choose another directory`,
  })
}

function storageError(error: unknown, hint: string): CosmicError {
  if (error instanceof CosmicError) return error
  const message = `storage: ${error instanceof Error ? error.message : String(error)}; ${hint}`
  return new CosmicError({ code: 'storage', message, hint }, { cause: error })
}

class LmdbStorage implements KeyValueStorage {
  readonly #db: Database
  #closing: Promise<void> | undefined

  constructor(db: Database) {
    this.#db = db
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return (await this.getMany([key]))[0]
  }

  /** One synchronous pass, hence one read transaction. */
  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    keys.forEach(checkKey)
    return this.#read(() => keys.map(key => plain(this.#db.get(key))))
  }

  /**
   * On this thread: the engine's own queue of writes answers a failed commit, such as a full disk, with rejections that
   * nobody can handle, which end the process.
   */
  async batch(operations: readonly BatchOperation[]): Promise<void> {
    this.#assertOpen()
    for (const { key } of operations) checkKey(key)
    try {
      this.#db.transactionSync(() => {
        for (const operation of operations) {
          if (operation.type === 'put') this.#db.putSync(operation.key, operation.value)
          else this.#db.removeSync(operation.key)
        }
      })
    } catch (error) {
      throw storageError(error, 'check the space left on the disk')
    }
  }

  async *range({ gte, lt, reverse = false, limit = Infinity, signal }: RangeOptions = {}): AsyncGenerator<Entry> {
    let [low, high, left] = [gte, lt, limit]
    for (;;) {
      throwIfAborted(signal)
      const page = this.#page(bounds(low, high, reverse), Math.min(left, PAGE_ENTRIES))
      for (const entry of page) {
        throwIfAborted(signal)
        this.#assertOpen()
        yield entry
      }
      const last = page.at(-1)
      left -= page.length
      if (last === undefined || left <= 0) return
      if (reverse) high = last[0]
      else low = concat(last[0], Uint8Array.of(0))
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#db.close()
    return this.#closing
  }

  #page(range: LmdbRange, limit: number): Entry[] {
    return this.#read(() => {
      const page: Entry[] = []
      let bytes = 0
      for (const { key, value } of limit > 0 ? this.#db.getRange({ ...range, limit }) : []) {
        page.push([Uint8Array.from(key as Uint8Array), Uint8Array.from(value)])
        bytes += value.length
        if (bytes >= PAGE_BYTES) break
      }
      return page
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
