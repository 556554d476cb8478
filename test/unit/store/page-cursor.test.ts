import { expect, test } from 'vitest'
import {
  type BlockStore,
  type KeyValueStorage,
  memoryStorage,
  openBlockStore,
  type PageQuery,
} from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { damage } from '../../tools/store-keys'
import { storedBlock } from '../../tools/stored-block'

const blocks = await Promise.all(
  Array.from({ length: 200 }, (_, i) => storedBlock({ text: `${i}`, time: 1000 + i, tags: ['all'] })),
)
const more = await Promise.all(
  Array.from({ length: 6 }, (_, i) => storedBlock({ text: `more ${i}`, time: 500 + i, tags: ['all'] })),
)

async function cloneOf(storage: KeyValueStorage): Promise<BlockStore> {
  const copy = memoryStorage()
  const entries = await collect(storage.range())
  await copy.batch(entries.map(([key, value]) => ({ type: 'put', key, value })))
  return openBlockStore(copy)
}

async function clones(count: number) {
  const storage = memoryStorage()
  const one = await openBlockStore(storage)
  await one.put(blocks.slice(0, count))
  return { storage, one, other: await cloneOf(storage) }
}

const query: PageQuery = { tags: ['all'], limit: 10 }
const refused = { code: 'bad-cursor', field: 'cursor' }
const next = (store: BlockStore, cursor: string | undefined) => store.pageIds({ ...query, cursor: cursor! })

test.each([[20], [64], [65], [200]])(
  'a cursor of a clone of %i blocks that went another way is refused',
  async count => {
    const { one, other } = await clones(count)
    const before = await one.pageIds(query)
    const second = await next(one, before.cursor)
    // Where both are the same it is good in both, and stays good as a log grows.
    expect(await next(other, before.cursor)).toEqual(second)
    await one.put(more.slice(0, 2))
    expect((await next(one, before.cursor)).items).toEqual(second.items)
    await other.put(more.slice(2, 4))
    expect((await next(other, before.cursor)).items).toEqual(second.items)
    const after = await one.pageIds(query)
    await expect(next(other, after.cursor)).rejects.toMatchObject(refused)
    await other.put(more.slice(4))
    await expect(next(other, after.cursor)).rejects.toMatchObject(refused)
    await one.erase(before.items.slice(0, 3), 'expired')
    expect((await next(one, after.cursor)).items.length).toBe(10)
  },
)

test('every page but the last has as many as its limit', async () => {
  const { one } = await clones(200)
  for (const reverse of [false, true]) {
    const sizes: number[] = []
    let cursor: string | undefined
    do {
      const page = await one.pageIds({ limit: 30, reverse, ...(cursor && { cursor }) })
      sizes.push(page.items.length)
      cursor = page.cursor
    } while (cursor)
    expect(sizes).toEqual([30, 30, 30, 30, 30, 30, 20])
  }
})

test('one of a clone that is ahead is refused, and one that was changed', async () => {
  const { one, other } = await clones(20)
  await one.put(more)
  const { cursor } = await one.pageIds(query)
  await expect(next(other, cursor)).rejects.toMatchObject(refused)
  await expect(other.page({ ...query, cursor: `${cursor!.slice(0, -4)}AAAA` })).rejects.toMatchObject(refused)
  await expect(other.page({ ...query, cursor: cursor!.slice(0, -3) })).rejects.toMatchObject(refused)
})

test('a part of the log that is damaged does not keep pages from going on', async () => {
  const { storage, one } = await clones(200)
  const { cursor } = await one.pageIds(query)
  const reopened = await openBlockStore(storage)
  await reopened.put(more)
  await damage(storage, Uint8Array.of(0x7a, 0, 0, 0, 0, 0, 3), value =>
    value.map((byte, i) => (i === 60 ? byte ^ 1 : byte)),
  )
  const again = await openBlockStore(storage)
  expect((await next(again, cursor)).items.length).toBe(10)
})
