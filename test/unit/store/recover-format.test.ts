import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lmdbStorage } from '../../../src/adapters/storage/lmdb'
import { fromBase64url, utf8 } from '../../../src/base/index'
import { type BlockStore, type KeyValueStorage, memoryStorage, openBlockStore } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { damage } from '../../tools/store-keys'
import { storedBlock } from '../../tools/stored-block'

const root = await mkdtemp(join(tmpdir(), 'cosmic-recover.'))
afterAll(() => rm(root, { recursive: true, force: true }))

let next = 0
const storages: [string, () => Promise<KeyValueStorage>][] = [
  ['memory', async () => memoryStorage()],
  ['LMDB', () => lmdbStorage(join(root, `${next++}`))],
]
const blocks = await Promise.all(
  Array.from({ length: 80 }, (_, i) => storedBlock({ text: `${i}`, time: 1000 + i, tags: ['all'] })),
)
const format = utf8('f')
const flipped = (bit: number) => (value: Uint8Array) =>
  value.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
const ids = async (store: BlockStore) => (await collect(store.query({ tags: ['all'] }))).map(({ block }) => block.id)

describe.each(storages)('over %s', (_name, make) => {
  async function filled() {
    const storage = await make()
    const store = await openBlockStore(storage)
    await store.put(blocks)
    await store.raiseFloor(500)
    await store.side.batch([{ type: 'put', key: utf8('mine'), value: utf8('kept') }])
    return { storage, before: [await ids(store), await store.stats()] }
  }

  const damages: [string, ((value: Uint8Array) => Uint8Array) | undefined][] = [
    ['gone', undefined],
    ['empty', () => new Uint8Array(0)],
    ...[0, 77, 192].map((bit): [string, (value: Uint8Array) => Uint8Array] => [`flipped at bit ${bit}`, flipped(bit)]),
  ]

  test.each(damages)(
    'a format value that is %s keeps a store shut until it is asked to recover',
    async (_how, change) => {
      const { storage, before } = await filled()
      await damage(storage, format, value => change?.(value))
      await expect(openBlockStore(storage)).rejects.toMatchObject({ code: 'storage', field: 'format' })
      const told: (string | undefined)[] = []
      const store = await openBlockStore(storage, { recover: true, onDamage: ({ field }) => told.push(field) })
      expect([await ids(store), await store.stats()]).toEqual(before)
      expect(await store.side.get(utf8('mine'))).toEqual(utf8('kept'))
      expect((await collect(store.check!())).flatMap(({ finding }) => finding ?? [])).toEqual([])
      expect(told).toEqual(['format'])
      const again = await openBlockStore(storage, { recover: true, onDamage: ({ field }) => told.push(field) })
      expect([await ids(again), told]).toEqual([before[0], ['format']])
      await store.close()
    },
  )

  test('the same where the totals are gone, too', async () => {
    const { storage, before } = await filled()
    await damage(storage, format, () => undefined)
    await damage(storage, utf8('e'), () => undefined)
    const store = await openBlockStore(storage, { recover: true })
    expect(await ids(store)).toEqual(before[0])
    await store.close()
  })

  test('what is of somebody else stays refused and untouched, and an empty storage is claimed', async () => {
    const storage = await make()
    const entries = ['b1', 'e', 'f', 'y1234567', 'z123456'].map(
      name => [utf8(name), utf8(`${name} of another`)] as const,
    )
    await storage.batch(entries.map(([key, value]) => ({ type: 'put', key, value })))
    await expect(openBlockStore(storage, { recover: true })).rejects.toMatchObject({ code: 'storage', field: 'format' })
    await storage.batch([{ type: 'delete', key: format }])
    await expect(openBlockStore(storage, { recover: true })).rejects.toMatchObject({ code: 'storage', field: 'format' })
    expect(await collect(storage.range())).toEqual(entries.filter(([key]) => key.length !== 1 || key[0] !== format[0]))
    await storage.close()
    const store = await openBlockStore(await make(), { recover: true })
    expect(await store.put(blocks.slice(0, 1))).toEqual(['added'])
    await store.close()
  })

  test('a store of format 1 is carried over', async () => {
    const storage = await make()
    const text = await readFile(new URL('fixtures/format-1.json', import.meta.url), 'utf8')
    const { entries } = JSON.parse(text) as { entries: [string, string][] }
    const open = async () => {
      await storage.batch(
        entries.map(([key, value]) => ({ type: 'put', key: fromBase64url(key)!, value: fromBase64url(value)! })),
      )
    }
    await open()
    await damage(storage, format, () => undefined)
    await expect(openBlockStore(storage)).rejects.toMatchObject({ code: 'storage', field: 'format' })
    const store = await openBlockStore(storage, { recover: true })
    expect((await store.stats()).blocks).toBeGreaterThan(0)
    expect((await collect(store.check!())).flatMap(({ finding }) => finding ?? [])).toEqual([])
    await store.close()
  })
})
