import {
  Body,
  DeltaT_EspenakMeeus,
  Equator,
  EquatorFromVector,
  GeoVector,
  Horizon,
  InverseRefraction,
  MakeTime,
  Observer,
  RotateVector,
  Rotation_EQJ_EQD,
  SetDeltaTFunction,
  SiderealTime,
} from 'astronomy-engine'
import { afterEach, describe, expect, test } from 'vitest'
import {
  compareSkies,
  observeSky,
  SKY_BODIES,
  SKY_PROFILE,
  type HorizontalBody,
  type Place,
  type Sky,
} from '../../../src/sky/index'
import { engineTime } from '../../../src/sky/engine-time'
import { computeSky } from '../../../src/sky/observe-sky'
import { rows } from '../../data/rows'

const vienna: Place = { latitude: 48.2082, longitude: 16.3738, elevation: 171 }
const time = Date.UTC(2026, 10, 22, 18)

/** Distance of one body of a computed sky from a direction in degrees, by the library's own great circle. */
function residual(sky: Sky, name: string, latitude: number, longitude: number): number {
  const moved = (body: object) =>
    'altitude' in body
      ? { name, altitude: latitude * 3600, azimuth: longitude * 3600 }
      : { name, declination: latitude * 3600, rightAscension: longitude * 3600 }
  const claimed = { ...sky, bodies: sky.bodies.map(body => (body.name === name ? moved(body) : body)) } as Sky
  return compareSkies(claimed, sky).residuals[name]!
}

describe('the truth of others', () => {
  const horizons = rows('horizons.csv').filter(row => SKY_BODIES.some(name => name === row.body!.toLowerCase()))

  test('JPL Horizons, 1950 to 2050: Sun and Moon within 15″, planets within 30″', () => {
    expect(horizons).toHaveLength(126)
    for (const row of horizons) {
      const [name, altitude] = [row.body!.toLowerCase(), +row.alt_deg!]
      const place = { latitude: +row.lat_deg!, longitude: +row.lon_deg_east!, elevation: +row.elev_m! }
      const sky = computeSky({ time: new Date(row.ut_as_given!), place })
      // Horizons' own refraction, which is part of the refracted rows, is taken off again.
      const airless = row.refraction === 'airless' ? altitude : altitude + InverseRefraction('jplhor', altitude)
      const bound = name === 'sun' || name === 'moon' ? 15 : 30
      expect(residual(sky, name, airless, +row.az_deg!), `${row.file} ${row.ut_as_given}`).toBeLessThan(bound)
    }
  })

  const skyfield = rows('skyfield-de430.csv').filter(row => SKY_BODIES.some(name => name === row.body!.toLowerCase()))
  const skyfieldTime = (row: Record<string, string>) => 946_728_000_000 + +row.ut1_days_j2000! * 86_400_000

  test('Skyfield with DE430: altitude and azimuth', () => {
    expect(skyfield.length).toBeGreaterThan(70)
    for (const row of skyfield) {
      const place = { latitude: +row.lat_deg!, longitude: +row.lon_deg_east!, elevation: +row.elev_m! }
      const sky = computeSky({ time: skyfieldTime(row), place })
      expect(
        residual(sky, row.body!.toLowerCase(), +row.alt_airless_deg!, +row.az_airless_deg!),
        row.body,
      ).toBeLessThan(20)
    }
  })

  test('Skyfield with DE430: right ascension and declination, up to the parallax of the site', () => {
    const parallax: Record<string, number> = { Moon: 3700, Sun: 9, Mercury: 17, Venus: 34, Mars: 24 }
    for (const row of skyfield) {
      const sky = computeSky({ time: skyfieldTime(row) })
      const bound = 20 + (parallax[row.body!] ?? 3)
      const actual = residual(sky, row.body!.toLowerCase(), +row.dec_ofdate_app_deg!, +row.ra_ofdate_app_deg!)
      expect(actual, row.body).toBeLessThan(bound)
    }
  })

  // J. Meeus, Astronomical Algorithms, 2nd edition, examples 47.a, 25.b and 33.a: 0h dynamical time, here less 59 s.
  test.each([
    ['moon', Date.UTC(1992, 3, 12), 13.768368, 134.68847],
    ['sun', Date.UTC(1992, 9, 13), -(7 + 47 / 60 + 1.74 / 3600), 15 * (13 + 13 / 60 + 30.749 / 3600)],
    ['venus', Date.UTC(1992, 11, 20), -(18 + 53 / 60 + 16.84 / 3600), 15 * (21 + 4 / 60 + 41.454 / 3600)],
  ])('Meeus: geocentric %s', (name, dynamical, declination, rightAscension) => {
    expect(residual(computeSky({ time: dynamical - 59_000 }), name, declination, rightAscension)).toBeLessThan(15)
  })
})

