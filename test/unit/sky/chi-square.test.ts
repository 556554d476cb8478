import { expect, test } from 'vitest'
import { chiSquareOfTwo, chiSquareTail } from '../../../src/sky/chi-square'

// Abramowitz and Stegun, table 26.8: percentage points.
test.each([
  [3.84146, 1, 0.05],
  [10.8276, 1, 0.001],
  [0.0157908, 1, 0.9],
  [5.99146, 2, 0.05],
  [7.81473, 3, 0.05],
  [16.2662, 3, 0.001],
  [0.710721, 4, 0.95],
  [18.307, 10, 0.05],
  [29.5883, 10, 0.001],
  [43.773, 30, 0.05],
  [124.342, 100, 0.05],
])('χ² beyond %f with %i degrees of freedom', (value, freedom, tail) => {
  expect(chiSquareTail(value, freedom) / tail).toBeCloseTo(1, 4)
})

test('from certainty to nothing', () => {
  for (const freedom of [1, 2, 5, 126]) {
    expect(chiSquareTail(0, freedom)).toBe(1)
    expect(chiSquareTail(1e5, freedom)).toBe(0)
    expect(chiSquareTail(1e-9, freedom)).toBeLessThanOrEqual(1)
  }
})

test('two degrees of freedom have a closed form', () => {
  expect(chiSquareOfTwo(0.95)).toBeCloseTo(5.99146, 5)
  expect(chiSquareTail(chiSquareOfTwo(0.99), 2)).toBeCloseTo(0.01, 12)
})
