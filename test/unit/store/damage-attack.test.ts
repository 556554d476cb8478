import { describe, expect, test, vi } from 'vitest'
import { CosmicError, toHex } from '../../../src/base/index'
import {
  type BlockStore,
  type KeyValueStorage,
  memoryStorage,
  openBlockStore,
  type StoredBlock,
} from '../../../src/store/index'
import { UNKNOWN_ID } from '../../../src/testing/sample-blocks'
import { membersOf, retractionOf } from '../../../src/testing/store-erasing'
import { collect } from '../../../src/testing/suite-tools'
import { storedBlock } from '../../tools/stored-block'

type Entry = readonly [key: Uint8Array, value: Uint8Array]

const idOf = ({ block }: StoredBlock) => block.id
const flip = (bytes: Uint8Array, at: number, bit = 1) => bytes.map((byte, i) => (i === at ? byte ^ bit : byte))
const TAGS = ['all', '0', '1', '2']

async function copyOf(entries: readonly Entry[]): Promise<KeyValueStorage> {
  const storage = memoryStorage()
  await storage.batch(entries.map(([key, value]) => ({ type: 'put', key, value })))
  return storage
}

/** A store with something of everything, and what is done to it next. */
async function scene() {
  const storage = memoryStorage()
  const store = await openBlockStore(storage)
  const blocks = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      storedBlock({ text: `${i}`, time: 1000 + i, tags: ['all', `${i % 3}`], ...(i === 9 && { admitted: false }) }),
    ),
  )
  await store.put(blocks)
  const ids = blocks.map(idOf)
  const retractions = await Promise.all([
    retractionOf(ids[0]!, 0),
    retractionOf(UNKNOWN_ID, 0),
    retractionOf(ids[3]!, 2),
  ])
  await store.put(retractions)
  await store.erase([ids[1]!], 'pruned')
  await store.erase([ids[2]!], 'expired')
  const held = [...blocks.slice(3), ...retractions]
  const next = await retractionOf(ids[4]!, 0)
  return { entries: await collect(storage.range()), blocks, ids, held, next }
}

type Scene = Awaited<ReturnType<typeof scene>>
let made: Promise<Scene> | undefined
/** What the whole store answers, before and after work. */
let truth: Awaited<ReturnType<typeof answers>> | undefined
let worked: typeof truth

/** All that can be asked of a store, epochs aside. */
async function answers(store: BlockStore, { ids, held }: Scene) {
  const all = [...new Set([...ids, ...held.map(idOf)])]
  const list = async (tags: string[], admittedOnly: boolean) =>
    (await collect(store.query({ tags, admittedOnly, reverse: admittedOnly }))).map(idOf)
  return {
    stats: await store.stats(),
    members: (await membersOf(store)).sort(),
    log: await latestOf(store),
    lists: await Promise.all(TAGS.flatMap(tag => [list([tag], true), list([tag, 'all'], false)])),
    page: (await store.pageIds({ admittedOnly: false })).items,
    kinds: await store.terms('kind'),
    authors: await store.terms('author'),
    tags: await store.terms('tag'),
    counts: await Promise.all(TAGS.map(tag => store.count({ tags: [tag], admittedOnly: false }))),
    about: (await collect(store.query({ about: ids[3]!, admittedOnly: false }))).map(idOf),
    has: await store.has(all),
    got: (await store.getMany(all)).map(stored => stored?.block.id),
  }
}

/** The last line of each block: what was mended has a later one than before. */
async function latestOf(store: BlockStore): Promise<string[]> {
  const latest = new Map((await collect(store.log())).map(({ id, state }) => [id, state]))
  return [...latest].map(line => line.join(' ')).sort()
}

const findingsOf = async (store: BlockStore) =>
  (await collect(store.check!())).flatMap(({ finding }) => finding?.field ?? [])

/** What a step answers, or the code of its typed error. */
async function tried<T>(step: () => Promise<T>): Promise<T | 'refused'> {
  try {
    return await step()
  } catch (error) {
    if (!(error instanceof CosmicError)) throw error
    expect(error.code).toBe('storage')
    return 'refused'
  }
}

