import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fixPosition, type Sight } from '../../src/sky/index'
import { coverage } from '../tools/simulate-fixes'

const RUNS = 2000
/** Half an arcminute in degrees, a good sextant. */
const SIGMA = 0.5 / 60

test.each([
  [3, 1],
  [5, 2],
  [12, 3],
])('with %i sights the 95 % ellipse holds the true place 93 to 97 times in 100', (sights, seed) => {
  const { fixes, covered, median } = coverage(seed, RUNS, sights, SIGMA)
  expect(covered / fixes).toBeGreaterThan(0.93)
  expect(covered / fixes).toBeLessThan(0.97)
  expect(median).toBeLessThan(1500)
})

test('whatever is called a sight is judged, never thrown at', () => {
  const number = fc.oneof(fc.double(), fc.integer({ min: -400, max: 400 }), fc.constant(undefined))
  const sight = fc.record({
    body: fc.constantFrom('sun', 'moon', 'venus', 'mars', '__proto__', ''),
    time: fc.oneof(number, fc.integer({ min: -2e12, max: 4e12 })),
    altitude: fc.oneof(number, fc.double({ min: 0, max: 90, noNaN: true })),
    sigma: fc.oneof(number, fc.double({ min: 0.001, max: 1, noNaN: true })),
    azimuth: number,
    azimuthSigma: number,
    limb: fc.constantFrom('lower', 'upper', 'centre', undefined),
    corrected: fc.boolean(),
  })
  const options = fc.record({ unknownClock: fc.boolean(), elevation: number }, { requiredKeys: [] })
  fc.assert(
    fc.property(fc.array(sight, { maxLength: 5 }), options, (sights, given) => {
      const fix = fixPosition(sights as Sight[], given)
      if (fix.ok) expect(Object.values(fix.value.place).every(Number.isFinite)).toBe(true)
      else expect(fix.error.code).toMatch(/^[a-z-]+$/)
    }),
    { numRuns: 300 },
  )
})
