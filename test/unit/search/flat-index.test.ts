import { describe, expect, test } from 'vitest'
import { FlatIndex } from '../../../src/search/flat-index'
import { directionOf } from '../../../src/search/unit-vector'
import { request, rowsOf } from '../../tools/vectors'

/** Large vectors, so that a scan of a few thousand rows has several slices. */
const DIMS = 4096
const ROWS = 5000
const ones = directionOf(new Float32Array(DIMS).fill(1))!
const opposite = directionOf(new Float32Array(DIMS).fill(-1))!

function filled(rows: number) {
  const index = new FlatIndex(DIMS)
  const all = rowsOf([])
  const add = (row: number, vector = ones) => (index.set(row, vector), all.add(row))
  for (let row = 0; row < rows; row++) add(row)
  return { index, all, add }
}

describe('FlatIndex', () => {
  test('what is added while a scan runs does not disturb it and is found by the next', async () => {
    const { index, all, add } = filled(ROWS)
    let pauses = 0
    const pause = async () => {
      for (let i = 0; i < 2000; i++) add(ROWS + 2000 * pauses + i, opposite)
      pauses++
    }
    const { mean, candidates } = await index.scan(request({ query: ones, all, k: 3, pause }))
    expect(pauses).toBe(2)
    expect(mean).toBeCloseTo(1, 5)
    expect(candidates.map(({ row }) => row)).toEqual([0, 1, 2])
    const later = await index.scan(request({ query: opposite, all, k: 1 }))
    expect(later.candidates.map(({ row }) => row)).toEqual([ROWS])
    expect(later.mean).toBeCloseTo((4000 - ROWS) / (4000 + ROWS), 5)
  })

  test('a scan stops between slices when its signal fires', async () => {
    const abort = new AbortController()
    let pauses = 0
    const pause = async () => {
      pauses++
      await new Promise(resolve => setImmediate(resolve))
      abort.abort()
    }
    const { index, all } = filled(ROWS)
    const scan = index.scan(request({ query: ones, all, k: 1, pause, signal: abort.signal }))
    await expect(scan).rejects.toMatchObject({ code: 'aborted' })
    expect(pauses).toBe(1)
  })
})