test('the vectors give what the engine answers body by body, as the profile says', () => {
  for (let i = 0; i < 200; i++) {
    const instant = Date.UTC(1900, 0, 1) + i * 31_556_952_017.3
    const site = { latitude: 89.9 - 0.9 * i, longitude: ((i * 137.5) % 360) - 180, elevation: i * 50 - 500 }
    const observer = new Observer(site.latitude, site.longitude, site.elevation)
    const [local, central] = [computeSky({ time: instant, place: site }), computeSky({ time: instant })]
    for (const body of [Body.Sun, Body.Moon, Body.Mercury, Body.Venus, Body.Mars, Body.Jupiter, Body.Saturn]) {
      const now = engineTime(instant)
      const { ra, dec } = Equator(body, now, observer, true, true)
      const { altitude, azimuth } = Horizon(now, observer, ra, dec)
      expect(residual(local, body.toLowerCase(), altitude, azimuth)).toBeLessThan(1e-6)
      const apparent = EquatorFromVector(RotateVector(Rotation_EQJ_EQD(now), GeoVector(body, now, true)))
      expect(residual(central, body.toLowerCase(), apparent.dec, apparent.ra * 15)).toBeLessThan(1e-6)
    }
  }
})

describe('the form of a sky', () => {
  test('with a place: the seven bodies in order, integer arcseconds', () => {
    const sky = observeSky({ time, place: vienna })
    expect(sky).toMatchObject({ profile: SKY_PROFILE, frame: 'horizontal' })
    expect(sky.bodies.map(body => body.name)).toEqual([...SKY_BODIES])
    for (const body of sky.bodies) expect(Object.keys(body)).toEqual(['name', 'altitude', 'azimuth'])
  })

  test('without a place: equatorial', () => {
    const sky = observeSky({ time })
    expect(sky).toMatchObject({ profile: SKY_PROFILE, frame: 'equatorial' })
    for (const body of sky.bodies) expect(Object.keys(body)).toEqual(['name', 'declination', 'rightAscension'])
  })

  test('a Date and its milliseconds give one sky; accuracy and an elevation of 0 change nothing', () => {
    const place = { latitude: 48, longitude: 16 }
    expect(observeSky({ time: new Date(time), place })).toEqual(observeSky({ time, place }))
    expect(observeSky({ time, place: { ...place, elevation: 0, accuracy: 500 } })).toEqual(observeSky({ time, place }))
  })

  test('elevation moves the Moon by its parallax', () => {
    const moonFrom = (elevation: number) =>
      observeSky({ time, place: { ...vienna, elevation } }).bodies[1] as HorizontalBody
    const drop = moonFrom(0).altitude - moonFrom(10_000).altitude
    // 10 km of 6378 km, times the horizontal parallax (54′ to 61′), times the cosine of the altitude.
    const cosine = Math.cos(((moonFrom(0).altitude / 3600) * Math.PI) / 180)
    expect(drop / cosine).toBeGreaterThan(4)
    expect(drop / cosine).toBeLessThan(7)
  })

  /** The first millisecond from `time` on, within 16 hours, at which a condition that changes once has changed. */
  function turningPoint(holds: (sun: HorizontalBody) => boolean): HorizontalBody {
    const sun = (offset: number) => computeSky({ time: time + offset, place: vienna }).bodies[0] as HorizontalBody
    let [before, after] = [0, 57_600_000]
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (holds(sun(middle)) === holds(sun(before))) before = middle
      else after = middle
    }
    return observeSky({ time: time + after, place: vienna }).bodies[0] as HorizontalBody
  }

  test('just below the horizon is 0, not −0; just short of north is 0, not 1296000', () => {
    expect(Object.is(turningPoint(sun => sun.altitude > -0.4).altitude, 0)).toBe(true)
    expect(turningPoint(sun => sun.azimuth > 1_295_999.6 || sun.azimuth < 648_000).azimuth).toBe(0)
  })

  test('at the poles and the date line', () => {
    for (const latitude of [-90, 90])
      expect(observeSky({ time, place: { latitude, longitude: 0 } }).bodies).toHaveLength(7)
    const west = observeSky({ time, place: { latitude: 0, longitude: -180 } })
    expect(compareSkies(west, observeSky({ time, place: { latitude: 0, longitude: 180 } })).matches).toBe(true)
  })
})

