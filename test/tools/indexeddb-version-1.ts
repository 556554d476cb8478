import { createStore, promisifyRequest } from 'idb-keyval'

/** Writes a database as version 1 of the storage did: an entry of the table `entries` each, and the mark of its last owner. */
export async function writeVersion1(name: string, entries: Iterable<readonly [Uint8Array, unknown]>): Promise<void> {
  await createStore(name, 'entries')('readwrite', async table => {
    table.put(crypto.getRandomValues(new Uint8Array(16)), 'owner')
    for (const [key, value] of entries) table.put(value, key.slice())
    await new Promise((resolve, reject) => {
      table.transaction.oncomplete = resolve
      table.transaction.onabort = reject
    })
    table.transaction.db.close()
  })
}

/** How a database stands: its version, its tables, and how many entries each has. */
export async function databaseOutline(name: string): Promise<[version: number, tables: Record<string, number>]> {
  const db = await promisifyRequest(indexedDB.open(name))
  const tables: Record<string, number> = {}
  for (const table of db.objectStoreNames) {
    tables[table] = await promisifyRequest(db.transaction(table).objectStore(table).count())
  }
  db.close()
  return [db.version, tables]
}
