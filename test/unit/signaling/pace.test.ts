import { expect, test } from 'vitest'
import { Pace } from '../../../src/surfaces/signaling/pace'

test('a burst passes, what is beyond it waits for its turn at the rate', () => {
  const pace = new Pace(10, 3)
  expect([0, 0, 0, 0, 0].map(now => pace.count(now))).toEqual([0, 0, 0, 100, 200])
  expect(pace.count(200)).toBe(100)
})

test('a rest earns no more than one burst', () => {
  const pace = new Pace(10, 3)
  expect([60_000, 60_000, 60_000, 60_000].map(now => pace.count(now))).toEqual([0, 0, 0, 100])
})

test('in the long run the rate holds', () => {
  const pace = new Pace(50, 20)
  let now = 0
  for (let i = 0; i < 1_000; i++) now += pace.count(now)
  expect(now).toBeCloseTo((1_000 - 20) * 20)
})