describe('impossible input', () => {
  const at = (change: Partial<Place>) => () => observeSky({ time, place: { ...vienna, ...change } })

  test.each<[string, () => Sky, string]>([
    ['latitude above', at({ latitude: 90.0001 }), 'place.latitude'],
    ['latitude below', at({ latitude: -90.0001 }), 'place.latitude'],
    ['latitude NaN', at({ latitude: NaN }), 'place.latitude'],
    ['latitude as text', at({ latitude: '48' as never }), 'place.latitude'],
    ['latitude missing', at({ latitude: undefined as never }), 'place.latitude'],
    ['longitude above', at({ longitude: 180.0001 }), 'place.longitude'],
    ['longitude infinite', at({ longitude: -Infinity }), 'place.longitude'],
    ['elevation above', at({ elevation: 10_001 }), 'place.elevation'],
    ['elevation below', at({ elevation: -501 }), 'place.elevation'],
    ['accuracy below', at({ accuracy: -1 }), 'place.accuracy'],
    ['time before 1900', () => observeSky({ time: Date.UTC(1900, 0, 1) - 1 }), 'time'],
    ['time after 2100', () => observeSky({ time: 4_102_444_800_001 }), 'time'],
    ['time NaN', () => observeSky({ time: new Date(NaN) }), 'time'],
  ])('%s', (_, call, field) => {
    expect(call).toThrow(expect.objectContaining({ code: 'out-of-range', field, limit: expect.stringContaining('…') }))
  })

  test('the bounds themselves are possible', () => {
    expect(at({ latitude: 90, longitude: 180, elevation: 10_000 })().bodies).toHaveLength(7)
    expect(at({ latitude: -90, longitude: -180, elevation: -500 })().bodies).toHaveLength(7)
    for (const time of [Date.UTC(1900, 0, 1), 0, 4_102_444_800_000]) expect(observeSky({ time }).bodies).toHaveLength(7)
  })
})

describe('independence of what was computed before', () => {
  afterEach(() => SetDeltaTFunction(DeltaT_EspenakMeeus))

  test('the engine itself depends on it: this is what the room guards against', () => {
    const day = 9822.25
    SiderealTime(MakeTime(0))
    const fresh = SiderealTime(MakeTime(day))
    SiderealTime(MakeTime(0))
    SiderealTime(MakeTime(day + 9e-7))
    expect(SiderealTime(MakeTime(day))).not.toBe(fresh)
  })

  test('calls for instants within the engine’s cache give what they give alone, to the last bit', () => {
    const engineAsksFor = (instant: number) => SiderealTime(MakeTime((instant - 946_728_000_000) / 86_400_000))
    const instants = Array.from({ length: 100 }, (_, i) => time + i * 17)
    const skies = (from: readonly number[], before: (instant: number) => void) =>
      from.map(instant => {
        before(instant)
        return computeSky({ time: instant, place: vienna })
      })
    const alone = skies(instants, () => engineAsksFor(0))
    expect(skies(instants, () => {})).toEqual(alone)
    expect(skies(instants, instant => void computeSky({ time: instant + 3 }))).toEqual(alone)
    expect(skies(instants, instant => engineAsksFor(instant + 40))).toEqual(alone)
    const leavesStaleSiderealTime = (instant: number) => [instant + 40, instant].map(engineAsksFor)
    expect(skies(instants, instant => void leavesStaleSiderealTime(instant))).toEqual(alone)
    expect(skies(instants.toReversed(), () => {}).reverse()).toEqual(alone)
  })

  test('a program that gives the engine another ΔT does not change a profile', () => {
    const before = observeSky({ time, place: vienna })
    SetDeltaTFunction(() => 5000)
    expect(observeSky({ time, place: vienna })).toEqual(before)
  })
})
