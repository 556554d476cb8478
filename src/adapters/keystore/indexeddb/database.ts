import { createStore, get, update } from 'idb-keyval'
import { CosmicError } from '../../../base/index'

/** One table of one IndexedDB database. What the browser refuses is `storage`. */
export interface Database {
  get(key: string): Promise<unknown>
  /** Reads and writes in one transaction; a throw of `change` leaves the entry as it is. */
  update(key: string, change: (kept: unknown) => unknown): Promise<void>
}

/** Opened on first use, once: nothing is touched where IndexedDB does not exist. */
export function openDatabase(name: string): Database {
  let opened: ReturnType<typeof createStore> | undefined
  const table = (): ReturnType<typeof createStore> => (opened ??= createStore(name, 'keys'))
  return {
    get: key => asStorageError(name, () => get<unknown>(key, table())),
    update: (key, change) => asStorageError(name, () => update<unknown>(key, change, table())),
  }
}

async function asStorageError<T>(name: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (cause) {
    if (cause instanceof CosmicError) throw cause
    throw new CosmicError({ code: 'storage', field: name, hint: String(cause) }, { cause })
  }
}
