import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lmdbStorage } from '../../../src/adapters/storage/lmdb'
import { Cid, concat, CosmicError, unwrap, utf8 } from '../../../src/base/index'
import { type BlockStore, type KeyValueStorage, memoryStorage, openBlockStore } from '../../../src/store/index'
import { membersOf } from '../../../src/testing/store-erasing'
import { collect } from '../../../src/testing/suite-tools'
import { damage, recordKeyOf } from '../../tools/store-keys'
import { storedBlock } from '../../tools/stored-block'

const root = await mkdtemp(join(tmpdir(), 'cosmic-store-faults.'))
afterAll(() => rm(root, { recursive: true, force: true }))

let next = 0
const storages: [string, () => Promise<KeyValueStorage>][] = [
  ['memory', async () => memoryStorage()],
  ['LMDB', () => lmdbStorage(join(root, `${next++}`))],
]

const blocks = await Promise.all(
  Array.from({ length: 300 }, (_, i) => storedBlock({ text: `${i}`, time: 1000 + i, tags: ['all'] })),
)
const ids = blocks.map(({ block }) => block.id)
const idKeyOf = (id: string) => concat(utf8('n'), unwrap(Cid.parse(id)).digest)
const listed = async (store: BlockStore) => (await collect(store.query({ tags: ['all'] }))).map(({ block }) => block.id)
const findings = async (store: BlockStore) =>
  (await collect(store.check!())).flatMap(({ finding }) => finding?.field ?? [])

describe.each(storages)('over %s', (_name, make) => {
  async function filled(count = blocks.length) {
    const storage = await make()
    const store = await openBlockStore(storage)
    await store.put(blocks.slice(0, count))
    return { storage, store, before: await store.stats() }
  }

  async function forget(storage: KeyValueStorage, id: string) {
    await damage(storage, await recordKeyOf(storage, id), () => undefined)
    await damage(storage, idKeyOf(id), () => undefined)
  }

  test.each([[150], [300]])(
    'a block of %i that was lost with its id and stored again has one place after a repair',
    async count => {
      const { storage, store, before } = await filled(count)
      await forget(storage, ids[3]!)
      expect(await store.put([blocks[3]!])).toEqual(['added'])
      await collect(store.repair!())
      expect(await findings(store)).toEqual([])
      const log = (await collect(store.log())).filter(({ id }) => id === ids[3])
      expect(log.map(({ state }) => state)).toEqual(['erased', 'held'])
      expect([await listed(store), await store.stats()]).toEqual([ids.slice(0, count), before])
      expect((await membersOf(store)).length).toBe(count)
      await store.close()
    },
  )

  test.each([[150], [300]])('the same of %i when the id of its second place is gone, too', async count => {
    const { storage, store, before } = await filled(count)
    await forget(storage, ids[3]!)
    await store.put([blocks[3]!])
    await damage(storage, idKeyOf(ids[3]!), () => undefined)
    const lost: string[] = []
    store.onChange(change => lost.push(...(change.lost ?? []).map(({ id }) => id)))
    await collect(store.repair!())
    expect([await findings(store), lost]).toEqual([[], []])
    expect([await listed(store), await store.stats()]).toEqual([ids.slice(0, count), before])
    await store.close()
  })

  test('one that was lost with its id, and is nowhere else, is told as lost and mended when it comes', async () => {
    const { storage, store, before } = await filled(150)
    await forget(storage, ids[3]!)
    const lost: string[] = []
    store.onChange(change => lost.push(...(change.lost ?? []).map(({ id }) => id)))
    await collect(store.repair!())
    expect([await findings(store), lost]).toEqual([[], [ids[3]]])
    expect(await store.put([blocks[3]!])).toEqual(['added'])
    expect([await findings(store), await store.stats()]).toEqual([[], before])
    await store.close()
  })

  test('check brings a repair that was cut short to its end, and begins anew with one that comes between', async () => {
    const { store } = await filled()
    for await (const { done } of store.repair!()) if (done > 0) break
    expect(await findings(store)).toEqual([])
    const found: string[] = []
    let repairing: Promise<unknown> | undefined
    for await (const { finding } of store.check!()) {
      if (finding) found.push(finding.field)
      repairing ??= collect(store.repair!())
    }
    await repairing
    expect(found).toEqual([])
    await store.close()
  })

  test('check of a store that is written into tells what is damaged, and nothing else', async () => {
    const { storage, store } = await filled(200)
    let isOver = false
    const writing = async () => {
      for (let i = 200; i < 300; i++) {
        expect(await store.put([blocks[i]!])).toEqual(['added'])
        if (i % 3 === 0) await store.erase([ids[i - 150]!], 'expired')
      }
      isOver = true
    }
    const checking = async () => {
      while (!isOver) expect(await findings(store)).toEqual([])
    }
    await Promise.all([writing(), checking()])
    await damage(storage, await recordKeyOf(storage, ids[3]!), record => record.map((byte, i) => (i === 90 ? 7 : byte)))
    isOver = false
    const erasing = async () => {
      for (const id of ids.slice(10, 40)) await store.erase([id], 'expired')
      isOver = true
    }
    const told = [`blocks.${ids[3]}`, 'log.4', 'ids.4', 'terms', 'indexes', 'totals']
    const telling = async () => {
      while (!isOver) expect(await findings(store)).toEqual(told)
    }
    await Promise.all([erasing(), telling()])
    await store.close()
  })

  test('a reading that waits for a repair ends when its signal fires', async () => {
    const { store } = await filled()
    const readings: ((signal: AbortSignal) => Promise<unknown>)[] = [
      signal => collect(store.query({ signal })),
      signal => store.page({ signal }),
      signal => store.pageIds({ signal }),
      signal => store.count({ signal }),
      signal => collect(store.log({ signal })),
      signal => collect(store.members({ signal })),
      signal => collect(store.check!({ signal })),
    ]
    let isOver = false
    const repair = collect(store.repair!()).then(() => (isOver = true))
    await Promise.resolve()
    for (const read of readings) {
      const stop = new AbortController()
      const reading = expect(read(stop.signal)).rejects.toMatchObject({ code: 'aborted' })
      stop.abort()
      await reading
      expect(isOver).toBe(false)
    }
    await repair
    await store.close()
  })
})

