import fc from 'fast-check'
import { expect, test } from 'vitest'
import { observeSky, verifySky, type Place } from '../../src/sky/index'

const time = fc.integer({ min: 0, max: 4_102_444_800_000 })
const place: fc.Arbitrary<Place> = fc.record({
  latitude: fc.double({ min: -80, max: 80, noNaN: true }),
  longitude: fc.double({ min: -179, max: 179, noNaN: true }),
  elevation: fc.integer({ min: -500, max: 10_000 }),
})
const metresPerDegree = 111_000

test('an observed sky is made of integers in range and verifies against its own moment', () => {
  fc.assert(
    fc.property(time, fc.option(place, { nil: undefined }), (time, place) => {
      const sky = observeSky({ time, place })
      for (const body of sky.bodies) {
        const [lat, lon] = 'altitude' in body ? [body.altitude, body.azimuth] : [body.declination, body.rightAscension]
        expect(Number.isInteger(lat) && Number.isInteger(lon) && !Object.is(lat, -0) && !Object.is(lon, -0)).toBe(true)
        expect(Math.abs(lat)).toBeLessThanOrEqual(324_000)
        expect(lon).toBeGreaterThanOrEqual(0)
        expect(lon).toBeLessThan(1_296_000)
      }
      const { matches, worst } = verifySky(sky, { time, place })
      expect(matches).toBe(true)
      expect(worst).toBeLessThan(0.7072)
    }),
    { numRuns: 200 },
  )
})

test('a kilometre north or east, or 2 s, is caught anywhere and at any time', () => {
  fc.assert(
    fc.property(time, place, (time, place) => {
      const claimed = observeSky({ time, place })
      const north = place.latitude + 1000 / metresPerDegree
      const east = place.longitude + 1000 / metresPerDegree / Math.cos((place.latitude * Math.PI) / 180)
      expect(verifySky(claimed, { time, place: { ...place, latitude: north } }).matches).toBe(false)
      expect(verifySky(claimed, { time, place: { ...place, longitude: east } }).matches).toBe(false)
      expect(verifySky(claimed, { time: time - 2000, place }).matches).toBe(false)
    }),
    { numRuns: 200 },
  )
})

test('a single body moved by 2″ or more is caught and named', () => {
  fc.assert(
    fc.property(time, place, fc.nat(6), fc.integer({ min: 2, max: 100_000 }), (time, place, index, shift) => {
      const sky = observeSky({ time, place })
      if (sky.frame !== 'horizontal') return
      const bodies = sky.bodies.map((body, i) =>
        i === index ? { ...body, altitude: body.altitude + (body.altitude > 0 ? -shift : shift) } : body,
      )
      expect(verifySky({ ...sky, bodies }, { time, place })).toMatchObject({
        matches: false,
        field: `sky.${sky.bodies[index]!.name}`,
      })
    }),
    { numRuns: 200 },
  )
})
