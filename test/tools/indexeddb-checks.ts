import { indexedDbStorage } from '../../src/adapters/storage/indexeddb'
import { compare } from '../../src/base/index'
import type { BatchOperation, KeyValueStorage } from '../../src/store/index'
import { collect, rejection, type SuiteRunner } from '../../src/testing/suite-tools'
import { databaseOutline, writeVersion1 } from './indexeddb-version-1'

const key = (...bytes: number[]) => Uint8Array.from(bytes)
const put = (k: Uint8Array, value: Uint8Array): BatchOperation => ({ type: 'put', key: k, value })

/** The same numbers in every browser. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Short, to compare. */
const outline = (entries: readonly (readonly [Uint8Array, Uint8Array])[]) =>
  entries.map(([k, value]) => `${k.join()}:${value.length}:${value[0]}`)

type Model = Map<string, readonly [Uint8Array, Uint8Array]>

function batchOf(next: (below: number) => number, round: number): BatchOperation[] {
  const random = () => key(next(3), next(40), next(4))
  const value = () => new Uint8Array(next(6) === 0 ? next(30_000) : next(60)).fill(next(256))
  const change = (): BatchOperation => (next(3) > 0 ? put(random(), value()) : { type: 'delete', key: random() })
  if (round % 7 === 3) return Array.from({ length: 120 }, (_, i) => put(key(1, 50, round, i), value()))
  if (round % 7 === 5)
    return Array.from({ length: 160 }, (_, i) => ({ type: 'delete', key: key(next(3), i >> 2, i & 3) }))
  return Array.from({ length: next(60) }, change)
}

function apply(model: Model, operations: readonly BatchOperation[]): void {
  for (const operation of operations) {
    if (operation.type === 'put') model.set(operation.key.join(), [operation.key, operation.value])
    else model.delete(operation.key.join())
  }
}

const sorted = (model: Model) => [...model.values()].sort(([a], [b]) => compare(a, b))

/** What only the storage in IndexedDB does. Each test has a database of its own, which is left behind. */
export function indexedDbChecks({ describe, test, expect }: SuiteRunner): void {
  const newName = () => `checks-${crypto.randomUUID()}`
  describe('IndexedDB in pages', () => {
    test('agrees with a sorted map over batches and ranges, with hardly a cache, opened again now and then', async () => {
      const [name, next, model]: [string, (below: number) => number, Model] = [newName(), seeded(11), new Map()]
      let storage: KeyValueStorage = await indexedDbStorage(name, { cacheBytes: 30_000 })
      for (let round = 0; round < 60; round++) {
        const operations = batchOf(next, round)
        await storage.batch(operations)
        apply(model, operations)
        const [gte, lt, reverse, limit] = [key(next(3), next(40)), key(next(3), next(60)), next(2) === 0, 1 + next(150)]
        const within = sorted(model).filter(([k]) => compare(k, gte) >= 0 && compare(k, lt) < 0)
        const expected = (reverse ? within.reverse() : within).slice(0, limit)
        expect(outline(await collect(storage.range({ gte, lt, reverse, limit })))).toEqual(outline(expected))
        const keys = Array.from({ length: 20 }, () => key(next(3), next(40), next(4)))
        const sizes = (await storage.getMany(keys)).map(value => value?.length)
        expect(sizes).toEqual(keys.map(k => model.get(k.join())?.[1].length))
        if (round % 12 !== 11) continue
        expect(outline(await collect(storage.range({ reverse: true })))).toEqual(outline(sorted(model).reverse()))
        await storage.close()
        storage = await indexedDbStorage(name, { cacheBytes: 30_000 })
        expect(outline(await collect(storage.range()))).toEqual(outline(sorted(model)))
      }
      await storage.close()
    })

    test('a database of version 1 is brought up to date when it is opened', async () => {
      const [name, next, model]: [string, (below: number) => number, Model] = [newName(), seeded(5), new Map()]
      for (let round = 0; round < 40; round++) apply(model, batchOf(next, round))
      await writeVersion1(name, sorted(model))
      expect(await databaseOutline(name)).toEqual([1, { entries: model.size + 1 }])
      for (const _ of [1, 2]) {
        const storage = await indexedDbStorage(name)
        expect(outline(await collect(storage.range()))).toEqual(outline(sorted(model)))
        await storage.batch([put(key(9), key(9)), { type: 'delete', key: key(9) }])
        await storage.close()
      }
      const [version, tables] = await databaseOutline(name)
      expect([version, Object.keys(tables)]).toEqual([2, ['pages']])
      expect(tables['pages']! < model.size / 3).toBe(true)
    })

    test('a database of version 1 that holds something else is refused, and stays as it is', async () => {
      const name = newName()
      await writeVersion1(name, [
        [key(1), key(1)],
        [key(2), 'a text'],
      ])
      expect(await rejection(indexedDbStorage(name))).toBe('storage')
      expect(await databaseOutline(name)).toEqual([1, { entries: 3 }])
    })

    test('a database of a later version is refused, and stays as it is', async () => {
      const name = newName()
      await new Promise<void>((resolve, reject) => {
        const request = indexedDB.open(name, 3)
        request.onupgradeneeded = () => request.result.createObjectStore('pages')
        request.onsuccess = () => resolve(request.result.close())
        request.onerror = () => reject(request.error as DOMException)
      })
      expect(await rejection(indexedDbStorage(name))).toBe('storage')
      expect(await databaseOutline(name)).toEqual([3, { pages: 0 }])
    })
  })
}
