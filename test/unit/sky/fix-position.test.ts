import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { distanceFromFix, fixPosition, prepareSights, solveFix } from '../../../src/sky/index'
import type { FixOptions, Place, PositionFix, Sight } from '../../../src/sky/index'
import { arcmin, sightOf, standing, upAt } from './sight-samples'

const HOUR = 3_600_000
const vienna = { latitude: 48.2082, longitude: 16.3738, elevation: 0 }
/** Sun, Moon and planets are up in Vienna. */
const time = Date.UTC(2026, 5, 21, 13)

function dayOfSights(place: Place, shift = 0): Sight[] {
  const sun = sightOf('sun', time, place)
  return [sun, sightOf('moon', time, place), sightOf('sun', time + 3 * HOUR, place)].map(sight => ({
    ...sight,
    time: Number(sight.time) + shift,
  }))
}

function metresOff(fix: PositionFix, place: Place): number {
  return distanceFromFix(fix, place).distance
}

function failure(sights: readonly Sight[], options?: FixOptions) {
  const fix = fixPosition(sights, options)
  return fix.ok ? undefined : fix.error
}

describe('without errors the fix is the place', () => {
  test.each<[string, Place]>([
    ['Vienna', vienna],
    ['on the equator', { latitude: 0, longitude: -78.5, elevation: 2850 }],
    ['at the date line', { latitude: -16.9, longitude: 179.999, elevation: 0 }],
    ['near the north pole', { latitude: 89.99, longitude: 57, elevation: 0 }],
    ['at the south pole', { latitude: -90, longitude: 0, elevation: 2835 }],
  ])('%s', (_, place) => {
    const sights = upAt(place, Date.UTC(2026, 2, 20), 6, 5)
    const fix = unwrap(fixPosition(sights, { elevation: place.elevation }))
    expect(metresOff(fix, place)).toBeLessThan(0.05)
    expect(fix).toMatchObject({ ambiguous: false, alternatives: [], degreesOfFreedom: 4 })
    expect(fix.pValue).toBeCloseTo(1, 6)
    expect(fix.residuals.every(({ altitude }) => Math.abs(altitude) < 1e-6)).toBe(true)
  })

  test('whatever the start', () => {
    const sights = dayOfSights(vienna)
    for (const start of [vienna, { latitude: -48, longitude: -164 }, { latitude: 90, longitude: 0 }]) {
      expect(metresOff(unwrap(fixPosition(sights, { start })), vienna)).toBeLessThan(0.05)
    }
  })

  test('geodetic latitude, not geocentric, is fixed: they differ by 21 km at 45°', () => {
    const place = { latitude: 45, longitude: 10, elevation: 0 }
    expect(unwrap(fixPosition(dayOfSights(place))).place.latitude).toBeCloseTo(45, 6)
  })

  test('one body with its azimuth is enough', () => {
    const body = { ...sightOf('sun', time, vienna), azimuth: standing('sun', time, vienna).azimuth, azimuthSigma: 0.01 }
    const { place, alternatives, ...fix } = unwrap(fixPosition([body], { start: vienna }))
    expect(place.latitude).toBeCloseTo(vienna.latitude, 5)
    expect(place.longitude).toBeCloseTo(vienna.longitude, 5)
    expect(fix.degreesOfFreedom).toBe(0)
    expect(fix).not.toHaveProperty('pValue')
    for (const other of alternatives) expect(Math.abs(other.residuals[0]!.azimuth!)).toBeLessThan(1e-6)
  })
})

describe('by stars', () => {
  const night = Date.UTC(2026, 10, 22, 19)
  const bodies = ['vega', 'capella', 'fomalhaut', 'aldebaran', 'polaris']

  test.each<[string, readonly string[]]>([
    ['five stars', bodies],
    ['stars and the Moon', [...bodies.slice(0, 3), 'moon']],
    ['stars and a planet', [...bodies.slice(1, 4), 'saturn']],
  ])('%s', (_, names) => {
    const fix = unwrap(fixPosition(names.map(body => sightOf(body, night, vienna))))
    expect(metresOff(fix, vienna)).toBeLessThan(0.05)
  })
})

describe('two altitudes fit two places', () => {
  const sights = [sightOf('sun', time, vienna), sightOf('moon', time, vienna)]

  test('both are told', () => {
    const fix = unwrap(fixPosition(sights))
    expect(fix.ambiguous).toBe(true)
    expect(fix.alternatives).toHaveLength(1)
    const offsets = [fix, ...fix.alternatives].map(at => distanceFromFix(at, vienna).distance)
    expect(Math.min(...offsets)).toBeLessThan(0.05)
    expect(Math.max(...offsets)).toBeGreaterThan(1e6)
    for (const { chiSquare } of [fix, ...fix.alternatives]) expect(chiSquare).toBeLessThan(1e-6)
  })

  test('the start chooses the first', () => {
    const [here, there] = [unwrap(fixPosition(sights, { start: vienna })), unwrap(fixPosition(sights))]
    expect(metresOff(here, vienna)).toBeLessThan(0.05)
    const other = [there, ...there.alternatives].find(at => distanceFromFix(at, vienna).distance > 1e6)!
    expect(metresOff(unwrap(fixPosition(sights, { start: other.place })), other.place)).toBeLessThan(0.05)
  })

  test('a third sight, or an azimuth, decides', () => {
    expect(unwrap(fixPosition(dayOfSights(vienna))).ambiguous).toBe(false)
    const azimuth = standing('sun', time, vienna).azimuth
    const [sun, moon] = sights as [Sight, Sight]
    expect(unwrap(fixPosition([{ ...sun, azimuth, azimuthSigma: 1 }, moon])).ambiguous).toBe(false)
  })
})

