import fc from 'fast-check'
import { expect, test } from 'vitest'
import { observeSky, SkyChecker, snapPlace, verifySky, type Place, type Sky } from '../../src/sky/index'

const time = fc.integer({ min: 0, max: 4_102_444_800_000 })
const place: fc.Arbitrary<Place> = fc.record({
  latitude: fc.double({ min: -80, max: 80, noNaN: true }),
  longitude: fc.double({ min: -179, max: 179, noNaN: true }),
  elevation: fc.integer({ min: -500, max: 10_000 }),
})
const metresPerDegree = 111_000

test('an observed sky is made of integers in range and verifies against its own moment', () => {
  fc.assert(
    fc.property(time, fc.option(place, { nil: undefined }), fc.boolean(), (time, place, stars) => {
      const sky = observeSky({ time, place, stars })
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

const anywhere = fc.record({
  latitude: fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.double({ min: 88.8, max: 90, noNaN: true })),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  elevation: fc.integer({ min: -500, max: 10_000 }),
  grid: fc.constantFrom(0.01 as const, 0.1 as const, 1 as const, 10 as const),
})

test('a grid point is its own grid point, and its accuracy covers every place that it stands for', () => {
  /** Metres on the WGS-84 ellipsoid, from the centre. */
  const onEllipsoid = ({ latitude, longitude }: Place): readonly number[] => {
    const [phi, lambda] = [latitude * (Math.PI / 180), longitude * (Math.PI / 180)]
    const curvature = 6_378_137 / Math.sqrt(1 - 0.00669437999014 * Math.sin(phi) ** 2)
    const fromAxis = curvature * Math.cos(phi)
    const above = curvature * (1 - 0.00669437999014) * Math.sin(phi)
    return [fromAxis * Math.cos(lambda), fromAxis * Math.sin(lambda), above]
  }
  const arc = (a: Place, b: Place): number => {
    const there = onEllipsoid(b)
    return 2 * 6_371_000 * Math.asin(Math.hypot(...onEllipsoid(a).map((part, i) => part - there[i]!)) / 2 / 6_371_000)
  }
  fc.assert(
    fc.property(anywhere, exact => {
      const point = snapPlace(exact)
      expect(snapPlace(point)).toEqual(point)
      expect(point).not.toHaveProperty('elevation')
      expect(arc(point, exact)).toBeLessThanOrEqual(point.accuracy!)
    }),
    { numRuns: 2000 },
  )
})

test('the sky of a coarse place is that of its grid point at height 0, to the last bit', () => {
  fc.assert(
    fc.property(time, anywhere, fc.boolean(), (time, exact, stars) => {
      const { latitude, longitude } = snapPlace(exact)
      const sky = observeSky({ time, place: { latitude, longitude }, stars })
      expect(observeSky({ time, place: exact, stars })).toEqual(sky)
      expect(verifySky(sky, { time, place: exact }).matches).toBe(true)
    }),
    { numRuns: 100 },
  )
})

test('a checker judges as verifySky does, near the bounds too, whatever it was asked before', () => {
  const used = new SkyChecker()
  const tolerance = fc.oneof(fc.constant(1), fc.double({ min: 0.05, max: 2, noNaN: true }))
  const near = fc.constantFrom(-1e-2, -1e-4, -1e-5, -1e-6, 1e-6, 1e-4)
  const moment = fc.record({ time, place: fc.option(place, { nil: undefined }) })
  fc.assert(
    fc.property(moment, fc.boolean(), tolerance, near, (moment, stars, wide, nudge) => {
      const claimed = observeSky({ ...moment, stars })
      const exact = verifySky(claimed, moment)
      // At the edge: the tolerance is the worst residual itself, give or take about the error of interpolation.
      for (const bound of [wide, exact.worst + nudge, exact.worst]) {
        const { matches, residuals, worst, field } = verifySky(claimed, moment, bound)
        const answer = used.verify(claimed, moment, bound)
        expect([answer.matches, answer.field]).toEqual([matches, field])
        expect(Object.keys(answer.residuals)).toEqual(Object.keys(residuals))
        expect(Math.abs(answer.worst - worst)).toBeLessThan(0.001)
        for (const [name, residual] of Object.entries(residuals)) {
          expect(Math.abs(answer.residuals[name]! - residual)).toBeLessThan(0.001)
        }
        expect(new SkyChecker().verify(claimed, moment, bound)).toEqual(answer)
      }
    }),
    { numRuns: 60 },
  )
})

test('a checker finds what is left out and what is moved, as verifySky does', () => {
  const checker = new SkyChecker()
  const moment = fc.record({ time, place: fc.option(place, { nil: undefined }) })
  const shift = fc.constantFrom(-2, -1, 0, 1, 2)
  fc.assert(
    fc.property(moment, fc.nat(), fc.nat(), shift, (moment, dropped, moved, shift) => {
      const claimed = observeSky({ ...moment, stars: true })
      const count = claimed.bodies.length
      const bodies = [...claimed.bodies]
      const body = bodies[moved % count]!
      bodies[moved % count] =
        'altitude' in body
          ? { ...body, altitude: body.altitude + shift }
          : { ...body, declination: body.declination + shift }
      if (dropped % 3 > 0) bodies.splice(dropped % count, 1)
      const changed = { ...claimed, bodies } as Sky
      const [exact, answer] = [verifySky(changed, moment), checker.verify(changed, moment)]
      expect([answer.matches, answer.field]).toEqual([exact.matches, exact.field])
    }),
    { numRuns: 300 },
  )
})
