import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lmdbStorage } from '../../../src/adapters/storage/lmdb'
import { BlockCache } from '../../../src/store/block-cache'
import { type BlockStore, type KeyValueStorage, memoryStorage, openBlockStore } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { seeded } from '../../long/mutate'
import { storedBlock } from '../../tools/stored-block'

const root = await mkdtemp(join(tmpdir(), 'cosmic-cache.'))
afterAll(() => rm(root, { recursive: true, force: true }))

const blocks = await Promise.all(
  Array.from({ length: 24 }, (_, i) => storedBlock({ text: `${i}`.repeat(1 + i * 20), time: 1000 + i })),
)
const ids = blocks.map(({ block }) => block.id)
/** As the cache counts them. */
const sizes = blocks.map(({ block }) => block.bytes.length + 1_024)

describe('the cache of decoded blocks', () => {
  test('holds what was read last within its bytes, whatever is read, erased and cleared', () => {
    const draw = seeded(5)
    const bound = 9_000
    const cache = new BlockCache(bound)
    let model: number[] = []
    for (let turn = 0; turn < 20_000; turn++) {
      const n = draw(blocks.length)
      const deed = draw(1_000)
      const others = model.filter(each => each !== n)
      if (deed < 500) {
        cache.set(blocks[n]!, cache.version)
        if (!model.includes(n)) model.push(n)
        while (bytesOf(model) > bound) model.shift()
      } else if (deed < 940) {
        expect(cache.get(ids[n]!)).toBe(model.includes(n) ? blocks[n] : undefined)
        if (model.includes(n)) model = [...others, n]
      } else if (deed < 999) {
        cache.delete([ids[n]!, 'none'])
        model = others
      } else {
        cache.clear()
        model = []
      }
      expect(cache.bytes).toBe(bytesOf(model))
    }
  })

  test('takes nothing that is larger than its bound, and nothing that was read before an erasure', () => {
    const small = new BlockCache(sizes[0]! - 1)
    small.set(blocks[0]!, small.version)
    expect([small.bytes, small.get(ids[0]!)]).toEqual([0, undefined])
    const cache = new BlockCache(1 << 20)
    const { version } = cache
    cache.delete([ids[1]!])
    cache.set(blocks[0]!, version)
    expect([cache.bytes, cache.get(ids[0]!)]).toEqual([0, undefined])
  })
})

const bytesOf = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + sizes[n]!, 0)

describe.each(['memory', 'lmdb'] as const)('a store on %s', name => {
  test('reads a block from its storage once, while its bytes are within the bound', async () => {
    const { store, reads } = await openWatched(name, { cacheBytes: bytesOf([0, 1, 2]) })
    await store.put(blocks)
    const read = async (...numbers: number[]) => {
      const before = reads()
      for (const n of numbers) expect(await store.get(ids[n]!)).toEqual(blocks[n])
      return reads() - before
    }
    expect(await read(0, 0, 1, 1, 2, 0, 1, 2)).toBe(3)
    expect(await read(3)).toBe(1)
    expect(await read(2, 3)).toBe(0)
    expect(await read(0)).toBe(1)
    await store.close()
  })

  test('with no bytes for it reads every time', async () => {
    const { store, reads } = await openWatched(name, { cacheBytes: 0 })
    await store.put(blocks)
    for (let turn = 0; turn < 3; turn++) await store.get(ids[0]!)
    expect(reads()).toBe(3)
    await store.close()
  })

  test('that erases and judges while blocks are read does not remember them as they were', async () => {
    const { store, hold } = await openWatched(name)
    await store.put(blocks)
    const { reached, release } = hold(4)
    const reading = [store.get(ids[0]!), store.get(ids[1]!), store.getMany(ids.slice(2, 4)), collect(store.query())]
    await reached
    await store.erase([ids[0]!, ids[2]!], 'expired')
    await store.judge([ids[1]!, ids[3]!].map(id => ({ id, admitted: false })))
    release()
    await Promise.all(reading)
    expect(await store.getMany([ids[0]!, ids[2]!])).toEqual([undefined, undefined])
    for (const n of [1, 3]) expect(await store.get(ids[n]!)).toEqual({ block: blocks[n]!.block, admitted: false })
    const found = (await collect(store.query())).map(({ block }) => block.id)
    expect(found).toEqual(ids.slice(4))
    await store.close()
  })
})

let count = 0

/** A store that tells how many records were read, and whose next readings of records can be held back. */
async function openWatched(name: 'memory' | 'lmdb', options: { cacheBytes?: number } = {}) {
  const storage = name === 'memory' ? memoryStorage() : await lmdbStorage(join(root, `${++count}`))
  let records = 0
  let gate: Promise<void> | undefined
  let arrived = () => {}
  const isRecord = (key: Uint8Array) => key[0] === 'y'.charCodeAt(0)
  const watched: KeyValueStorage = {
    get: async (key, call) => (await watched.getMany([key], call))[0],
    async getMany(keys, call) {
      const values = await storage.getMany(keys, call)
      const held = keys.filter(isRecord).length
      records += held
      const waitFor = held > 0 ? gate : undefined
      if (waitFor) arrived()
      await waitFor
      return values
    },
    batch: (operations, call) => storage.batch(operations, call),
    range: call => storage.range(call),
    close: () => storage.close(),
  }
  /** Holds back the next `readers`; writers read records, too, and come after them. */
  const hold = (readers: number) => {
    let release = () => {}
    const reached = new Promise<void>(resolve => {
      arrived = () => {
        if (--readers > 0) return
        gate = undefined
        resolve()
      }
    })
    gate = new Promise(resolve => (release = resolve))
    return { reached, release }
  }
  const store: BlockStore = await openBlockStore(watched, options)
  return { store, reads: () => records, hold }
}
