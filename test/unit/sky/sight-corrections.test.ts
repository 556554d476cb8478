import { Refraction } from 'astronomy-engine'
import { expect, test } from 'vitest'
import { dip, refraction, standardPressure } from '../../../src/sky/index'

// The engine's model is Sæmundsson's (Sky & Telescope 72, 1986), which goes the other way: from the airless altitude.
test.each([0, 0.5, 1, 2, 5, 10, 20, 45, 70, 85])('refraction of a body that really stands at %f°', airless => {
  const lift = Refraction('normal', airless)
  expect(Math.abs(refraction(airless + lift, 1010, 10) - lift) * 60).toBeLessThan(0.15)
})

test('on the horizon the air lifts by 34.5′, in the zenith not at all', () => {
  expect(refraction(0, 1010, 10) * 60).toBeCloseTo(34.5, 1)
  expect(Math.abs(refraction(90, 1010, 10) * 60)).toBeLessThan(0.016)
})

test('thin and warm air bends less', () => {
  const standard = refraction(10, 1010, 10)
  expect(refraction(10, 505, 10) / standard).toBeCloseTo(0.5, 12)
  expect(refraction(10, 1010, 30) / standard).toBeCloseTo(283 / 303, 12)
})

test.each([2, 10, 100])('from %i m the sea horizon is about a twelfth less low than geometry has it', height => {
  const geometric = (Math.acos(6_371_000 / (6_371_000 + height)) * 180) / Math.PI
  expect(dip(height) / geometric).toBeCloseTo(11 / 12, 1)
})

// ISO 2533.
test.each([
  [0, 1013.25],
  [1000, 898.76],
  [5000, 540.48],
])('at %i m the standard atmosphere has %f hPa', (elevation, pressure) => {
  expect(standardPressure(elevation)).toBeCloseTo(pressure, 0)
})