test('where check cannot bring a repair to its end it says why', async () => {
  const storage = memoryStorage()
  await (await openBlockStore(storage)).put(blocks)
  let left = Infinity
  const batch: KeyValueStorage['batch'] = async operations => {
    if (left-- <= 0) throw new CosmicError({ code: 'storage', field: 'disk' })
    await storage.batch(operations)
  }
  const store = await openBlockStore(
    new Proxy(storage, { get: (of, name) => (name === 'batch' ? batch : bound(of, name)) }),
  )
  left = 3
  await expect(collect(store.repair!())).rejects.toMatchObject({ field: 'disk' })
  await expect(collect(store.check!())).rejects.toMatchObject({ code: 'storage', field: 'disk' })
  left = Infinity
  await collect(store.repair!())
  expect(await findings(store)).toEqual([])
})

test('an answer that repairs cross again and again is refused, not short', async () => {
  const storage = memoryStorage()
  let crossing = false
  const store = await openBlockStore(
    new Proxy(storage, { get: (of, name) => (name === 'getMany' ? getMany : bound(of, name)) }),
  )
  async function getMany(keys: readonly Uint8Array[]) {
    // Of the dictionary: the row of a term that is asked for.
    if (crossing && keys[0]?.[0] === 0x64) {
      crossing = false
      await collect(store.repair!())
      crossing = true
    }
    return storage.getMany(keys)
  }
  await store.put(blocks.slice(0, 70))
  expect(await store.count({ tags: ['all'] })).toBe(70)
  crossing = true
  await expect(store.count({ tags: ['all'] })).rejects.toMatchObject({ code: 'storage', field: 'indexes' })
  crossing = false
  expect(await store.count({ tags: ['all'] })).toBe(70)
  await store.close()
})

test('what has the methods of a storage and does not answer as one is refused by name', async () => {
  const real = memoryStorage()
  const dumb = { get() {}, getMany() {}, batch() {}, range() {}, close() {} }
  const deaf = {
    get: async () => undefined,
    getMany: async () => [undefined],
    range: () => real.range(),
    batch: async () => {},
  }
  for (const [storage, code] of [
    [dumb, 'bad-value'],
    [{ ...dumb, get: undefined }, 'bad-type'],
    [{ ...deaf, close: async () => {} }, 'bad-value'],
    [{ ...deaf, get: async () => 'text', close: async () => {} }, 'bad-value'],
    [{ ...deaf, range: () => [], close: async () => {} }, 'bad-value'],
    [{ ...deaf, getMany: async () => [], close: async () => {} }, 'bad-value'],
  ] as const) {
    await expect(openBlockStore(storage as never)).rejects.toMatchObject({ code, field: 'storage' })
  }
})

function bound(of: KeyValueStorage, name: string | symbol): unknown {
  const member = Reflect.get(of, name) as unknown
  return typeof member === 'function' ? (member.bind(of) as unknown) : member
}
