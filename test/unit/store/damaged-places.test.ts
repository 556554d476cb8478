import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lmdbStorage } from '../../../src/adapters/storage/lmdb'
import { Cid, concat, CosmicError, unwrap, utf8 } from '../../../src/base/index'
import { SyncClient } from '../../../src/client/index'
import { type BlockStore, type KeyValueStorage, memoryStorage, openBlockStore } from '../../../src/store/index'
import { membersOf } from '../../../src/testing/store-erasing'
import { stored } from '../../../src/testing/sample-blocks'
import { collect } from '../../../src/testing/suite-tools'
import { createBlock } from '../../../src/block/index'
import { damage, recordKeyOf } from '../../tools/store-keys'
import { signerOf, storedBlock } from '../../tools/stored-block'

const root = await mkdtemp(join(tmpdir(), 'cosmic-damaged-places.'))
afterAll(() => rm(root, { recursive: true, force: true }))

let next = 0
const storages: [string, () => Promise<KeyValueStorage>][] = [
  ['memory', async () => memoryStorage()],
  ['LMDB', () => lmdbStorage(join(root, `${next++}`))],
]

const blocks = await Promise.all(
  Array.from({ length: 150 }, (_, i) => storedBlock({ text: `${i}`, time: 1000 + i, tags: ['all', `${i % 2}`] })),
)
const ids = blocks.map(({ block }) => block.id)
const retraction = await stored(await createBlock({ retraction: { block: ids[3]! }, time: 5000 }, await signerOf(1)))

const flipped = (bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 4 : byte))
const idKeyOf = (id: string) => concat(utf8('n'), unwrap(Cid.parse(id)).digest)
const runKey = (run: number) => Uint8Array.of(0x7a, 0, 0, 0, 0, 0, run)
const listed = async (store: BlockStore) => (await collect(store.query({ tags: ['all'] }))).map(({ block }) => block.id)
const findings = async (store: BlockStore) =>
  (await collect(store.check!())).flatMap(({ finding }) => finding?.field ?? [])