describe('poor geometry is refused', () => {
  const sun = sightOf('sun', time, vienna)

  test('one altitude', () => {
    expect(failure([sun])).toMatchObject({ code: 'poor-geometry', message: expect.stringContaining('line of places') })
  })

  test('all on one azimuth: the Sun within a minute', () => {
    const sights = [0, 20, 40, 60].map(s => sightOf('sun', time + s * 1000, vienna))
    expect(failure(sights)).toMatchObject({ code: 'poor-geometry', message: expect.stringContaining('azimuth') })
  })

  test('an ellipse longer than the caller bears', () => {
    const sights = dayOfSights(vienna)
    expect(failure(sights, { largestSemiAxis: 4000 })).toBeUndefined()
    expect(failure(sights, { largestSemiAxis: 2000 })).toMatchObject({ code: 'poor-geometry', limit: 2000 })
  })

  test('a clock unknown without the Moon', () => {
    const sights = [0, 1, 2, 3].map(h => sightOf('sun', time + h * HOUR, vienna))
    expect(failure(sights)).toBeUndefined()
    expect(failure(sights, { unknownClock: true })).toMatchObject({ code: 'poor-geometry', field: 'unknownClock' })
  })
})

describe('a clock that is unknown', () => {
  test.each([-3600, -7, 0, 90, 5400])('%i s fast is found by the Moon', fast => {
    const sharp = dayOfSights(vienna, fast * 1000).map(sight => ({ ...sight, sigma: arcmin(0.1) }))
    const extra = sightOf('moon', time - HOUR, vienna, arcmin(0.1))
    const sights = [...sharp, { ...extra, time: time - HOUR + fast * 1000 }]
    const fix = unwrap(fixPosition(sights, { unknownClock: true }))
    expect(fix.clock!.error).toBeCloseTo(fast, 2)
    expect(fix.clock!.sigma).toBeGreaterThan(1)
    expect(metresOff(fix, vienna)).toBeLessThan(5)
    expect(fix.degreesOfFreedom).toBe(1)
  })

  test('a clock taken for right moves the place by 15″ a second', () => {
    const late = unwrap(fixPosition(dayOfSights(vienna, 60_000)))
    expect(late.place.longitude - vienna.longitude).toBeCloseTo(-0.25, 1)
  })

  test('a stated uncertainty of the time widens the ellipse eastward by as much', () => {
    const sights = dayOfSights({ ...vienna, latitude: 0 })
    const [sharp, wide] = [0, 10].map(timeSigma => unwrap(fixPosition(sights, { timeSigma })).covariance)
    expect(wide!.north).toBe(sharp!.north)
    expect(Math.sqrt(wide!.east - sharp!.east)).toBeCloseTo(4651, -1)
  })
})

test('contradicting sights show in χ², not in the ellipse', () => {
  const sights = upAt(vienna, time, 6, 5)
  const wrong = sights.map((sight, i) => (i === 2 ? { ...sight, altitude: sight.altitude + 1 } : sight))
  const [good, bad] = [unwrap(fixPosition(sights)), unwrap(fixPosition(wrong))]
  expect(good.pValue).toBeGreaterThan(0.999)
  expect(bad.pValue).toBeLessThan(1e-10)
  expect(bad.ellipse.semiMajor / good.ellipse.semiMajor).toBeCloseTo(1, 1)
})

test('the order of the sights decides nothing', () => {
  const sights = upAt(vienna, time, 6, 5)
  const [one, other] = [unwrap(fixPosition(sights)), unwrap(fixPosition(sights.toReversed()))]
  expect(metresOff(one, other.place)).toBeLessThan(0.01)
})

test('sights once prepared give the same fix from any start', () => {
  const prepared = unwrap(prepareSights(dayOfSights(vienna)))
  expect(unwrap(solveFix(prepared))).toEqual(unwrap(fixPosition(dayOfSights(vienna))))
})

test.each<[string, FixOptions, string]>([
  ['a start beyond the pole', { start: { latitude: 90.1, longitude: 0 } }, 'place.latitude'],
  ['a start that is no number', { start: { latitude: NaN, longitude: 0 } }, 'place.latitude'],
  ['an elevation in space', { elevation: 20_000 }, 'place.elevation'],
  ['certainty', { confidence: 1 }, 'confidence'],
  ['no confidence', { confidence: NaN }, 'confidence'],
  ['no axis', { largestSemiAxis: 0 }, 'largestSemiAxis'],
  ['a negative deviation of the time', { timeSigma: -1 }, 'timeSigma'],
])('refuses %s', (_, options, field) => {
  expect(failure(dayOfSights(vienna), options)).toMatchObject({ code: 'out-of-range', field })
})

describe('by day', () => {
  const noon = Date.UTC(2026, 5, 21, 11)

  test('Sun, Moon, Venus and Jupiter may be sighted', () => {
    const sights = ['sun', 'venus', 'jupiter'].map(body => sightOf(body, noon, vienna))
    expect(failure([...sights, sightOf('sun', noon + 3 * HOUR, vienna)])).toBeUndefined()
  })

  test('no star may', () => {
    const sights = ['sun', 'venus', 'regulus'].map(body => sightOf(body, noon, vienna))
    expect(failure(sights)).toMatchObject({ code: 'daylight', field: 'sights[2]' })
  })

  test('what needs darkness may not', () => {
    const sights = ['sun', 'venus', 'mars'].map(body => sightOf(body, noon, vienna))
    const refused = failure([...sights, sightOf('sun', noon + 3 * HOUR, vienna)])
    expect(refused).toMatchObject({ code: 'daylight', field: 'sights[2]' })
    expect(refused!.message).toBe('mars cannot be observed while the Sun is higher than 3° below the horizon')
  })
})
