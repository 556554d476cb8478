import { describe, expect, test } from 'vitest'
import { FlatIndex } from '../../../src/search/flat-index'
import { unitVector } from '../../../src/search/unit-vector'

/** Large vectors, so that a scan of a few thousand rows has several slices. */
const DIMS = 4096
const ROWS = 5000
const unit = unitVector(new Float32Array(DIMS).fill(1))!

function filled(rows: number): FlatIndex {
  const index = new FlatIndex(DIMS)
  for (let i = 0; i < rows; i++) index.add(`id ${i}`, unit)
  return index
}

describe('FlatIndex', () => {
  test('what is added while a scan runs does not disturb it and is found by the next', async () => {
    const index = filled(ROWS)
    const opposite = unit.map(value => -value)
    let pauses = 0
    const pause = async () => {
      pauses++
      for (let i = 0; i < 2000; i++) index.add(`late ${pauses} ${i}`, opposite)
    }
    const { scanned, mean, hits } = await index.scan(unit, { k: 3, pause })
    expect([pauses, scanned]).toEqual([2, ROWS])
    expect(mean).toBeCloseTo(1, 5)
    expect(hits.map(({ id }) => id)).toEqual(['id 0', 'id 1', 'id 10'])
    expect((await index.scan(opposite, { k: 1 })).hits[0]!.id).toBe('late 1 0')
    expect(index.size).toBe(ROWS + 4000)
  })

  test('a scan stops between slices when its signal fires', async () => {
    const abort = new AbortController()
    let pauses = 0
    const pause = async () => {
      pauses++
      await new Promise(resolve => setImmediate(resolve))
      abort.abort()
    }
    const scan = filled(ROWS).scan(unit, { k: 1, pause, signal: abort.signal })
    await expect(scan).rejects.toMatchObject({ code: 'aborted' })
    expect(pauses).toBe(1)
  })
})
