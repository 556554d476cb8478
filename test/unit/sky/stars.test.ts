import { describe, expect, test } from 'vitest'
import { observeSky, SKY_BODIES, verifySky, type HorizontalBody, type Sky } from '../../../src/sky/index'
import { computeSky } from '../../../src/sky/observe-sky'
import { STAR_CATALOGUE } from '../../../src/sky/star-catalogue'
import { starVectors } from '../../../src/sky/star-vectors'
import { rows } from '../../data/rows'
import { distance } from './distance'

const time = Date.UTC(2026, 10, 22, 18)
const vienna = { latitude: 48.2082, longitude: 16.3738, elevation: 171 }
const moment = { time, place: vienna }
const names = (sky: Sky) => sky.bodies.map(({ name }) => name)
const horizontal = (sky: Sky) => sky.bodies as readonly HorizontalBody[]

test('ERFA: every row of 57 stars and Polaris, 1978 to 2047, within 0.1″', () => {
  const residuals = rows('stars-erfa.csv').map(row => {
    const place = { latitude: +row.lat_deg!, longitude: +row.lon_deg_east!, elevation: +row.elev_m! }
    const at = { time: 946_728_000_000 + +row['utc_days_j2000(UT1:=UTC)']! * 86_400_000, place }
    const star = horizontal(computeSky(at, true)).find(({ name }) => name === row.star!.toLowerCase())!
    return distance(star, { altitude: +row.alt_airless_deg! * 3600, azimuth: +row.az_airless_deg! * 3600 })
  })
  expect(residuals).toHaveLength(134)
  expect(Math.max(...residuals)).toBeLessThan(0.1)
})

test('light that grazes the Sun is bent by 1.75″, as general relativity says and Eddington saw', () => {
  const index = STAR_CATALOGUE.findIndex(([name]) => name === 'regulus')
  const rotation = [1, 0, 0, 0, 1, 0, 0, 0, 1]
  const seenFrom = (x: number, y: number, z: number) =>
    [...starVectors({ tt: 0, rotation, earth: [x, y, z, 0, 0, 0] })].slice(3 * index, 3 * index + 3)
  const star = seenFrom(0, 0, 1)
  // One AU from the Sun, whose limb (959.63″, IAU 2015) hides all but the star.
  const limb = (959.63 / 3600 / 180) * Math.PI
  const across = [-star[1]!, star[0]!, 0].map(part => part / Math.hypot(star[0]!, star[1]!))
  const sun = star.map((part, i) => Math.cos(limb) * part + Math.sin(limb) * across[i]!)
  const bent = seenFrom(...(sun.map(part => -part) as [number, number, number]))
  const away = Math.hypot(...bent.map((part, i) => part - star[i]!)) * (648_000 / Math.PI)
  expect(away).toBeGreaterThan(1.7)
  expect(away).toBeLessThan(1.8)
  expect(bent.reduce((sum, part, i) => sum + part * sun[i]!, 0)).toBeLessThan(Math.cos(limb))
})

describe('what is observed', () => {
  test('with a place: the seven bodies, then every star above the horizon', () => {
    const bodies = horizontal(observeSky({ ...moment, stars: true }))
    expect(bodies.slice(0, 7)).toEqual(observeSky(moment).bodies)
    const up = bodies.slice(7).map(({ name }) => name)
    const all = horizontal(computeSky(moment, true)).slice(7)
    expect(up).toEqual(all.filter(({ altitude }) => altitude >= -0.5).map(({ name }) => name))
    expect(up).toEqual(expect.arrayContaining(['vega', 'polaris', 'kochab', 'capella']))
    expect(up).not.toContain('rigil kentaurus')
  })

  test('without a place: the seven bodies and all 58 stars', () => {
    const { frame, bodies } = observeSky({ time, stars: true })
    expect(frame).toBe('equatorial')
    expect(bodies.map(({ name }) => name)).toEqual([...SKY_BODIES, ...STAR_CATALOGUE.map(([name]) => name)])
    expect(bodies.every(body => 'declination' in body && Number.isInteger(body.declination))).toBe(true)
  })

  test('from the southern hemisphere, Rigil Kentaurus by this name', () => {
    const sky = observeSky({ time, place: { latitude: -75, longitude: 0 }, stars: true })
    expect(names(sky)).toContain('rigil kentaurus')
    expect(names(sky)).not.toContain('polaris')
  })
})

