import { describe, expect, test } from 'vitest'
import { utf8 } from '../../../src/base/index'
import {
  type KeyValueStorage,
  MAX_KEY_BYTES,
  memoryStorage,
  openBlockStore,
  type StoredBlock,
} from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { storedBlock } from '../../tools/stored-block'

const put = (key: Uint8Array, value: Uint8Array) => ({ type: 'put', key, value }) as const
const idsOf = (blocks: readonly StoredBlock[]) => blocks.map(({ block }) => block.id)

describe('the format', () => {
  test('an empty storage is claimed and recognised again', async () => {
    const storage = memoryStorage()
    await openBlockStore(storage)
    expect(await storage.get(utf8('f'))).toEqual(utf8('cosmic-embeddings/store/2'))
    const stored = await storedBlock()
    await (await openBlockStore(storage)).put([stored])
    expect(await (await openBlockStore(storage)).get(stored.block.id)).toEqual(stored)
  })

  test.each([
    ['another version', 'f', 'cosmic-embeddings/store/3', /another version/],
    ['a format of something else', 'f', 'theirs', /something else/],
    ['content without a format', 'x', 'theirs', /not empty/],
  ])('%s is refused and left alone', async (_name, key, value, hint) => {
    const storage = memoryStorage()
    await storage.batch([put(utf8(key), utf8(value))])
    await expect(openBlockStore(storage)).rejects.toMatchObject({
      code: 'storage',
      field: 'format',
      hint: expect.stringMatching(hint),
    })
    expect(await collect(storage.range())).toEqual([[utf8(key), utf8(value)]])
  })

  test('keys stay within the cap of every adapter, with the longest tags and model ids', async () => {
    const storage = memoryStorage()
    const store = await openBlockStore(storage)
    const tags = Array.from({ length: 64 }, (_, i) => `${i}`.padEnd(128, 'x'))
    const models = ['a', 'b'].map(end => `test:${'m'.repeat(200)}${end}`)
    const blocks = await Promise.all(models.map(model => storedBlock({ tags, model })))
    await store.put(blocks)
    for await (const [key] of storage.range()) expect(key.length).toBeLessThan(MAX_KEY_BYTES / 2)
    for (const [i, model] of models.entries()) {
      expect(idsOf(await collect(store.query({ model, tags })))).toEqual([blocks[i]!.block.id])
    }
  })
})

test('a query reads the entries of its terms only, and of them those near its span of time', async () => {
  const storage = memoryStorage()
  let runs = 0
  const counted: KeyValueStorage = {
    ...bound(storage),
    async *range(options) {
      for await (const entry of storage.range(options)) {
        runs++
        yield entry
      }
    },
  }
  const store = await openBlockStore(counted)
  const fields = Array.from({ length: 1000 }, (_, i) => ({
    time: 1000 + i,
    text: `${i}`,
    tags: i === 400 ? ['all', 'rare'] : ['all'],
  }))
  await store.put(await Promise.all(fields.map(storedBlock)))
  const walk = async (query: Parameters<typeof store.query>[0]) => {
    runs = 0
    const found = await collect(store.query(query))
    return [found.length, runs]
  }
  // Whether it is whole is looked at once.
  await walk({ tags: ['all', 'rare'], kind: 'embedding', model: 'test:model' })
  await walk({})
  // Where the rarest term has its one entry, each other term has one run, and one more is read ahead.
  expect(await walk({ tags: ['all', 'rare'], kind: 'embedding', model: 'test:model' })).toEqual([1, 10])
  expect(await walk({ tags: ['all', 'never'] })).toEqual([0, 0])
  expect(await walk({ tags: ['all'], since: 1410, until: 1415 })).toEqual([5, 3])
  expect(await walk({ since: 1995 })).toEqual([5, 2])
  expect(await walk({ limit: 5, reverse: true })).toEqual([5, 2])
  runs = 0
  expect(await store.stats()).toMatchObject({ blocks: 1000 })
  expect(await store.count({ tags: ['rare'] })).toBe(1)
  expect(await store.count()).toBe(1000)
  expect(runs).toBe(0)
})

test('a put that the storage refuses changes nothing, is not announced, and the next one works', async () => {
  const storage = memoryStorage()
  let broken = false
  const failing: KeyValueStorage = {
    ...bound(storage),
    batch: operations => (broken ? Promise.reject(new Error('disk full')) : storage.batch(operations)),
  }
  const store = await openBlockStore(failing)
  broken = true
  let changes = 0
  store.onChange(() => changes++)
  const stored = await storedBlock()
  await expect(store.put([stored])).rejects.toThrow('disk full')
  expect([changes, await store.get(stored.block.id), (await store.stats()).blocks]).toEqual([0, undefined, 0])
  broken = false
  expect(await store.put([stored])).toEqual(['added'])
  expect((await collect(store.log())).map(({ seq }) => seq)).toEqual([1])
})

function bound(storage: KeyValueStorage): KeyValueStorage {
  return {
    get: key => storage.get(key),
    getMany: keys => storage.getMany(keys),
    batch: operations => storage.batch(operations),
    range: options => storage.range(options),
    close: () => storage.close(),
  }
}
