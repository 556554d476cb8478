import { existsSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { open as openLmdb } from 'lmdb'
import { CosmicError, flag, loadPeer, mapList, record, text, throwIfAborted } from '../../base/index'
import { checkCompaction } from '../../store/for-adapters'
import {
  type BatchOperation,
  checkBatch,
  checkKeys,
  checkRange,
  type CallOptions,
  type CompactionOptions,
  type KeyValueStorage,
  type RangeOptions,
} from '../../store/index'
import { assertDataFile } from './lmdb/assert-data-file'
import { assertRoom } from './lmdb/assert-room'
import { clearCompaction, Compaction } from './lmdb/compaction'
import { Compactor } from './lmdb/compactor'
import { DirectoryOwner } from './lmdb/directory-owner'
import { after, type Bounds, type Entry, LmdbEngine, type RangePage, type Reading } from './lmdb/engine'
import { Readings } from './lmdb/readings'

export { salvageLmdb, type SalvageOptions, type SalvageProgress } from './lmdb/salvage'

/** How a storage on LMDB is opened. */
export interface LmdbStorageOptions {
  /**
   * Looks through every page of the file before LMDB, which trusts it, maps it into memory; default: of files up to 256 MB
   * every page, of larger ones those that lead to others. Reads the whole file.
   */
  readonly verify?: boolean
}

const readOptions = record<LmdbStorageOptions>({ verify: flag })

/**
 * A durable `KeyValueStorage` in the directory `path`, on LMDB (the optional package `lmdb`, Node only). A batch resolves
 * once it is synced to disk.
 *
 * One storage at a time has a directory: opening it again, here or in another process, is refused until it is closed or its
 * process has ended, however that ended. Containers that share a directory do not see each other's processes; there the
 * later one takes it over, and batches of the earlier one reject from then on. Not for network file systems.
 *
 * `compact` writes the file anew, without what was deleted, beside the calls of others, and then replaces it at once; it
 * needs room for both files meanwhile, and waits for ranges under way.
 *
 * Rejects with `missing-peer` when `lmdb` is not installed, `storage` when the directory cannot be opened, is open already,
 * holds something else, or holds a database that was cut short or whose pages are damaged.
 *
 * @example
 * ```ts
 * const storage = await lmdbStorage('./agent-data')
 * const client = new SyncClient({ signer, storage })
 * ```
 */
export async function lmdbStorage(path: string, options: LmdbStorageOptions = {}): Promise<KeyValueStorage> {
  const { verify } = readOptions(options, '')
  text(path, 'path')
  const { open } = await loadPeer('lmdb', () => import('lmdb'))
  let engine: LmdbEngine | undefined
  try {
    await mkdir(path, { recursive: true })
    // From here to the claim without a pause: so this process never has two engines on one directory.
    const owner = new DirectoryOwner(path)
    owner.assertFree()
    const file = join(path, 'data.mdb')
    assertDataFile(file, verify)
    const { ino } = statSync(file)
    // LMDB maps this file as soon as it is made, and a page of it for which the disk has no room ends the process.
    if (!existsSync(join(path, 'lock.mdb'))) assertRoom(path, 0, [])
    engine = new LmdbEngine(open, path, true)
    engine.locked(() => owner.claim())
    if (statSync(file).ino !== ino) throw new Error('another process has replaced the file meanwhile')
    clearCompaction(path)
    return new LmdbStorage({ open, path, owner }, engine)
  } catch (error) {
    engine?.close()
    throw storageError(error, `check that ${path} is a directory that this process may write`, 'path')
  }
}

function storageError(error: unknown, hint: string, field?: string): CosmicError {
  if (error instanceof CosmicError) return error
  const message = `storage: ${error instanceof Error ? error.message : String(error)}; ${hint}`
  return new CosmicError({ code: 'storage', message, hint, ...(field !== undefined && { field }) }, { cause: error })
}

interface Place {
  readonly open: typeof openLmdb
  readonly path: string
  readonly owner: DirectoryOwner
}

class LmdbStorage implements KeyValueStorage {
  readonly #place: Place
  readonly #readings = new Readings()
  readonly #compactor: Compactor
  #engine: LmdbEngine
  #closing: Promise<void> | undefined

  constructor(place: Place, engine: LmdbEngine) {
    this.#place = place
    this.#engine = engine
    this.#compactor = this.#compactorOf()
  }

  async get(key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return (await this.getMany([key], options))[0]
  }

  /** One synchronous pass, hence one read transaction. */
  async getMany(keys: readonly Uint8Array[], options?: CallOptions): Promise<(Uint8Array | undefined)[]> {
    this.#assertOpen()
    checkKeys(keys, options)
    throwIfAborted(options?.signal)
    return this.#read(() => mapList(keys, key => this.#engine.get(key)))
  }

  /**
   * On this thread: the engine's own queue of writes answers a failed commit, such as a full disk, with rejections that
   * nobody can handle, which end the process.
   */
  async batch(operations: readonly BatchOperation[], options?: CallOptions): Promise<void> {
    this.#assertOpen()
    checkBatch(operations, options)
    throwIfAborted(options?.signal)
    try {
      const deleted = this.#engine.write(operations, () => this.#place.owner.assertHeld())
      this.#compactor.follow(operations, deleted)
    } catch (error) {
      throw storageError(error, 'check the space left on the disk')
    }
  }

  /** One read transaction until the last page is read: as long the file reuses no space that the range still shows. */
  async *range(options: RangeOptions = {}): AsyncGenerator<Entry> {
    this.#assertOpen()
    checkRange(options)
    const { gte, lt, reverse = false, limit = Infinity, signal } = options
    throwIfAborted(signal)
    let [rest, left]: [Bounds, number] = [{ gte, lt, reverse }, limit]
    const reading = this.#read(() => this.#readings.add(this.#engine.startReading()))
    try {
      while (left > 0) {
        const { entries, more } = this.#page(rest, left, reading)
        left = more ? left - entries.length : 0
        if (left <= 0) this.#readings.end(reading)
        for (const entry of entries) {
          throwIfAborted(signal)
          this.#assertOpen()
          yield entry
        }
        const last = entries.at(-1)
        if (last === undefined) return
        rest = after(rest, last[0])
      }
    } finally {
      this.#readings.end(reading)
    }
  }

  async compact(options: CompactionOptions = {}): Promise<boolean> {
    this.#assertOpen()
    checkCompaction(options)
    throwIfAborted(options.signal)
    try {
      return await this.#compactor.compact(options)
    } catch (error) {
      throw storageError(error, 'nothing is lost, and the file is as large as it was: check the space left on the disk')
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#readings.endAll()
    try {
      this.#compactor.discard()
      this.#engine.locked(() => this.#place.owner.release())
    } catch (error) {
      throw storageError(error, 'the directory stays taken until this process ends')
    } finally {
      this.#engine.close()
    }
  }

  #compactorOf(): Compactor {
    const { open, path } = this.#place
    const engine = () => this.#engine
    return new Compactor({
      get engine() {
        return engine()
      },
      assertOpen: () => this.#assertOpen(),
      begin: () => new Compaction(open, this.#engine, path),
      switchTo: compaction => this.#switchTo(compaction),
      isReading: () => this.#readings.size > 0,
      idle: () => this.#readings.idle(),
    })
  }

  /** Whatever happens on the way, the file that is in place then is opened. */
  #switchTo(compaction: Compaction): void {
    const { open, path, owner } = this.#place
    try {
      this.#engine.locked(() => owner.assertHeld())
      // The lock file is made anew.
      assertRoom(path, 0, [])
    } catch (error) {
      compaction.discard()
      throw error
    }
    compaction.finish()
    this.#engine.close()
    try {
      compaction.replace(join(path, 'data.mdb'))
    } finally {
      this.#engine = new LmdbEngine(open, path, true)
    }
  }

  #page(rest: Bounds, left: number, reading: Reading): RangePage {
    return this.#read(() => this.#engine.page(rest, left, reading))
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
