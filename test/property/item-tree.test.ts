import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ItemTree, type SetItem, type Timestamp } from '../../src/sync/index'
import { compareBounds } from '../../src/sync/negentropy/bound'
import { encodeVarint } from '../../src/sync/negentropy/varint'
import { seeded, type Draw } from '../long/mutate'

/** What an `ItemTree` is: a sorted array. */
class Model {
  readonly items: SetItem[] = []

  index(bound: SetItem): number {
    const found = this.items.findIndex(item => compareBounds(item, bound) >= 0)
    return found === -1 ? this.items.length : found
  }

  has(item: SetItem): boolean {
    const at = this.items[this.index(item)]
    return at !== undefined && compareBounds(at, item) === 0
  }

  insert(item: SetItem): boolean {
    if (this.has(item)) return false
    this.items.splice(this.index(item), 0, item)
    return true
  }

  delete(item: SetItem): boolean {
    if (!this.has(item)) return false
    this.items.splice(this.index(item), 1)
    return true
  }

  /** By the letter of Negentropy V1, in integers of any size. */
  fingerprint(from: number, to: number): string {
    const littleEndian = (id: Uint8Array) => BigInt(`0x${Buffer.from(id).reverse().toString('hex')}`)
    const sum = this.items.slice(from, to).reduce((total, { id }) => (total + littleEndian(id)) % 2n ** 256n, 0n)
    const bytes = Buffer.from(sum.toString(16).padStart(64, '0'), 'hex').reverse()
    return createHash('sha256')
      .update(bytes)
      .update(encodeVarint(to - from))
      .digest('hex')
      .slice(0, 32)
  }
}

/** Ascending times, as blocks mostly come; one time for all; few times; any; times that need all of u64. */
const TIMES: readonly ((n: number, draw: Draw) => Timestamp)[] = [
  n => 1_700_000_000_000 + n,
  () => 5,
  (_, draw) => draw(3),
  (_, draw) => draw(2 ** 31),
  (_, draw) => [0, 2 ** 53 - 1, 2n ** 53n, 2n ** 63n + BigInt(draw(3)), 2n ** 64n - 2n][draw(5)]!,
]

/** Ids that are all bits high, so that every sum carries, share a long prefix, or are as hashes are. */
const IDS: readonly ((draw: Draw) => Uint8Array)[] = [
  draw => Uint8Array.from({ length: 32 }, () => draw(256)),
  draw => new Uint8Array(32).fill(255).map((byte, i) => (i === 31 ? draw(256) : byte)),
  draw => new Uint8Array(32).map((byte, i) => (i > 29 ? draw(256) : byte)),
]

interface Scene {
  readonly seed: number
  readonly timeOf: (typeof TIMES)[number]
  readonly idOf: (typeof IDS)[number]
  readonly count: number
  /** How many items go for each one that comes, and in the second half. */
  readonly goes: readonly [number, number]
}

const scene: fc.Arbitrary<Scene> = fc.record({
  seed: fc.integer(),
  timeOf: fc.constantFrom(...TIMES),
  idOf: fc.constantFrom(...IDS),
  count: fc.integer({ min: 0, max: 1500 }),
  goes: fc.constantFrom<[number, number][]>([0, 0], [0.3, 0.3], [0, 1.8], [0.9, 0.2], [0.5, 3]),
})

function play({ seed, timeOf, idOf, count, goes }: Scene): { tree: ItemTree; model: Model; draw: Draw } {
  const draw = seeded(seed)
  const [tree, model] = [new ItemTree(), new Model()]
  for (let n = 0; n < count; n++) {
    const item = { time: timeOf(n, draw), id: idOf(draw) }
    if (tree.insert(item) !== model.insert(item)) throw new Error('another answer to an insertion')
    if (draw(8) === 0 && tree.insert(item)) throw new Error('the same item twice')
    for (let left = goes[n < count / 2 ? 0 : 1]; left > 0; left--) {
      if (left < 1 && draw(1000) >= 1000 * left) break
      // Neighbours one after the other, so that whole leaves run empty, or anything.
      const near = draw(2) === 0 ? model.index(item) : draw(model.items.length + 1)
      const gone = model.items[near] ?? item
      if (tree.delete(gone) !== model.delete(gone)) throw new Error('another answer to a deletion')
      if (tree.delete(gone)) throw new Error('the same item deleted twice')
    }
  }
  return { tree, model, draw }
}

describe('ItemTree', () => {
  test('is what a sorted array is, whatever came and went (invariants 1 to 3)', () => {
    fc.assert(
      fc.property(scene, given => {
        const { tree, model, draw } = play(given)
        expect(tree.size).toBe(model.items.length)
        expect(Array.from({ length: tree.size }, (_, index) => tree.get(index))).toEqual(model.items)
        for (let turn = 0; turn < 20; turn++) {
          const [from, to] = [draw(tree.size + 1), draw(tree.size + 1)].sort((a, b) => a - b) as [number, number]
          expect(Buffer.from(tree.fingerprint(from, to)).toString('hex')).toBe(model.fingerprint(from, to))
          const known = model.items[from] ?? { time: given.timeOf(from, draw), id: given.idOf(draw) }
          const bound = { time: known.time, id: known.id.slice(0, draw(33)) }
          expect(tree.lowerBound(bound)).toBe(model.index(bound))
          expect(tree.has(known)).toBe(model.has(known))
        }
        expect(tree.lowerBound({ time: Infinity, id: new Uint8Array(0) })).toBe(tree.size)
        for (const index of [-1, tree.size, 0.5 + tree.size, NaN]) expect(() => tree.get(index)).toThrow(RangeError)
      }),
      { numRuns: 120 },
    )
  })

  test('a tree that was emptied is as good as new', () => {
    fc.assert(
      fc.property(scene, given => {
        const { tree, model } = play(given)
        for (const item of [...model.items]) expect(tree.delete(item)).toBe(true)
        expect(tree.size).toBe(0)
        const empty = new ItemTree()
        expect(tree.fingerprint(0, 0)).toEqual(empty.fingerprint(0, 0))
        for (const item of model.items) expect(tree.insert(item)).toBe(true)
        expect(tree.fingerprint(0, tree.size)).toEqual(
          Uint8Array.from(Buffer.from(model.fingerprint(0, tree.size), 'hex')),
        )
      }),
      { numRuns: 30 },
    )
  })

  test('loading pages at once is the same as inserting one by one', () => {
    fc.assert(
      fc.property(scene, given => {
        const { model } = play(given)
        const loaded = new ItemTree()
        const page = Math.ceil(model.items.length / 3)
        for (let from = 0; from < model.items.length; from += page)
          loaded.insertAll(model.items.slice(from, from + page).reverse())
        expect(Array.from({ length: loaded.size }, (_, index) => loaded.get(index))).toEqual(model.items)
      }),
      { numRuns: 30 },
    )
  })
})