describe('a claim with stars', () => {
  const observed = observeSky({ ...moment, stars: true })
  const claim = (bodies: readonly HorizontalBody[]): Sky => ({ ...observed, bodies }) as Sky
  const without = (name: string) => claim(horizontal(observed).filter(body => body.name !== name))
  const below = () => {
    const { altitude, azimuth } = horizontal(computeSky(moment, true)).find(({ name }) => name === 'rigil kentaurus')!
    return { name: 'rigil kentaurus', altitude: Math.round(altitude), azimuth: Math.round(azimuth) }
  }

  test('verifies, with a residual for each', () => {
    const { matches, worst, residuals } = verifySky(observed, moment)
    expect(matches).toBe(true)
    expect(worst).toBeLessThan(0.7072)
    expect(Object.keys(residuals)).toEqual(names(observed))
    expect(verifySky(observeSky({ time, stars: true }), { time }).matches).toBe(true)
  })

  test.each<[string, () => Sky, string]>([
    ['that leaves out one that is up', () => without('vega'), 'sky.vega'],
    ['that leaves out all but one', () => claim(horizontal(observed).slice(0, 8)), 'sky.'],
    ['that leaves out a planet', () => without('mars'), 'sky.mars'],
    ['that names one below the horizon', () => claim([...horizontal(observed), below()]), 'sky.bodies'],
    ['that names one twice', () => claim([...horizontal(observed), horizontal(observed)[9]!]), 'sky.bodies'],
    [
      'that names none of the catalogue',
      () => claim([...horizontal(observed), { ...below(), name: 'mira' }]),
      'sky.bodies',
    ],
  ])('%s does not match', (_, claimed, field) => {
    expect(verifySky(claimed(), moment)).toMatchObject({ matches: false, field: expect.stringContaining(field) })
  })

  test('that moves one by 2″ does not match', () => {
    const moved = horizontal(observed).map(body =>
      body.name === 'vega' ? { ...body, altitude: body.altitude - 2 } : body,
    )
    expect(verifySky(claim(moved), moment)).toMatchObject({ matches: false, field: 'sky.vega' })
  })

  test('geocentric, must name all', () => {
    const sky = observeSky({ time, stars: true })
    const bodies = sky.bodies.filter(({ name }) => name !== 'atria')
    expect(verifySky({ ...sky, bodies } as Sky, { time })).toMatchObject({ matches: false, field: 'sky.atria' })
  })
})

describe('a star on the horizon', () => {
  /** The first millisecond at which Vega stands below an altitude in arcseconds, on its way down. */
  function setsBelow(altitude: number): number {
    const vega = (time: number) =>
      horizontal(computeSky({ time, place: { latitude: 20, longitude: 0 } }, true)).find(({ name }) => name === 'vega')!
    let [before, after] = [Date.UTC(2026, 6, 1, 0), Date.UTC(2026, 6, 1, 8)]
    expect(vega(before).altitude > altitude && vega(after).altitude < altitude).toBe(true)
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (vega(middle).altitude > altitude) before = middle
      else after = middle
    }
    return after
  }
  const place = { latitude: 20, longitude: 0 }
  const withAndWithout = (time: number) => {
    const bodies = horizontal(computeSky({ time, place }, true))
      .filter(({ name, altitude }, index) => index < 7 || altitude > 60 || name === 'vega')
      .map(({ name, altitude, azimuth }) => ({ name, altitude: Math.round(altitude), azimuth: Math.round(azimuth) }))
    const judge = (of: typeof bodies) =>
      verifySky({ profile: 'ce-sky-1', frame: 'horizontal', bodies: of }, { time, place }).matches
    return [judge(bodies), judge(bodies.filter(({ name }) => name !== 'vega'))]
  }

  test.each([
    [1.2, true, false],
    [0.9, true, true],
    [0, true, true],
    [-0.9, true, true],
    [-1.2, false, true],
  ])('at %s″ may be named: %s, left out: %s', (altitude, named, left) => {
    expect(withAndWithout(setsBelow(altitude))).toEqual([named, left])
  })

  test('is named from −0.5″ on, where it rounds to 0', () => {
    const at = (altitude: number) =>
      names(observeSky({ time: setsBelow(altitude), place, stars: true })).includes('vega')
    expect([at(0.1), at(-0.4), at(-0.6)]).toEqual([true, true, false])
  })
})
