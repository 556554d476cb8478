import { expect, onTestFinished, test, vi } from 'vitest'
import { Cid, concat, CosmicError, unwrap, utf8 } from '../../../src/base/index'
import { SyncClient } from '../../../src/client/index'
import { type BlockStore, type KeyValueStorage, memoryStorage, openBlockStore } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { damage, recordKeyOf } from '../../tools/store-keys'
import { signerOf, storedBlock } from '../../tools/stored-block'

const COUNT = 320
const blocks = await Promise.all(
  Array.from({ length: COUNT }, (_, i) => storedBlock({ text: `${i}`, time: 1000 + i, tags: ['all'] })),
)

async function filled(storage: KeyValueStorage = memoryStorage()) {
  const store = await openBlockStore(storage)
  await store.put(blocks)
  return store
}

/** A repair whose reader goes away after the first batch. */
async function cut(store: BlockStore): Promise<void> {
  for await (const { done } of store.repair!()) if (done > 0) break
}

const reads: [string, (store: BlockStore) => Promise<number | undefined>][] = [
  ['query', async store => (await collect(store.query())).length],
  ['query by tag', async store => (await collect(store.query({ tags: ['all'] }))).length],
  ['count', store => store.count()],
  ['count by tag', store => store.count({ tags: ['all'] })],
  ['pageIds', async store => (await store.pageIds({ limit: 1000 })).items.length],
  ['stats', async store => (await store.stats()).blocks],
  ['position', async store => (await store.position()).seq],
  ['terms', async store => (await store.terms('tag'))[0]?.blocks],
  ['log', async store => (await collect(store.log())).length],
  ['members', async store => (await collect(store.members())).flat().length],
]

test.each(reads)(
  '%s answers in full after a repair that was cut short, and while one is under way',
  async (_name, read) => {
    const store = await filled()
    await cut(store)
    expect(await read(store)).toBe(COUNT)
    const answers: (number | undefined)[] = []
    for await (const _ of store.repair!()) answers.push(await read(store))
    expect(new Set(answers)).toEqual(new Set([COUNT]))
    await store.close()
  },
)

test('an aborted repair leaves a store that is copied in full', async () => {
  const store = await filled()
  const stop = new AbortController()
  const repair = async () => {
    for await (const { done } of store.repair!({ signal: stop.signal })) if (done > 0) stop.abort()
  }
  await repair().catch((error: unknown) => expect(error).toMatchObject({ code: 'aborted' }))
  const storage = memoryStorage()
  const copy = new SyncClient({ signer: await signerOf(1), storage })
  await copy.start()
  await copy.copyFrom(store)
  const copied = await openBlockStore(storage)
  expect((await copied.stats()).blocks).toBe(COUNT)
  await copy.close()
  await store.close()
})

test('where a repair that was asked for cannot be brought to its end, lists are refused until one can', async () => {
  const storage = memoryStorage()
  let left = Infinity
  const full: KeyValueStorage = new Proxy(storage, {
    get: (target, name) => {
      const member = Reflect.get(target, name) as unknown
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        if (name === 'batch' && left-- <= 0) return Promise.reject(new CosmicError({ code: 'storage', field: 'disk' }))
        return (member as (...all: unknown[]) => unknown).apply(target, args)
      }
    },
  })
  const store = await filled(full)
  left = 3
  await expect(collect(store.repair!())).rejects.toMatchObject({ field: 'disk' })
  for (const [, read] of reads) await expect(read(store)).rejects.toMatchObject({ code: 'storage', field: 'disk' })
  left = Infinity
  await collect(store.repair!())
  for (const [, read] of reads) expect(await read(store)).toBe(COUNT)
  await store.close()
})

test('a write inside the loop of a repair waits for its end, and then is done', async () => {
  const store = await filled()
  const more = await storedBlock({ text: 'more', time: 9000 })
  for await (const _ of store.repair!()) await store.put([more])
  expect(await store.count()).toBe(COUNT + 1)
  await store.close()
})

test('a repair that nobody reads on comes to its end: writes and close do not wait for a reader', async () => {
  const store = await filled()
  await store.repair!()[Symbol.asyncIterator]().next()
  await store.put([await storedBlock({ text: 'more', time: 9000 })])
  expect(await store.erase([blocks[0]!.block.id], 'expired')).toHaveLength(1)
  expect(await store.count()).toBe(COUNT)
  await store.repair!()[Symbol.asyncIterator]().next()
  await store.close()
})

test('closing ends a repair under way, whose reader is told', async () => {
  const storage = memoryStorage()
  const store = await filled(storage)
  const repair = collect(store.repair!())
  const told = expect(repair).rejects.toMatchObject({ code: 'aborted' })
  await store.close()
  await told
})

test('a record under the id of its own block is damage of ids', async () => {
  const storage = memoryStorage()
  const store = await filled(storage)
  const { id } = blocks[4]!.block
  const record = await storage.get(await recordKeyOf(storage, id))
  await damage(storage, concat(utf8('n'), unwrap(Cid.parse(id)).digest), () => record)
  const told: string[] = []
  const again = await openBlockStore(storage, { onDamage: ({ field }) => told.push(field!) })
  expect((await again.get(id))?.block.id).toBe(id)
  expect(told).toContain('ids')
  expect(await again.put([blocks[4]!])).toEqual(['known'])
  await store.close()
})

test('what onDamage throws does not end the mending: it is an unhandled rejection, as of any listener', async () => {
  const storage = memoryStorage()
  await filled(storage)
  const { id } = blocks[4]!.block
  await damage(storage, concat(utf8('n'), unwrap(Cid.parse(id)).digest), () => undefined)
  const unhandled: unknown[] = []
  const note = (error: unknown) => void unhandled.push(error)
  const before = process.listeners('unhandledRejection')
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection')
    for (const listener of before) process.on('unhandledRejection', listener)
  })
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note)
  const again = await openBlockStore(storage, {
    onDamage: () => {
      throw new Error('of the caller')
    },
  })
  // Ids are looked through behind the answers.
  await vi.waitFor(async () => expect((await again.get(id))?.block.id).toBe(id))
  expect((await collect(again.query())).length).toBe(COUNT)
  expect(await again.put([blocks[4]!])).toEqual(['known'])
  await new Promise(resolve => setTimeout(resolve))
  expect(unhandled).toContainEqual(new Error('of the caller'))
  await again.close()
})
