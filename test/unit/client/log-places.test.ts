import { random } from '#platform'
import { describe, expect, test } from 'vitest'
import { LogPlaces } from '../../../src/client/log-places'
import { MOST_REMEMBERED, PeerMemory } from '../../../src/client/peer-memory'
import { SetView } from '../../../src/client/set-view'
import {
  memoryStorage,
  openBlockStore,
  type BlockStore,
  type KeyValueStorage,
  type LogOptions,
} from '../../../src/store/index'
import { SESSION_LIMITS } from '../../../src/sync/index'
import { storedBlock } from '../../tools/stored-block'

async function placesOf(storage: KeyValueStorage) {
  const store = await openBlockStore(storage)
  const seen = await store.position()
  let tells = true
  const view: SetView = new SetView(store, items => tells && places.inserted(items))
  await view.open()
  const reads: unknown[] = []
  const watched = {
    side: store.side,
    position: () => store.position(),
    noticeCursor: store.noticeCursor.bind(store),
    log: (options: LogOptions) => (reads.push(options), store.log(options)),
  }
  const places: LogPlaces = await LogPlaces.open(watched, view.set, random, seen)
  return { store, view, places, reads, silence: () => (tells = false) }
}

async function copyOf(from: KeyValueStorage): Promise<KeyValueStorage> {
  const to = memoryStorage()
  for await (const [key, value] of from.range()) await to.batch([{ type: 'put', key, value }])
  return to
}

let made = 0
async function add(store: BlockStore, count: number): Promise<string[]> {
  const blocks = await Promise.all(Array.from({ length: count }, () => storedBlock({ vector: [1, ++made] })))
  await store.put(blocks)
  return blocks.map(({ block }) => block.id)
}

describe('places of the log', () => {
  test('are brought back, and answered with what came since', async () => {
    const { store, places } = await placesOf(memoryStorage())
    await add(store, 3)
    const place = await places.current('peer')
    expect(await places.replay('peer', place!)).toEqual([])
    const later = await add(store, 4)
    expect((await places.replay('peer', place!))!.map(({ id }) => id)).toEqual(later)
    await store.erase([later[0]!], 'expired')
    expect((await places.replay('peer', place!))!.map(({ id }) => id)).toEqual(later.slice(1))
  })

  test('that are made up, altered, or were told to somebody else leave everything as it is', async () => {
    const { store, places } = await placesOf(memoryStorage())
    await add(store, 3)
    const { epoch } = await store.position()
    const place = (await places.current('peer'))!
    for (let i = 0; i < place.length; i++) {
      const altered = place.slice()
      altered[i]! ^= 1
      expect(await places.replay('peer', altered)).toBeUndefined()
    }
    for (const length of [1, 40, 55, 57, 128]) expect(await places.replay('peer', random.bytes(length))).toBeUndefined()
    expect(await places.replay('other', place)).toBeUndefined()
    expect((await store.position()).epoch).toBe(epoch)
    expect(await places.replay('peer', place)).toEqual([])
  })

  test('show that a store was restored: it begins a new epoch, once', async () => {
    const storage = memoryStorage()
    const before = await placesOf(storage)
    await add(before.store, 3)
    const early = await before.places.current('peer')
    const backup = await copyOf(storage)
    await add(before.store, 2)
    const late = await before.places.current('peer')
    const { store, places } = await placesOf(backup)
    const { epoch } = await store.position()
    expect(await places.replay('peer', early!)).toEqual([])
    expect(await places.replay('peer', late!)).toBeUndefined()
    const renewed = await store.position()
    expect(renewed.epoch).not.toBe(epoch)
    expect(await places.replay('peer', late!)).toBeUndefined()
    expect(await places.replay('peer', early!)).toBeUndefined()
    expect((await store.position()).epoch).toBe(renewed.epoch)
    expect(await places.replay('peer', (await places.current('peer'))!)).toEqual([])
  })

  test('show that a disk was copied and both went on', async () => {
    const storage = memoryStorage()
    const one = await placesOf(storage)
    await add(one.store, 3)
    const two = await placesOf(await copyOf(storage))
    await add(one.store, 1)
    await add(two.store, 1)
    const place = (await one.places.current('peer'))!
    const { epoch } = await two.store.position()
    expect(await two.places.replay('peer', place)).toBeUndefined()
    expect((await two.store.position()).epoch).not.toBe(epoch)
    expect(await one.places.replay('peer', place)).toEqual([])
  })

  test('of a wiped store mean nothing to the one that took its place', async () => {
    const before = await placesOf(memoryStorage())
    await add(before.store, 3)
    const place = (await before.places.current('peer'))!
    const { store, places } = await placesOf(memoryStorage())
    const { epoch } = await store.position()
    expect(await places.replay('peer', place)).toBeUndefined()
    expect((await store.position()).epoch).toBe(epoch)
  })

  test('are told without a look into the log while the set was told of all that it has', async () => {
    const { store, places, reads, silence } = await placesOf(memoryStorage())
    const ids = await add(store, 200)
    await store.erase(ids.slice(0, 3), 'pruned')
    const place = await places.current('peer')
    expect([place?.length, reads.length]).toEqual([56, 0])
    silence()
    await add(store, 2)
    expect(await places.replay('peer', (await places.current('peer'))!)).toEqual([])
    expect(reads[0]).toMatchObject({ after: 200 })
    const read = reads.length
    expect(await places.current('peer')).toBeDefined()
    expect(reads.length).toBe(read)
  })

  test('are not told while the set lags behind the log', async () => {
    const { store, view, places } = await placesOf(memoryStorage())
    await add(store, 3)
    view.close()
    await add(store, 1)
    expect(await places.current('peer')).toBeUndefined()
  })

  test('that lie too far back are left to an audit', async () => {
    const { store, places } = await placesOf(memoryStorage())
    await add(store, 1)
    const place = (await places.current('peer'))!
    const { seq, ...rest } = await store.position()
    const far = { seq: seq + SESSION_LIMITS.replay + 1, ...rest }
    const behind = await LogPlaces.open(
      {
        ...store,
        side: store.side,
        log: store.log.bind(store),
        noticeCursor: async () => 'known' as const,
        position: async () => far,
      },
      {
        size: 0,
        get: () => ({ time: 0, id: new Uint8Array(32) }),
        lowerBound: () => 0,
        fingerprint: () => new Uint8Array(16),
        addIds: () => {},
      },
      random,
      far,
    )
    expect(await behind.replay('peer', place)).toBeUndefined()
  })
})

