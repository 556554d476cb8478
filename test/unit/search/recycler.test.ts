import { expect, test } from 'vitest'
import { Postings } from '../../../src/search/postings'
import { Recycler } from '../../../src/search/recycler'
import { RowTable } from '../../../src/search/row-table'

const COUNT = 20_000

function filled(pause?: () => Promise<void>) {
  const [rows, postings] = [new RowTable(), new Postings()]
  const recycler = new Recycler(rows, postings, pause)
  const add = (i: number) => {
    const row = rows.add(`id${i}`)
    postings.add(row, { author: `a${i % 100}`, time: i, tags: [`t${i}`, `u${i % 7}`] })
    return row
  }
  const remove = (i: number) => {
    rows.giveUp(`id${i}`)
    recycler.recycle()
  }
  for (let i = 0; i < COUNT; i++) add(i)
  const found = (tag: string) => postings.select(rows.live, { tags: [tag] })!.count
  return { rows, recycler, add, remove, found }
}

test('rows of many blocks that leave at once are recycled in slices, and filters are right at each of them', async () => {
  let pauses = 0
  const wrong: string[] = []
  const { rows, recycler, add, remove, found } = filled(async () => {
    pauses++
    if (found('t5') !== 1 || found('t19999') !== 1 || found('u3') !== expected()) wrong.push(`pause ${pauses}`)
    // What comes meanwhile is found, and takes no row that is not free yet.
    add(COUNT + pauses)
    if (found(`t${COUNT + pauses}`) !== 1) wrong.push(`what came in pause ${pauses}`)
  })
  const kept = new Set([5, 19_999])
  const left = Array.from({ length: COUNT }, (_, i) => i).filter(i => !kept.has(i))
  const expected = () =>
    [...kept].filter(i => i % 7 === 3).length +
    Array.from({ length: pauses - 1 }, (_, i) => COUNT + i + 1).filter(i => i % 7 === 3).length
  // All at once, as if nobody had recycled yet.
  left.slice(1).forEach(i => rows.giveUp(`id${i}`))
  remove(left[0]!)
  await recycler.settled()
  // 64 steps a row and one a posting, 2^18 a slice.
  expect(pauses).toBeGreaterThan((64 * COUNT) / 2 ** 18 - 1)
  expect(wrong).toEqual([])
  const { span } = rows
  for (let i = 0; i < COUNT - 100; i++) add(2 * COUNT + i)
  expect(rows.span).toBe(span)
})

test('without anyone to be let in, rows are free at once', () => {
  const { rows, add, remove } = filled()
  for (let i = 0; i < COUNT; i += 2) remove(i)
  for (let i = 0; i < COUNT; i += 3) add(2 * COUNT + i)
  expect(rows.span).toBe(COUNT)
})

test('a row keeps its number while a search is under way that began before, but not for one that began later', async () => {
  const { recycler, add, remove } = filled(async () => {})
  const before = recycler.searching()
  for (let i = 0; i < COUNT / 8; i++) remove(i)
  await new Promise(resolve => setTimeout(resolve))
  expect(add(COUNT)).toBe(COUNT)
  const after = recycler.searching()
  before()
  await new Promise(resolve => setTimeout(resolve))
  expect(add(COUNT + 1)).toBeLessThan(COUNT / 8)
  after()
  await recycler.settled()
})
