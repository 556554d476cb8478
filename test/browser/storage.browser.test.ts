import { afterEach, describe, expect, test, vi } from 'vitest'
import { indexedDbStorage } from '../../src/adapters/storage/indexeddb'
import { openDatabase, TABLE } from '../../src/adapters/storage/indexeddb/open-database'
import { collect } from '../../src/testing/suite-tools'
import { indexedDbSuites } from '../tools/indexeddb-suites'

indexedDbSuites({ describe, test, expect })

const names: string[] = []
const newName = (): string => {
  names.push(`storage-${crypto.randomUUID()}`)
  return names.at(-1)!
}
afterEach(() => {
  vi.restoreAllMocks()
  names.splice(0).forEach(name => indexedDB.deleteDatabase(name))
})
const key = (...bytes: number[]) => Uint8Array.from(bytes)

/** Opens a database as someone else's code would, and closes it. */
async function foreign(name: string, use: (db: IDBDatabase) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onupgradeneeded = () => use(request.result)
    request.onerror = () => reject(request.error as DOMException)
    request.onsuccess = () => resolve(request.result.close())
  })
}

describe('indexedDbStorage', () => {
  test('a database that holds something else is refused, and left as it is', async () => {
    const name = newName()
    await foreign(name, db => db.createObjectStore('theirs'))
    const opening = indexedDbStorage(name)
    await expect(opening).rejects.toMatchObject({ code: 'storage', hint: expect.stringContaining('something else') })
    await expect(indexedDbStorage(name, { wait: 0 })).rejects.toMatchObject({
      hint: expect.not.stringContaining('open'),
    })
  })

  test.each([
    ['no page', 'a text'],
    ['no whole page', key(0, 1, 9)],
  ])('what is %s is storage, and stops nothing else', async (_name, value) => {
    const name = newName()
    const filled = await indexedDbStorage(name)
    await filled.batch(
      [1, 2, 3].map(i => ({ type: 'put', key: key(i), value: new Uint8Array(12_000).fill(i) }) as const),
    )
    await filled.close()
    const db = await openDatabase(name, 5000)
    db.transaction(TABLE, 'readwrite').objectStore(TABLE).put(value, key(2))
    db.close()
    const storage = await indexedDbStorage(name)
    const damaged = { code: 'storage', field: 'value' }
    await expect(storage.get(key(2))).rejects.toMatchObject(damaged)
    await expect(collect(storage.range({ reverse: true }))).rejects.toMatchObject(damaged)
    await expect(storage.batch([{ type: 'put', key: key(2, 1), value: key(1) }])).rejects.toMatchObject(damaged)
    await storage.batch([{ type: 'put', key: key(3, 1), value: key(7) }])
    expect(await storage.get(key(3, 1))).toEqual(key(7))
    expect((await collect(storage.range({ lt: key(2) }))).map(([k]) => k)).toEqual([key(1)])
    expect((await collect(storage.range({ gte: key(3) }))).map(([k]) => k)).toEqual([key(3), key(3, 1)])
    await storage.close()
  })

  test('of a view into a large buffer it keeps the view alone', async () => {
    const storage = await indexedDbStorage(newName())
    const large = new Uint8Array(1 << 20)
    await storage.batch([{ type: 'put', key: large.subarray(1, 3), value: large.subarray(5, 9) }])
    const [[k, value]] = (await collect(storage.range())) as [[Uint8Array, Uint8Array]]
    expect([k.buffer.byteLength, value.buffer.byteLength]).toEqual([2, 4])
    await storage.close()
  })

  test.each(['strict', 'relaxed'] as const)('asks for %s durability', async durability => {
    const asked: unknown[] = []
    const original = IDBDatabase.prototype.transaction
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
      const transaction = original.apply(this, args)
      if (args[1] === 'readwrite') asked.push(transaction.durability)
      return transaction
    })
    const storage = await indexedDbStorage(newName(), durability === 'strict' ? {} : { durability })
    asked.length = 0
    await storage.batch([{ type: 'put', key: key(1), value: key(1) }])
    await storage.close()
    expect(asked).toContain(durability)
    expect(new Set(asked).size).toBe(1)
  })

  test('an opening can be given up while another has the database', async () => {
    const name = newName()
    const storage = await indexedDbStorage(name)
    const abort = new AbortController()
    const opening = indexedDbStorage(name, { wait: Infinity, signal: abort.signal })
    setTimeout(() => abort.abort(), 20)
    await expect(opening).rejects.toMatchObject({ code: 'aborted' })
    await expect(indexedDbStorage(newName(), { signal: abort.signal })).rejects.toMatchObject({ code: 'aborted' })
    await storage.close()
    await (await indexedDbStorage(name, { wait: 0 })).close()
  })

  test('a signal that fires while a batch is written undoes it', async () => {
    const storage = await indexedDbStorage(newName())
    const abort = new AbortController()
    const original = IDBObjectStore.prototype.put
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
      const request = original.apply(this, args)
      request.addEventListener('success', () => abort.abort())
      return request
    })
    const operations = [1, 2, 3].map(i => ({ type: 'put', key: key(i), value: key(i) }) as const)
    await expect(storage.batch(operations, { signal: abort.signal })).rejects.toMatchObject({ code: 'aborted' })
    expect(await collect(storage.range())).toEqual([])
    await storage.close()
  })
})