describe('what is remembered of peers', () => {
  const clock = { time: 1_000_000, now: () => clock.time }
  const parts = (side: KeyValueStorage, terms = new Uint8Array(8)) => ({
    ...{ side, clock, auditMs: 300_000, terms: () => terms },
    onError: (error: unknown) => {
      throw error
    },
  })
  const cursor = Uint8Array.of(1, 2, 3)

  test('survives a restart, with when the last audit was', async () => {
    const side = memoryStorage()
    const memory = await PeerMemory.open(parts(side))
    expect(memory.recall('did:key:a')).toBeUndefined()
    memory.audited('did:key:a')
    memory.remember('did:key:a', cursor)
    memory.remember('did:key:b', cursor)
    await memory.close()
    clock.time += 100_000
    const again = await PeerMemory.open(parts(side))
    expect(again.recall('did:key:a')).toEqual({ cursor, auditIn: 200_000 })
    expect(again.recall('did:key:b')!.auditIn).toBeLessThanOrEqual(0)
    clock.time -= 1_000_000
    expect(again.recall('did:key:a')!.auditIn).toBe(0)
    clock.time += 900_000
  })

  test('is forgotten when this node takes other things than before', async () => {
    const side = memoryStorage()
    const memory = await PeerMemory.open(parts(side))
    memory.remember('did:key:a', cursor)
    await memory.close()
    const other = await PeerMemory.open(parts(side, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)))
    expect(other.recall('did:key:a')).toBeUndefined()
  })

  test('is bounded: who was heard of longest ago is forgotten first', async () => {
    const side = memoryStorage()
    const memory = await PeerMemory.open(parts(side))
    for (let i = 0; i <= MOST_REMEMBERED; i++) memory.remember(`did:key:${i}`, cursor)
    await memory.close()
    for (const each of [memory, await PeerMemory.open(parts(side))]) {
      expect(each.recall('did:key:0')).toBeUndefined()
      expect(each.recall('did:key:1')).toBeDefined()
      expect(each.recall(`did:key:${MOST_REMEMBERED}`)).toBeDefined()
    }
  })
})
