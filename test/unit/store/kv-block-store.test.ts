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
    expect(await storage.get(utf8('f'))).toEqual(utf8('cosmic-embeddings/store/1'))
    const stored = await storedBlock()
    await (await openBlockStore(storage)).put([stored])
    expect(await (await openBlockStore(storage)).get(stored.block.id)).toEqual(stored)
  })

  test.each([
    ['another version', 'f', 'cosmic-embeddings/store/2', /another version/],
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

test('a query walks the smallest index among its conditions, and only the span of time it asks for', async () => {
  const storage = memoryStorage()
  let walked = 0
  const counted: KeyValueStorage = {
    ...bound(storage),
    async *range(options) {
      for await (const entry of storage.range(options)) {
        walked++
        yield entry
      }
    },
  }
  const store = await openBlockStore(counted)
  const fields = Array.from({ length: 100 }, (_, i) => ({
    time: 1000 + i,
    text: `${i}`,
    tags: i === 40 ? ['all', 'rare'] : ['all'],
  }))
  await store.put(await Promise.all(fields.map(storedBlock)))
  const walk = async (query: Parameters<typeof store.query>[0]) => {
    walked = 0
    const found = await collect(store.query(query))
    return [found.length, walked]
  }
  expect(await walk({ tags: ['all', 'rare'], kind: 'embedding', model: 'test:model' })).toEqual([1, 1])
  expect(await walk({ tags: ['all', 'never'] })).toEqual([0, 0])
  expect(await walk({ tags: ['all'], since: 1010, until: 1015 })).toEqual([5, 5])
  expect(await walk({ since: 1095 })).toEqual([5, 5])
  walked = 0
  expect(await store.stats()).toMatchObject({ blocks: 100 })
  expect(walked).toBe(0)
})

test('a put that the storage refuses changes nothing, is not announced, and the next one works', async () => {
  const storage = memoryStorage()
  let broken = true
  const failing: KeyValueStorage = {
    ...bound(storage),
    batch: operations =>
      broken && operations.length > 1 ? Promise.reject(new Error('disk full')) : storage.batch(operations),
  }
  const store = await openBlockStore(failing)
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
