import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { dip, fixPosition, prepareSights, refraction, distanceFromFix } from '../../../src/sky/index'
import { MAX_SIGHTS, SKY_TIME_LIMITS, type Limb, type Sight } from '../../../src/sky/index'
import { arcmin, sightOf, standing } from './sight-samples'

const vienna = { latitude: 48.2082, longitude: 16.3738, elevation: 0 }
const time = Date.UTC(2026, 5, 21, 13)
const sun = sightOf('sun', time, vienna)

function refused(change: object, index = 1) {
  const sights = [sun, sightOf('moon', time, vienna)].map((sight, i) => (i === index ? { ...sight, ...change } : sight))
  const prepared = prepareSights(sights)
  return prepared.ok ? undefined : prepared.error
}

describe('what was observed is brought back to the airless centre', () => {
  const HOURS = 3_600_000
  const rounds = [
    ['sun', 0],
    ['moon', 0],
    ['sun', 3],
    ['moon', 4],
  ] as const

  /** What a sextant shows: the body's edge by its disc, lifted by the air, above a horizon that lies low. */
  function asSeen(body: 'sun' | 'moon', at: number, limb: Limb, heightOfEye: number, pressure: number): Sight {
    const disc = { sun: 0.2624, moon: 0.2725 * standingParallax(at) }[body]
    const edge = standing(body, at, vienna).altitude + { lower: -disc, centre: 0, upper: disc }[limb]
    let apparent = edge
    for (let i = 0; i < 20; i++) apparent = edge + refraction(apparent, pressure, 5)
    const altitude = apparent + dip(heightOfEye)
    return { body, time: at, limb, heightOfEye, pressure, temperature: 5, altitude, sigma: arcmin(0.5) }
  }

  /** Degrees, near enough for its disc: from the Moon's distance on that day. */
  function standingParallax(at: number): number {
    const { direction } = unwrap(prepareSights([sightOf('moon', at, vienna)]))[0]!
    return (Math.asin(direction.parallax) * 180) / Math.PI
  }

  test.each<[Limb, number, number]>([
    ['centre', 0, 1013],
    ['lower', 3, 990],
    ['upper', 30, 1040],
  ])('%s limb, %i m high, %i hPa', (limb, heightOfEye, pressure) => {
    const sights = rounds.map(([body, hours]) => asSeen(body, time + hours * HOURS, limb, heightOfEye, pressure))
    const fix = unwrap(fixPosition(sights))
    // The Moon's disc grows by up to 16″ with its altitude, which this test leaves out.
    expect(distanceFromFix(fix, vienna).distance).toBeLessThan(limb === 'centre' ? 1 : 500)
    const wrong = unwrap(fixPosition(sights.map(sight => ({ ...sight, limb: 'centre', heightOfEye: 100 }))))
    expect(distanceFromFix(wrong, vienna).distance).toBeGreaterThan(5000)
  })

  test('thin mountain air is assumed where no pressure is stated', () => {
    const sight = { body: 'sun', time, altitude: 10, sigma: 0.01 }
    const [low, high] = [0, 3000].map(elevation => unwrap(prepareSights([sight], elevation))[0]!.altitude)
    expect(((high! - low!) * 180) / Math.PI).toBeCloseTo(refraction(10, 1013.25, 10) - refraction(10, 701, 10), 4)
  })
})

describe('bad sights', () => {
  test.each<[string, object, string, string]>([
    ['NaN', { altitude: NaN }, 'non-finite', 'altitude'],
    ['an infinite deviation', { sigma: Infinity }, 'non-finite', 'sigma'],
    ['a text for a number', { altitude: '12' }, 'bad-type', 'altitude'],
    ['no altitude', { altitude: undefined }, 'missing-field', 'altitude'],
    ['no deviation', { sigma: undefined }, 'missing-field', 'sigma'],
    ['a perfect observer', { sigma: 0 }, 'out-of-range', 'sigma'],
    ['more than overhead', { altitude: 90.01 }, 'out-of-range', 'altitude'],
    ['an azimuth without its deviation', { azimuth: 12 }, 'missing-field', 'azimuthSigma'],
    ['a deviation without its azimuth', { azimuthSigma: 1 }, 'missing-field', 'azimuth'],
    ['an azimuth beyond the circle', { azimuth: 361, azimuthSigma: 1 }, 'out-of-range', 'azimuth'],
    ['an eye in a balloon', { heightOfEye: 301 }, 'out-of-range', 'heightOfEye'],
    ['a vacuum', { pressure: 0 }, 'out-of-range', 'pressure'],
    ['absolute cold', { temperature: -273 }, 'out-of-range', 'temperature'],
    ['a body that nobody knows', { body: 'nibiru' }, 'unknown-body', 'body'],
    ['a name from the prototype', { body: 'constructor' }, 'unknown-body', 'body'],
    ['a limb that is none', { limb: 'left' }, 'bad-value', 'limb'],
    ['the limb of a planet', { body: 'venus', limb: 'lower' }, 'bad-value', 'limb'],
    ['a body below the horizon', { altitude: -0.5, corrected: false }, 'below-horizon', 'altitude'],
    ['a body below the horizon, corrected', { altitude: -1.01 }, 'out-of-range', 'altitude'],
    ['a time that is none', { time: NaN }, 'out-of-range', 'time'],
    ['a time too early', { time: SKY_TIME_LIMITS.min - 1 }, 'out-of-range', 'time'],
    ['a time too late', { time: new Date(SKY_TIME_LIMITS.max + 1) }, 'out-of-range', 'time'],
  ])('%s', (_, change, code, field) => {
    expect(refused(change)).toMatchObject({ code, field: `sights[1].${field}` })
  })

  test('the same body twice at the same instant', () => {
    const again = refused({ body: 'sun', time: new Date(time) })
    expect(again).toMatchObject({ code: 'duplicate-sight', field: 'sights[1]' })
    expect(again!.message).toBe('sun is sighted twice at the same instant: one observation would count for two')
    expect(refused({ body: 'sun', time: time + 1 })).toBeUndefined()
  })

  test('none, too many, and no list', () => {
    expect(prepareSights([])).toMatchObject({ error: { code: 'missing-field', field: 'sights' } })
    const many = Array.from({ length: MAX_SIGHTS + 1 }, (_, i) => ({ ...sun, time: time + i }))
    expect(prepareSights(many)).toMatchObject({ error: { code: 'too-large', limit: MAX_SIGHTS } })
    expect(prepareSights(many.slice(1)).ok).toBe(true)
    expect(prepareSights('sun' as never)).toMatchObject({ error: { code: 'bad-type' } })
  })

  test('a body rising in the haze is not below the horizon', () => {
    expect(refused({ altitude: 0, corrected: false })).toBeUndefined()
    expect(refused({ altitude: -0.9 })).toBeUndefined()
  })
})
