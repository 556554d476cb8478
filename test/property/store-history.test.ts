import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import {
  type BlockStore,
  type KeyValueStorage,
  memoryStorage,
  openBlockStore,
  type StoredBlock,
} from '../../src/store/index'
import { byTime } from '../../src/testing/sample-blocks'
import { retractionOf } from '../../src/testing/store-erasing'
import { collect } from '../../src/testing/suite-tools'
import { storedBlock } from '../tools/stored-block'

/**
 * Invariants of a store, whatever happens to it:
 * (1) it holds what a plain model of the rules says, judged as it says; (2) lists, pages and counts are those of a filter
 * over what is held; (3) `check` finds nothing: ids, log, postings and counts are those of a rebuild, and the chain is
 * right; (4) opened again, it says the same, and a repair changes nothing but the epoch; (5) the log keeps every arrival,
 * and its states are those of the model; (6) the members are what is held, and the stubs.
 */

const SIZE = 40
let pool: StoredBlock[] = []
let retractions: StoredBlock[] = []

beforeAll(async () => {
  const fields = Array.from({ length: SIZE }, (_, i) => ({
    ...{ text: `${i}`, time: 100 + ((i * 31) % 17), author: 1 + (i % 2), admitted: i % 5 !== 0 },
    tags: ['red', 'green'].filter((_tag, bit) => (i >> bit) & 1),
  }))
  pool = await Promise.all(fields.map(storedBlock))
  // Two in three by the author of the block.
  retractions = await Promise.all(
    pool.map(({ block }, i) => retractionOf(block.id, (i + (i % 3 === 0 ? 1 : 0)) % 2, 110)),
  )
})

type Step =
  | { readonly do: 'put'; readonly picks: readonly number[] }
  | { readonly do: 'judge' | 'expire' | 'prune'; readonly picks: readonly number[] }
  | { readonly do: 'floor'; readonly time: number }
  | { readonly do: 'reopen' | 'repair' }

const picks = fc.array(fc.nat(2 * SIZE - 1), { maxLength: 25 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), picks }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('judge' as const, 'expire' as const, 'prune' as const), picks }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('floor' as const), time: fc.integer({ min: 98, max: 112 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('reopen' as const, 'repair' as const) }) },
)

/** The rules, in the plainest form. */
class Model {
  readonly held = new Map<string, StoredBlock>()
  readonly stubs = new Map<string, StoredBlock>()
  floor = 0
  arrivals = 0

  put(blocks: readonly StoredBlock[]): void {
    for (const stored of blocks.filter(isRetraction)) this.#add(stored)
    for (const stored of blocks.filter(each => !isRetraction(each))) {
      if (!this.#isRetracted(stored) || this.held.has(stored.block.id)) this.#add(stored)
    }
    for (const map of [this.held, this.stubs]) {
      for (const [id, stored] of map) if (this.#isRetracted(stored)) map.delete(id)
    }
  }

  #add(stored: StoredBlock): void {
    const { id, time } = stored.block
    if (this.held.has(id) || this.stubs.has(id) || (time < this.floor && !isRetraction(stored))) return
    this.held.set(id, stored)
    this.arrivals++
  }

  #isRetracted({ block }: StoredBlock): boolean {
    if (block.kind === 'retraction') return false
    const by = [...this.held.values()].map(each => each.block)
    return by.some(
      each =>
        !each.opaque &&
        each.kind === 'retraction' &&
        each.retraction.block === block.id &&
        each.author === block.author,
    )
  }

  erase(stored: StoredBlock, prunes: boolean): void {
    const { id } = stored.block
    if (isRetraction(stored)) return
    const held = this.held.get(id)
    if (held && prunes) this.stubs.set(id, held)
    if (!prunes) this.stubs.delete(id)
    this.held.delete(id)
  }

  raise(floor: number): void {
    this.floor = Math.max(this.floor, floor)
    for (const map of [this.held, this.stubs]) {
      for (const [id, { block }] of map) if (block.time < this.floor) map.delete(id)
    }
  }
}

