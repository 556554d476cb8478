import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../../src/search/bitmap'
import { Calibration, spreadAt } from '../../../src/search/kernels/calibration'

describe('how far clusters reach', () => {
  test('is without end while nothing is known', () => {
    expect(new Calibration().distanceFor(0.9)).toBe(Infinity)
  })

  test('is that of the share asked for, and never less for more', () => {
    const calibration = new Calibration()
    for (let i = 1000; i-- > 0;) calibration.note(i / 1000)
    expect(calibration.distanceFor(0.5)).toBeCloseTo(0.5, 5)
    const distances = [0.5, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9995].map(share => calibration.distanceFor(share))
    expect(distances).toEqual([...distances].sort((a, b) => a - b))
  })

  test('goes on growing where too few questions tell, as an exponential tail does', () => {
    const calibration = new Calibration()
    for (let i = 0; i < 640; i++) calibration.note(-Math.log(1 - i / 640))
    expect(calibration.distanceFor(0.9995)).toBeGreaterThan(-Math.log(0.0005) * 0.95)
    expect(calibration.distanceFor(0.9995)).toBeLessThan(-Math.log(0.0005) * 1.05)
  })

  test('shrinks as the nearest come near, and is whole where none is', () => {
    expect(spreadAt(-0.5)).toBe(1)
    expect(spreadAt(0.6)).toBeCloseTo(0.8, 6)
    expect(spreadAt(1)).toBeGreaterThan(0)
  })
})

test('samples from elsewhere on are other rows, the same ones each time', () => {
  const rows = new Bitmap()
  for (let row = 0; row < 50_000; row++) rows.add(row)
  const learned = new Set(rows.sample(2000))
  const others = rows.sample(64, 1 << 20)
  expect(rows.sample(64, 1 << 20)).toEqual(others)
  expect(others.filter(row => learned.has(row)).length).toBeLessThan(10)
  expect(rows.sample(64).every(row => learned.has(row))).toBe(true)
})
