import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { type CosmicError, concat, fromBase64url, utf8 } from '../../../src/base/index'
import { type KeyValueStorage, memoryStorage, openBlockStore } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { damage } from '../../tools/store-keys'

interface Fixture {
  readonly stats: { readonly blocks: number; readonly admitted: number; readonly bytes: number }
  readonly log: readonly { readonly id: string; readonly time: number }[]
  readonly judgements: readonly { readonly id: string; readonly admitted: boolean; readonly code?: string }[]
  readonly deferred: { readonly id: string }
  readonly entries: readonly (readonly [string, string])[]
}

let fixture: Fixture
beforeAll(async () => {
  fixture = JSON.parse(await readFile(new URL('fixtures/format-1.json', import.meta.url), 'utf8')) as Fixture
})

/** The store of format 1, in memory. */
async function written(): Promise<KeyValueStorage> {
  const storage = memoryStorage()
  const put = ([key, value]: readonly [string, string]) =>
    ({ type: 'put', key: fromBase64url(key)!, value: fromBase64url(value)! }) as const
  await storage.batch(fixture.entries.map(put))
  return storage
}

async function expectCarriedOver(storage: KeyValueStorage): Promise<void> {
  const store = await openBlockStore(storage)
  expect(await store.stats()).toEqual({ ...fixture.stats, pruned: 0, floor: 0 })
  expect(await collect(store.log())).toEqual(
    fixture.log.map(({ id, time }, i) => ({ seq: i + 1, id, time, state: 'held' })),
  )
  const held = await store.getMany(fixture.judgements.map(({ id }) => id))
  expect(held.map(stored => ({ id: stored!.block.id, admitted: stored!.admitted, ...codeOf(stored!) }))).toEqual(
    fixture.judgements,
  )
  expect((await collect(store.query({ tags: ['all', 'odd'], admittedOnly: false }))).length).toBe(8)
  expect((await store.terms('kind')).map(({ term, blocks }) => [term, blocks])).toEqual([
    ['embedding', 18],
    ['inclusion', 2],
    ['keywrap', 2],
    ['later', 1],
    ['witness', 1],
  ])
  expect((await collect(store.query({ linksTo: fixture.log[0]!.id }))).length).toBe(1)
  expect((await collect(store.side.range())).map(([key]) => key)).toEqual([
    concat(utf8('q'), new Uint8Array([0, 0, 0, 0, 0, 0x7a, 0x12, 0]), utf8(fixture.deferred.id)),
  ])
  const spaces = new Set((await collect(storage.range())).map(([key]) => String.fromCharCode(key[0]!)))
  expect([...spaces].join('')).toBe('definxyz')
}

const codeOf = ({ code }: { readonly code?: string }) => (code === undefined ? {} : { code })

describe('a store of format 1', () => {
  test('is carried over when it is opened, whole', async () => {
    const storage = await written()
    await expectCarriedOver(storage)
    await expectCarriedOver(storage)
  })

  test('is carried over whole when the process ends after any of its batches', async () => {
    for (let batches = 0, ended = false; !ended; batches++) {
      const storage = await written()
      let left = batches
      const cut: KeyValueStorage = {
        ...bound(storage),
        batch: async operations => {
          if (left-- <= 0) throw new Error('killed')
          await storage.batch(operations)
        },
      }
      ended = await openBlockStore(cut).then(
        () => true,
        () => false,
      )
      await expectCarriedOver(storage)
    }
  })

  test('keeps what is whole when some of it is damaged, and tells of the rest', async () => {
    const storage = await written()
    const [first, second] = [fixture.log[0]!, fixture.log[1]!]
    await damage(storage, utf8(`b${first.id}`), record => record.slice(0, -1))
    await damage(storage, concat(utf8('l'), new Uint8Array([0, 0, 0, 0, 0, 0, 0, 2])), () => new Uint8Array(3))
    const damages: (string | undefined)[] = []
    const store = await openBlockStore(storage, { onDamage: ({ field }: CosmicError) => damages.push(field) })
    expect(damages).toEqual([`blocks.${first.id}`])
    expect(await store.stats()).toMatchObject({ blocks: fixture.stats.blocks - 1 })
    const log = await collect(store.log())
    expect(log.filter(({ state }) => state === 'lost').map(({ id }) => id)).toEqual([first.id])
    expect([log.at(-1)!.id, log.length]).toEqual([second.id, fixture.log.length])
    await expect(store.get(first.id)).rejects.toMatchObject({ code: 'storage', field: `blocks.${first.id}` })
    expect(await store.has([first.id, second.id])).toEqual([false, true])
  })
})

/** A storage's own methods, to be spread. */
function bound(storage: KeyValueStorage): KeyValueStorage {
  return {
    get: storage.get.bind(storage),
    getMany: storage.getMany.bind(storage),
    batch: storage.batch.bind(storage),
    range: storage.range.bind(storage),
    close: storage.close.bind(storage),
  }
}
