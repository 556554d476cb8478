import { createStore } from 'idb-keyval'
import { CosmicError, unlessAborted } from '../../../base/index'
import { storageError } from './storage-error'

/** The one table, whose entries are Uint8Array under binary keys: IndexedDB orders those as unsigned bytes. */
export const TABLE = 'entries'

const UNAVAILABLE = 'IndexedDB is not available here: not in this runtime, or the browser withholds it from this page'
const FOREIGN = 'the database holds something else: choose another name'
const BLOCKED = 'another tab is deleting or upgrading the database: close it there and try again'

/**
 * Opens the database and its table, made when they are not there, within `timeout` milliseconds: an opening that waits
 * behind a deletion which another connection blocks is told nothing. A connection that arrives later is closed.
 *
 * Rejects with `storage`, `aborted`.
 */
export async function openDatabase(name: string, timeout: number, signal?: AbortSignal): Promise<IDBDatabase> {
  if ((globalThis.indexedDB as IDBFactory | undefined) === undefined) throw unavailable()
  const opening = connect(name)
  const late = AbortSignal.timeout(timeout)
  try {
    return await unlessAborted(opening, signal === undefined ? late : AbortSignal.any([late, signal]))
  } catch (error) {
    opening.then(
      db => db.close(),
      () => {},
    )
    if (late.aborted && !signal?.aborted) throw storageError(undefined, BLOCKED)
    throw error
  }
}

const unavailable = (cause?: unknown) =>
  new CosmicError({ code: 'storage', field: 'name', hint: UNAVAILABLE }, { cause })

async function connect(name: string): Promise<IDBDatabase> {
  try {
    return await createStore(name, TABLE)('readonly', table => table.transaction.db)
  } catch (error) {
    if ((error as DOMException | null)?.name === 'NotFoundError') throw storageError(error, FOREIGN)
    throw unavailable(error)
  }
}
