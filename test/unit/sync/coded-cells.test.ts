import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CodedSet, ItemTree, SetSpan, type SetItem } from '../../../src/sync/index'
import { CELL_BYTES, CodedCells } from '../../../src/sync/negentropy/coded-cells'
import { estimate } from '../../../src/sync/negentropy/estimate'
import { ITEM_WORDS, writeItem } from '../../../src/sync/negentropy/item-words'
import { peel } from '../../../src/sync/negentropy/peel'
import { seeded, type Draw } from '../../long/mutate'
import { hasPython, PYTHON_PATH } from '../../tools/python.mjs'
import vectors from '../../vectors/coded-cells.json'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytes = (digits: string) => Uint8Array.from(Buffer.from(digits, 'hex'))
const key = ({ time, id }: SetItem) => `${time}/${hex(id)}`

function wordsOf(item: SetItem): Uint32Array {
  const words = new Uint32Array(ITEM_WORDS)
  writeItem(item, words)
  return words
}

function cellsOf(items: readonly SetItem[], count: number): CodedCells {
  const cells = new CodedCells(count)
  for (const item of items) cells.toggle(wordsOf(item), 1)
  return cells
}

function drawItems(count: number, draw: Draw): SetItem[] {
  return Array.from({ length: count }, () => ({
    time: 1_700_000_000_000 + draw(2 ** 31),
    id: Uint8Array.from({ length: 32 }, () => draw(256)),
  }))
}

/** Their cells, ours taken from them. */
function differenceOf(theirs: readonly SetItem[], ours: readonly SetItem[], count: number): CodedCells {
  const cells = cellsOf(ours, count)
  cells.takeFrom(cellsOf(theirs, count).encode(0, count), 0)
  return cells
}

describe('by the letter of the specification, in another language', () => {
  test.each(vectors)('$name', ({ items, places, cells }) => {
    const parsed = items.map(({ time, id }) => ({ time, id: bytes(id) }))
    const count = cells.length / 2 / CELL_BYTES
    expect(hex(cellsOf(parsed, count).encode(0, count))).toBe(cells)
    places.forEach((expected, i) => {
      const touched: number[] = []
      new CodedCells(2048).toggle(wordsOf(parsed[i]!), 1, touched)
      expect(touched).toEqual(expected)
    })
  })

  test.runIf(hasPython())('the vectors are what the Python script prints', () => {
    const script = fileURLToPath(new URL('../../python/coded_cells.py', import.meta.url))
    const { stdout } = spawnSync(PYTHON_PATH, [script], { encoding: 'utf8' })
    expect(JSON.parse(stdout)).toEqual(vectors)
  })
})

describe('reading', () => {
  test('gives the exact difference, or nothing, from any number of cells', () => {
    const scene = fc.tuple(fc.integer(), fc.nat(60), fc.nat(60), fc.nat(200), fc.integer({ min: 1, max: 400 }))
    fc.assert(
      fc.property(scene, ([seed, theirs, ours, common, count]) => {
        const draw = seeded(seed)
        const [a, b, shared] = [drawItems(theirs, draw), drawItems(ours, draw), drawItems(common, draw)]
        const read = peel(differenceOf([...shared, ...a], [...b, ...shared], count))
        if (count > 150 + 4 * (theirs + ours)) expect(read).toBeDefined()
        if (!read) return
        expect(read.theirs.map(key).sort()).toEqual(a.map(key).sort())
        expect(read.ours.map(key).sort()).toEqual(b.map(key).sort())
      }),
      { numRuns: 200 },
    )
  })

  test('of random cells, and of cells made to lead nowhere, ends soon and never throws', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 300 }), fc.boolean(), (seed, count, areSingles) => {
        const draw = seeded(seed)
        const wire = Uint8Array.from({ length: count * CELL_BYTES }, () => draw(256))
        if (areSingles) {
          // Each cell claims to hold one item alone, the same in several or another in each.
          const items = drawItems(1 + draw(count), draw)
          for (let cell = 0; cell < count; cell++)
            wire.set(cellsOf([items[draw(items.length)]!], 1).encode(0, 1), cell * CELL_BYTES)
        }
        const cells = new CodedCells(count)
        cells.takeFrom(wire, 0)
        const before = process.cpuUsage()
        const read = peel(cells)
        expect(process.cpuUsage(before).user).toBeLessThan(500_000)
        if (read) expect(read.theirs.length + read.ours.length).toBeLessThanOrEqual(count)
      }),
      { numRuns: 300 },
    )
  })

  test.each([10, 100, 1000])('the expected number of items is right within its spread, for %i', count => {
    const draw = seeded(count)
    const guesses = Array.from({ length: 20 }, () => {
      const items = drawItems(count, draw)
      return estimate(differenceOf(items.slice(0, count / 3), items.slice(count / 3), 256), 256)
    })
    const mean = guesses.reduce((sum, guess) => sum + guess, 0) / guesses.length
    expect(mean).toBeGreaterThan(0.8 * count)
    expect(mean).toBeLessThan(1.2 * count)
  })
})

describe('CodedSet', () => {
  const scene = fc.tuple(fc.integer(), fc.nat(600), fc.integer({ min: 0, max: 9 }))

  test('keeps the cells of exactly its items, whatever came and went (invariants 1 and 2)', () => {
    fc.assert(
      fc.property(scene, ([seed, count, gone]) => {
        const draw = seeded(seed)
        const set = new CodedSet()
        for (const item of drawItems(count, draw)) set.insert(item)
        while (set.size > 0 && draw(10) < gone) expect(set.delete(set.get(draw(set.size)))).toBe(true)
        const items = Array.from({ length: set.size }, (_, index) => set.get(index))
        const cells = set.cells()
        expect(cells.words).toEqual(cellsOf(items, cells.count).words)
        expect(4 * cells.count).toBeGreaterThanOrEqual(set.size)
      }),
      { numRuns: 60 },
    )
  })

  test('the cells of a span are those of the items within; too many outside are not gone through', () => {
    const set = new CodedSet()
    const items = Array.from({ length: 2000 }, (_, n) => ({ time: n, id: drawItems(1, seeded(n))[0]!.id }))
    set.insertAll(items)
    const cells = new SetSpan(set, { floor: 500, ceiling: 1499 }).cells()!
    expect(cells.words).toEqual(cellsOf(items.slice(500, 1500), cells.count).words)
    expect(new SetSpan(set, { floor: 1000, ceiling: 1900 }).cells()).toBeUndefined()
    expect(new SetSpan(new ItemTree(), { floor: 0, ceiling: 9 }).cells()).toBeUndefined()
  })
})
