import { expect, test } from 'vitest'
import { IdTable } from '../../../src/search/id-table'
import { normalNumbers } from '../../tools/vectors'

/** A table beside the map that it has to agree with. */
function tables(seed: number) {
  const ids: (string | undefined)[] = []
  return { ids, table: new IdTable(seed, row => ids[row]), map: new Map<string, number>() }
}

test('it answers what a map does, whatever comes and goes', () => {
  for (const seed of [0, 1, -7]) {
    const { ids, table, map } = tables(seed)
    const next = normalNumbers(seed + 11)
    for (let turn = 0; turn < 20_000; turn++) {
      // Few ids at first, so that most go as often as they come; ends that are alike, and ids shorter than what is hashed.
      const id = `${Math.floor(Math.abs(next()) * (turn < 10_000 ? 70 : 2000))}${turn % 2 ? 'bafyreibafyrei' : ''}`
      if (next() < 0) {
        expect(table.delete(id)).toBe(map.get(id))
        map.delete(id)
      } else if (table.get(id) === undefined) {
        ids.push(id)
        table.add(id, ids.length - 1)
        map.set(id, ids.length - 1)
      }
      expect(table.get(id)).toBe(map.get(id))
    }
    expect(table.size).toBe(map.size)
    for (const [id, row] of map) expect(table.get(id)).toBe(row)
  }
})

test('ids of one hash are told apart', () => {
  const { ids, table } = tables(3)
  // What is hashed is their end and their length.
  const alike = ['a', 'b', 'c', 'd'].map(letter => `${letter}${'x'.repeat(40)}`)
  for (const id of alike) table.add(id, ids.push(id) - 1)
  expect(alike.map(id => table.get(id))).toEqual([0, 1, 2, 3])
  expect(table.delete(alike[1]!)).toBe(1)
  ids[1] = undefined
  expect(alike.map(id => table.get(id))).toEqual([0, undefined, 2, 3])
  expect(table.get(`e${'x'.repeat(40)}`)).toBeUndefined()
})