const isRetraction = ({ block }: StoredBlock) => block.kind === 'retraction'
const pick = (index: number) => (index < SIZE ? pool[index]! : retractions[index - SIZE]!)

async function drop(store: BlockStore, floor: number): Promise<void> {
  await store.raiseFloor(floor)
  while ((await store.dropBelow((await store.stats()).floor, 7)) > 0);
}

async function apply(storage: KeyValueStorage, store: BlockStore, model: Model, taken: Step): Promise<BlockStore> {
  const blocks = 'picks' in taken ? taken.picks.map(pick) : []
  const ids = blocks.map(({ block }) => block.id)
  if (taken.do === 'put') {
    await store.put(blocks)
    model.put(blocks)
  } else if (taken.do === 'judge') {
    await store.judge(
      ids.map((id, i) => ({ id, admitted: i % 2 === 0, ...(i % 2 === 1 && { code: 'limit' as const }) })),
    )
    for (const [i, id] of ids.entries()) {
      const held = model.held.get(id)
      if (held)
        model.held.set(id, { block: held.block, admitted: i % 2 === 0, ...(i % 2 === 1 && { code: 'limit' as const }) })
    }
  } else if (taken.do === 'floor') {
    await drop(store, taken.time)
    model.raise(taken.time)
  } else if (taken.do === 'expire' || taken.do === 'prune') {
    await store.erase(ids, taken.do === 'prune' ? 'pruned' : 'expired')
    for (const block of blocks) model.erase(block, taken.do === 'prune')
  } else if (taken.do === 'repair') await collect(store.repair!())
  else return openBlockStore(storage)
  return store
}

async function expectInvariants(store: BlockStore, model: Model): Promise<void> {
  const held = [...model.held.values()].sort(byTime)
  expect(await collect(store.query({ admittedOnly: false }))).toEqual(held)
  for (const query of [
    {},
    { tags: ['red'] },
    { tags: ['red', 'green'], reverse: true },
    { since: 103, until: 111, kind: 'embedding' },
  ]) {
    const found = held.filter(({ block, admitted }) => {
      const {
        tags = [],
        since = 0,
        until = Infinity,
        kind = block.kind,
      } = query as { tags?: string[]; since?: number; until?: number; kind?: string }
      const own = (!block.opaque && block.tags) || []
      return (
        admitted &&
        tags.every(tag => own.includes(tag)) &&
        block.time >= since &&
        block.time < until &&
        block.kind === kind
      )
    })
    const ids = found.map(({ block }) => block.id)
    expect((await store.pageIds({ ...query, limit: 1000 })).items).toEqual('reverse' in query ? ids.toReversed() : ids)
    expect(await store.count(query)).toBe(found.length)
  }
  const bytes = held.reduce((sum, { block }) => sum + block.bytes.length, 0)
  const admitted = held.filter(each => each.admitted).length
  expect(await store.stats()).toEqual({
    blocks: held.length,
    admitted,
    bytes,
    pruned: model.stubs.size,
    floor: model.floor,
  })
  const log = await collect(store.log())
  expect(log.length).toBe(model.arrivals)
  expect(
    log
      .filter(({ state }) => state === 'held')
      .map(({ id }) => id)
      .sort(),
  ).toEqual([...model.held.keys()].sort())
  const members = (await collect(store.members())).flat().map(({ id }) => id)
  expect(members.sort()).toEqual([...model.held.keys(), ...model.stubs.keys()].sort())
  const findings = (await collect(store.check!())).flatMap(({ finding }) => finding ?? [])
  expect(findings).toEqual([])
}

test('invariants 1 to 6 hold after any history', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async steps => {
      const storage = memoryStorage()
      const model = new Model()
      let store = await openBlockStore(storage)
      for (const taken of steps) store = await apply(storage, store, model, taken)
      await expectInvariants(store, model)
      await expectInvariants(await openBlockStore(storage), model)
      const before = await store.position()
      await collect(store.repair!())
      const after = await store.position()
      expect([after.seq, after.chain]).toEqual([before.seq, before.chain])
      await expectInvariants(store, model)
    }),
    { numRuns: 60 },
  )
})