/** The stub of what was pruned is nowhere else: it is lost, until the block comes again. */
const isStub = ([key]: Entry) => toHex(key) === '79000000000002'

const damages: readonly [string, (entry: Entry) => Entry | undefined][] = [
  ['a flipped bit in the value', ([key, value]) => [key, flip(value, value.length >> 1, 16)]],
  ['no key', () => undefined],
  ['a flipped bit at the end of the key', ([key, value]) => [flip(key, key.length - 1, 1), value]],
  ['a flipped bit in the space of the key', ([key, value]) => [flip(key, 0, 1), value]],
]

describe.each(damages)('%s, at every entry of a store', (_name, change) => {
  async function* cases() {
    const all = await (made ??= scene())
    for (const [at, entry] of all.entries.entries()) {
      const space = String.fromCharCode(entry[0][0]!)
      const changed = change(entry)
      const entries = all.entries.flatMap((each, i) => (i !== at ? [each] : changed ? [changed] : []))
      if (space !== 'f') yield { all, space, name: `${space} ${toHex(entry[0])}`, entries, entry }
    }
  }

  test('answers are right or told to be damaged, and a repair makes all as it was', async () => {
    const wrong: unknown[] = []
    for await (const { all, name, entries, entry } of cases()) {
      truth ??= await answers(await openBlockStore(await copyOf(all.entries)), all)
      const storage = await copyOf(entries)
      const told: unknown[] = []
      const store = await openBlockStore(storage, { onDamage: ({ field }) => told.push(field) })
      const before = await tried(() => answers(store, all))
      const findings = await findingsOf(store)
      const isRight = JSON.stringify(before) === JSON.stringify(truth)
      if (!isRight && told.length === 0) wrong.push(`silent: ${name}`)
      // The state is counted anew when the store is opened.
      if (!isRight && findings.length === 0 && told.length === 0) wrong.push(`not found: ${name}`)
      if (findings.length > 8) wrong.push(`${findings.join()}: ${name}`)
      await collect(store.repair!())
      await store.put(all.held)
      const after = await answers(store, all)
      const left = await findingsOf(store)
      if (left.length > 0) wrong.push(`${left.join()} left: ${name}`)
      expect([name, isStub(entry) || after]).toEqual([name, isStub(entry) || truth])
    }
    expect(wrong).toEqual([])
  })

  test('writes neither double anything nor bring back what is withdrawn', async () => {
    const wrong: unknown[] = []
    const work = async (store: BlockStore, all: Scene) => {
      await store.put(all.blocks.slice(3))
      await store.put([all.next])
      await store.erase([all.ids[5]!], 'pruned')
      await store.put(all.held)
    }
    for await (const { all, name, entries, entry } of cases()) {
      if (worked === undefined) {
        const whole = await openBlockStore(await copyOf(all.entries))
        await work(whole, all)
        worked = await answers(whole, all)
      }
      const storage = await copyOf(entries)
      const told: unknown[] = []
      const store = await openBlockStore(storage, { onDamage: ({ field }) => told.push(field) })
      await work(store, all)
      const isRight = async () => {
        const lists = (await collect(store.query({ admittedOnly: false }))).map(idOf)
        const isBack = lists.some(id => id === all.ids[0] || id === all.ids[4])
        return !isBack && new Set(lists).size === lists.length
      }
      if (!(await isRight())) {
        await vi.waitFor(() => expect([name, told]).not.toEqual([name, []]))
        // Behind what makes indexes anew.
        await store.judge([])
        if (!(await isRight())) wrong.push(`double or back: ${name}`)
      }
      await collect(store.repair!())
      await work(store, all)
      const left = await findingsOf(store)
      if (left.length > 0) wrong.push(`${left.join()} left: ${name}`)
      const { log: _, ...after } = await answers(store, all)
      const { log: __, ...expected } = worked
      expect([name, isStub(entry) || after]).toEqual([name, isStub(entry) || expected])
    }
    expect(wrong).toEqual([])
  })
})
