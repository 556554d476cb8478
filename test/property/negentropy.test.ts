import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unwrap } from '../../src/base/index'
import {
  initiate,
  respond,
  proceed,
  ItemTree,
  type NegentropyOptions,
  type ReconcileStep,
  type SetItem,
} from '../../src/sync/index'

const key = (id: Uint8Array) => Buffer.from(id).toString('hex')
const keys = (ids: Iterable<Uint8Array>) => [...new Set([...ids].map(key))].sort()

/** Times collide often, and ids share long prefixes, so that bounds need every length of prefix. */
const item: fc.Arbitrary<SetItem> = fc
  .record({
    time: fc.oneof(
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_004 }),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 2n }),
    ),
    shared: fc.integer({ min: 0, max: 31 }),
    id: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  })
  .map(({ time, shared, id }) => ({ time, id: id.map((byte, i) => (i < shared ? 0 : byte)) }))

/** A few awkward items and many plain ones, these made from a seed: fast-check would spend its time on shrinking arrays of them. */
const items = fc
  .tuple(fc.array(item, { maxLength: 40 }), fc.integer({ min: 0, max: 300 }), fc.integer())
  .map(([some, more, seed]) => [...some, ...bulk(more, seed)])

function bulk(count: number, seed: number): SetItem[] {
  let state = seed >>> 0
  const next = () => (state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0)
  const id = () => Uint8Array.from({ length: 32 }, () => next() >>> 24)
  return Array.from({ length: count }, () => ({ time: next() % 50, id: id() }))
}

function setOf(members: readonly SetItem[]): ItemTree {
  const set = new ItemTree()
  for (const member of members) set.insert(member)
  return set
}

/** An id is the digest of a payload that holds its time, so one id never comes with two: the first one given counts. */
function timesOf(members: readonly SetItem[]): (member: SetItem) => SetItem {
  const times = new Map<string, SetItem['time']>()
  for (const { id, time } of members) if (!times.has(key(id))) times.set(key(id), time)
  return ({ id }) => ({ id, time: times.get(key(id))! })
}

function reconcile(mine: ItemTree, theirs: ItemTree, options: NegentropyOptions, cuts: readonly number[]) {
  const have: Uint8Array[] = []
  const need: Uint8Array[] = []
  let message: Uint8Array | undefined = initiate(mine, cuts)
  let rounds = 0
  while (message !== undefined) {
    expect(message.length).toBeLessThanOrEqual(options.limits!.bytes)
    expect(++rounds).toBeLessThan(200)
    const answer: Uint8Array = unwrap(respond(theirs, message, options))
    expect(answer.length).toBeLessThanOrEqual(options.limits!.bytes)
    const result: ReconcileStep = unwrap(proceed(mine, answer, options))
    expect(result.have.length).toBeLessThanOrEqual(options.maxHave!)
    have.push(...result.have.map(member => member.id))
    need.push(...result.need)
    message = result.reply
  }
  return { have: keys(have), need: keys(need) }
}

describe('Negentropy', () => {
  test('two random sets always converge to the exact difference within the limits of a message', () => {
    const limits = fc.record({ bytes: fc.constantFrom(4096, 8192, 60_000), ranges: fc.constantFrom(64, 256) })
    const scene = fc.tuple(
      items,
      items,
      items,
      limits,
      fc.constantFrom(20, 4096),
      fc.array(fc.nat(), { maxLength: 16 }),
    )
    fc.assert(
      fc.property(scene, ([common, onlyMine, onlyTheirs, limits, maxHave, cutSeeds]) => {
        const timed = timesOf([...common, ...onlyMine, ...onlyTheirs])
        const mine = setOf([...common, ...onlyMine].map(timed))
        const theirs = setOf([...common, ...onlyTheirs].map(timed))
        const cuts =
          mine.size < 2 ? [] : [...new Set(cutSeeds.map(n => 1 + (n % (mine.size - 1))))].sort((a, b) => a - b)
        const result = reconcile(mine, theirs, { limits, maxHave }, cuts)
        const difference = (a: ItemTree, b: ItemTree) =>
          keys(
            Array.from({ length: a.size }, (_, i) => a.get(i))
              .filter(member => !b.has(member))
              .map(member => member.id),
          )
        expect(result).toEqual({ have: difference(mine, theirs), need: difference(theirs, mine) })
      }),
      { numRuns: 60, endOnFailure: true },
    )
  })

  test('mutated messages are answered or refused, never thrown on', () => {
    const set = setOf(bulk(300, 1))
    const other = setOf(bulk(280, 2))
    const good = [initiate(set), unwrap(respond(other, initiate(set))), unwrap(respond(setOf([]), initiate(setOf([]))))]
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'insert')), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(fc.constantFrom(...good), edits, (message, edits) => {
        let bytes = [...message]
        for (const [at, value, how] of edits) {
          const index = at % (bytes.length + 1)
          if (how === 'cut') bytes = bytes.slice(0, index)
          else bytes.splice(index, how === 'set' ? 1 : 0, value)
        }
        const mutant = Uint8Array.from(bytes)
        for (const answer of [respond(set, mutant), proceed(set, mutant)]) expect(typeof answer.ok).toBe('boolean')
      }),
      { numRuns: 1500 },
    )
  })
})