describe.each(storages)('over %s', (_name, make) => {
  async function filled() {
    const storage = await make()
    const store = await openBlockStore(storage)
    await store.put(blocks)
    return { storage, store, before: await store.stats() }
  }

  test('a damaged run of the log stops neither lists nor a client, and is told once', async () => {
    for (const run of [0, 1, 2]) {
      const { storage, store } = await filled()
      await damage(storage, runKey(run), flipped)
      expect(await findings(store)).toEqual([`log.${run * 64 + 1}`])
      const client = new SyncClient({ signer: await signerOf(1), storage })
      await client.start()
      const { hits } = await client.search([1, 2, 3], { model: 'test:model', k: 150, where: { tags: ['all'] } })
      expect(new Set(hits.map(({ block }) => block.id))).toEqual(new Set(ids))
      await client.close()
    }
  })

  test('a damaged run is told of where its blocks are read, alone and in pages, both ways', async () => {
    const { storage } = await filled()
    await damage(storage, runKey(1), flipped)
    const told: (string | undefined)[] = []
    const store = await openBlockStore(storage, { onDamage: ({ field }) => told.push(field) })
    expect(await listed(store)).toEqual(ids)
    expect(told).toContain('log.65')
    expect((await store.pageIds({ reverse: true, limit: 100 })).items).toEqual(ids.slice(50).reverse())
    await store.close()
  })

  test('a block whose id is gone is held once after a repair, though it was stored again', async () => {
    const { storage, store, before } = await filled()
    await damage(storage, idKeyOf(ids[3]!), () => undefined)
    await store.put([blocks[3]!])
    await collect(store.repair!())
    expect([await listed(store), await store.stats(), await findings(store)]).toEqual([ids, before, []])
    expect((await membersOf(store)).length).toBe(150)
    await store.close()
  })

  test.each([[true], [false]])(
    'what was withdrawn while its id was gone is gone after a repair (stored again: %s)',
    async again => {
      const { storage, store } = await filled()
      await damage(storage, idKeyOf(ids[3]!), () => undefined)
      if (again) await store.put([blocks[3]!])
      await damage(storage, idKeyOf(ids[3]!), () => undefined).catch(() => {})
      await store.put([retraction])
      const erased: string[] = []
      store.onChange(change => erased.push(...change.erased.map(({ id }) => id)))
      await collect(store.repair!())
      const left = ids.filter(id => id !== ids[3])
      expect([await listed(store), await findings(store)]).toEqual([left, []])
      if (!again) expect(erased).toEqual([ids[3]])
      expect(await store.put([blocks[3]!])).toEqual(['retracted'])
      expect(await store.needsCompaction!()).toBe(storage.compact !== undefined)
      await store.close()
    },
  )

  test('a record under the key of another place, or of none, goes back to its own', async () => {
    for (const to of [7, 0xff00]) {
      const { storage, store, before } = await filled()
      await store.erase([ids[6]!], 'expired')
      const key = await recordKeyOf(storage, ids[20]!)
      const value = (await storage.get(key))!
      const moved = concat(utf8('y'), Uint8Array.of(0, 0, 0, 0, to >> 8, to & 255))
      await storage.batch([
        { type: 'delete', key },
        { type: 'put', key: moved, value },
      ])
      expect(await findings(store)).toContain(to === 7 ? 'records.7' : 'records')
      await collect(store.repair!())
      expect(await store.put([blocks[6]!])).toEqual(['added'])
      expect([await listed(store), await store.stats(), await findings(store)]).toEqual([ids, before, []])
      await store.close()
    }
  })

  test('records that were exchanged find their places again', async () => {
    const { storage, store, before } = await filled()
    const [a, b] = [await recordKeyOf(storage, ids[20]!), await recordKeyOf(storage, ids[90]!)]
    const [one, other] = await storage.getMany([a, b])
    await storage.batch([
      { type: 'put', key: a, value: other! },
      { type: 'put', key: b, value: one! },
    ])
    await collect(store.repair!())
    expect([await listed(store), await store.stats(), await findings(store)]).toEqual([ids, before, []])
    await store.close()
  })

  test.each([false, true])('a repair keeps when a stub expires, its place in the log damaged: %s', async isDamaged => {
    const storage = await make()
    const store = await openBlockStore(storage)
    const fleeting = await storedBlock({ text: 'fleeting', time: 1_000_000, expires: 3_000_000 })
    await store.put([fleeting])
    await store.erase([fleeting.block.id], 'pruned')
    expect(await findings(store)).toEqual([])
    for await (const [key] of storage.range({ gte: utf8('z'), lt: utf8('{') }))
      if (isDamaged) await damage(storage, key, flipped)
    await collect(store.repair!())
    expect((await collect(store.members())).flat()).toEqual([
      { id: fleeting.block.id, time: 1_000_000, expires: 3_000_000 },
    ])
    expect(await findings(store)).toEqual([])
    const withdrawal = await createBlock({ retraction: { block: fleeting.block.id }, time: 5000 }, await signerOf(1))
    await store.put([await stored(withdrawal)])
    expect((await collect(store.members())).flat().map(({ id }) => id)).toEqual([withdrawal.id])
    await store.close()
  })
})

test('where nothing can be written, lists have what is left, or are refused once indexes were begun to be made anew', async () => {
  for (const batches of [0, 1, 3]) {
    const storage = memoryStorage()
    await (await openBlockStore(storage)).put(blocks)
    const [[key]] = (await collect(storage.range({ gte: utf8('i'), limit: 1 }))) as [[Uint8Array, Uint8Array]]
    await damage(storage, key, flipped)
    let left = batches
    const full = () => Promise.reject(new CosmicError({ code: 'storage', field: 'path' }))
    const told: (string | undefined)[] = []
    const store = await openBlockStore(
      {
        get: each => storage.get(each),
        getMany: keys => storage.getMany(keys),
        range: options => storage.range(options),
        batch: operations => (left-- > 0 ? storage.batch(operations) : full()),
        close: () => storage.close(),
      },
      { onDamage: ({ field }) => told.push(field) },
    )
    const lists = store.pageIds({ limit: 1000 })
    if (batches === 0) expect((await lists).items.length).toBeLessThan(150)
    else await expect(lists).rejects.toMatchObject({ code: 'storage', field: 'path' })
    expect(told).toEqual(expect.arrayContaining(['indexes', 'path']))
    expect((await store.get(ids[5]!))?.block.id).toBe(ids[5])
    left = Infinity
    await collect(store.repair!())
    expect((await store.pageIds({ limit: 1000 })).items).toEqual(ids)
  }
})
