import { promisifyRequest } from 'idb-keyval'
import { CosmicError, unlessAborted } from '../../../base/index'
import { storageError } from './storage-error'
import { upgradeEntries } from './upgrade-entries'

/** The one table of pages, under their fences as binary keys: IndexedDB orders those as unsigned bytes. */
export const TABLE = 'pages'

/** Of the database. Version 1 had an entry of the table `entries` for each of the storage's. */
const VERSION = 2

const UNAVAILABLE = 'IndexedDB is not available here: not in this runtime, or the browser withholds it from this page'
const FOREIGN = 'the database holds something else: choose another name'
const LATER = 'the database was written by a later version of cosmic-embeddings: use that, or choose another name'
const BLOCKED = 'another tab is deleting or upgrading the database: close it there and try again'

/**
 * Opens the database and its table, made when they are not there, and made of the entries of a database of version 1. An
 * opening that waits longer than `timeout` milliseconds, behind a deletion which another connection blocks, is given up: it
 * is told nothing. A connection that arrives later is closed. A database that is being upgraded takes as long as it takes.
 *
 * Rejects with `storage`, `aborted`.
 */
export async function openDatabase(name: string, timeout: number, signal?: AbortSignal): Promise<IDBDatabase> {
  if ((globalThis.indexedDB as IDBFactory | undefined) === undefined) throw unavailable()
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), timeout)
  const opening = connect(name, () => clearTimeout(timer))
  try {
    return await unlessAborted(opening, signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]))
  } catch (error) {
    opening.then(
      db => db.close(),
      () => {},
    )
    if (late.signal.aborted && !signal?.aborted) throw storageError(undefined, BLOCKED)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

const unavailable = (cause?: unknown) =>
  new CosmicError({ code: 'storage', field: 'name', hint: UNAVAILABLE }, { cause })

async function connect(name: string, upgrading: () => void): Promise<IDBDatabase> {
  let failure: unknown
  try {
    const request = indexedDB.open(name, VERSION)
    request.onupgradeneeded = ({ oldVersion }) => {
      upgrading()
      const { result: db, transaction } = request
      upgrade(db, transaction!, oldVersion).catch((error: unknown) => {
        failure = error
        transaction!.abort()
      })
    }
    const db = await promisifyRequest(request)
    if (db.objectStoreNames.contains(TABLE)) return db
    db.close()
    failure = foreign()
  } catch (error) {
    if (failure === undefined && (error as DOMException | null)?.name === 'VersionError')
      throw storageError(error, LATER)
    if (failure === undefined) throw unavailable(error)
  }
  throw storageError(failure, 'the database could not be upgraded; it is as it was')
}

const foreign = () => new CosmicError({ code: 'storage', field: 'name', hint: FOREIGN })

/** In the one transaction that changes the version: all of it, or nothing. */
async function upgrade(db: IDBDatabase, transaction: IDBTransaction, from: number): Promise<void> {
  const tables = [...db.objectStoreNames]
  if (from > 0 && (from > 1 || tables.join() !== 'entries')) throw foreign()
  const pages = db.createObjectStore(TABLE)
  if (from === 0) return
  await upgradeEntries(transaction.objectStore('entries'), pages)
  db.deleteObjectStore('entries')
}
