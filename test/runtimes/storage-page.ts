import { indexedDbStorage, type IndexedDbStorageOptions } from '../../src/adapters/storage/indexeddb'
import { openDatabase } from '../../src/adapters/storage/indexeddb/open-database'
import type { KeyValueStorage } from '../../src/store/index'
import { collect } from '../../src/testing/suite-tools'

let held: KeyValueStorage
let raw: IDBDatabase

/** `ok`, or the code and the message of what went wrong. */
async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'ok'
  } catch (error) {
    return `${(error as { code?: unknown }).code}: ${(error as Error).message}`
  }
}

const key = (i: number) => Uint8Array.of(1 + (i >> 8), i & 255)
const request = <T>(asked: IDBRequest<T>) =>
  new Promise<T>((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error as DOMException)
  })

/** What a test does in this page, by name. */
Object.assign(globalThis, {
  hold: (name: string, options?: IndexedDbStorageOptions) =>
    outcome(indexedDbStorage(name, options).then(storage => (held = storage))),
  letGo: () => outcome(held.close()),
  put: (from: number, count: number, bytes = 1) => {
    const value = new Uint8Array(bytes).map((_, i) => (i * 31) ^ (i >> 8))
    return outcome(
      held.batch(Array.from({ length: count }, (_, i) => ({ type: 'put', key: key(from + i), value }) as const)),
    )
  },
  count: async () => (await collect(held.range())).length,
  /** Reads on in a range after `step`. */
  readAcross: async (step: () => Promise<unknown>) => {
    const range = held.range()[Symbol.asyncIterator]()
    await range.next()
    await step()
    return outcome(range.next())
  },
  calls: async () => Promise.all([outcome(held.get(key(1))), outcome(held.batch([])), outcome(collect(held.range()))]),
  /** A connection that lets nobody delete the database. */
  holdRaw: async (name: string) => void (raw = await request(indexedDB.open(name))),
  letRawGo: () => raw.close(),
  startDeleting: (name: string) => void indexedDB.deleteDatabase(name),
  remove: (name: string) => outcome(request(indexedDB.deleteDatabase(name))),
  openWithin: (name: string, timeout: number) => outcome(openDatabase(name, timeout).then(db => db.close())),
  /** Batches of four entries each, one after the other, until the browser ends; each is told when it is stored. */
  putForEver: async (stored: (batch: number) => Promise<void>) => {
    for (let batch = 0; ; batch++) {
      await held.batch([0, 1, 2, 3].map(i => ({ type: 'put', key: key(4 * batch + i), value: new Uint8Array(5000) })))
      await stored(batch)
    }
  },
})
