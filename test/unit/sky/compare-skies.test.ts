import { describe, expect, test } from 'vitest'
import {
  compareAcross,
  compareSkies,
  observeSky,
  SKY_BODIES,
  TOLERANCE_ARCSEC,
  verifySky,
  type HorizontalBody,
  type Sky,
  type SkyMoment,
} from '../../../src/sky/index'

const time = Date.UTC(2026, 10, 22, 18)
const place = { latitude: 48.2082, longitude: 16.3738 }
const observed = observeSky({ time, place })
const bodies = observed.bodies as readonly HorizontalBody[]

function claim(change: readonly HorizontalBody[]): Sky {
  return { profile: observed.profile, frame: 'horizontal', bodies: change }
}

function withBody(name: string, change: Partial<HorizontalBody>): Sky {
  return claim(bodies.map(body => (body.name === name ? { ...body, ...change } : body)))
}

test('a sky matches itself', () => {
  const result = compareSkies(observed, observed)
  expect(result).toMatchObject({ matches: true, worst: 0, tolerance: TOLERANCE_ARCSEC })
  expect(Object.keys(result.residuals)).toEqual([...SKY_BODIES])
  expect(result).not.toHaveProperty('field')
})

test.each(SKY_BODIES)('2″ off in altitude names the body: %s', name => {
  const altitude = bodies.find(body => body.name === name)!.altitude
  expect(compareSkies(withBody(name, { altitude: altitude + 0.9 }), observed).matches).toBe(true)
  const result = compareSkies(withBody(name, { altitude: altitude - 2 }), observed)
  expect(result).toMatchObject({ matches: false, field: `sky.${name}` })
  expect(result.worst).toBeCloseTo(2, 6)
})

test('residuals are exact from the quantum to the antipode', () => {
  const single = (altitude: number, azimuth: number): Sky => claim([{ name: 'sun', altitude, azimuth }])
  const distance = (a: Sky, b: Sky) => compareSkies(a, b).worst
  expect(distance(single(0, 0), single(0, 1))).toBeCloseTo(1, 6)
  expect(distance(single(0, 1_295_999), single(0, 0))).toBeCloseTo(1, 6)
  expect(distance(single(324_000, 0), single(324_000, 700_000))).toBeCloseTo(0, 6)
  expect(distance(single(216_000, 0), single(216_000, 100))).toBeCloseTo(50, 4)
  expect(distance(single(0, 0), single(0, 648_000))).toBeCloseTo(648_000, 3)
  expect(distance(single(-324_000, 5), single(324_000, 9))).toBeCloseTo(648_000, 3)
})

test('the order of the bodies means nothing', () => {
  expect(compareSkies(claim(bodies.toReversed()), observed)).toMatchObject({ matches: true, worst: 0 })
})

describe('a claim that is not exactly the profile’s bodies', () => {
  test.each<[string, Sky, string]>([
    ['one missing', claim(bodies.filter(body => body.name !== 'mars')), 'sky.mars'],
    ['none', claim([]), 'sky.sun'],
    ['one twice', claim([...bodies, bodies[1]!]), 'sky.bodies'],
    ['one in place of another', claim([bodies[0]!, bodies[0]!, ...bodies.slice(2)]), 'sky.moon'],
    ['an unknown one for a known', claim([{ ...bodies[0]!, name: 'pluto' }, ...bodies.slice(1)]), 'sky.sun'],
    ['an unknown one more', claim([...bodies, { name: 'pluto', altitude: 0, azimuth: 0 }]), 'sky.bodies'],
    ['another frame', observeSky({ time }), 'sky.frame'],
    ['another profile', { ...observed, profile: 'ce-sky-0' }, 'sky.profile'],
  ])('%s', (_, claimed, field) => {
    expect(compareSkies(claimed, observed)).toMatchObject({ matches: false, field, worst: Infinity, residuals: {} })
  })
})

test.each<[string, (body: HorizontalBody) => Partial<HorizontalBody>]>([
  ['over the zenith', body => ({ altitude: 648_000 - body.altitude, azimuth: (body.azimuth + 648_000) % 1_296_000 })],
  ['a turn too many', body => ({ azimuth: body.azimuth + 1_296_000 })],
  ['a turn too few', body => ({ azimuth: body.azimuth - 1_296_000 })],
  ['not a number', () => ({ altitude: NaN })],
])('a direction written otherwise never matches: %s', (_, alias) => {
  const moon = bodies[1]!
  expect(compareSkies(withBody('moon', alias(moon)), observed)).toMatchObject({ matches: false, field: 'sky.moon' })
})

test('claims are judged against the sky before rounding: honest ones stay within 0.707″', () => {
  for (let i = 0; i < 60; i++) {
    const moment = { time: time + i * 61_803_399, place: { latitude: 89.9 - 3 * i, longitude: -180 + 6 * i } }
    for (const honest of [moment, { time: moment.time }]) {
      const { matches, worst } = verifySky(observeSky(honest), honest)
      expect(matches).toBe(true)
      expect(worst).toBeGreaterThan(0.1)
      expect(worst).toBeLessThan(0.7072)
    }
  }
})

test('across implementations a wider tolerance can be given', () => {
  const claimed = withBody('sun', { altitude: bodies[0]!.altitude + 40 })
  expect(compareSkies(claimed, observed).matches).toBe(false)
  expect(compareSkies(claimed, observed, 45).matches).toBe(true)
})

describe('what a tolerance of 1″ catches', () => {
  const caught = (shifted: SkyMoment) => !verifySky(observed, shifted).matches

  test('here 40 m north, 40 m east or 0.1 s', () => {
    expect(caught({ time, place: { ...place, latitude: place.latitude + 40 / 111_200 } })).toBe(true)
    expect(caught({ time, place: { ...place, longitude: place.longitude + 40 / 74_300 } })).toBe(true)
    expect(caught({ time: time + 100, place })).toBe(true)
  })

  test('40 m north at 95 % and more of 300 moments', () => {
    let missed = 0
    for (let i = 0; i < 300; i++) {
      const there = { time: i * 13_000_000_019, place: { latitude: -75 + i / 2, longitude: ((i * 137) % 360) - 180 } }
      const north = { ...there.place, latitude: there.place.latitude + 40 / 111_200 }
      if (verifySky(observeSky(there), { time: there.time, place: north }).matches) missed++
    }
    expect(missed).toBeLessThan(15)
  })

  test('time and longitude moved together by 10 s: the Moon gives it away', () => {
    const moved = { time: time + 10_000, place: { ...place, longitude: place.longitude - (10 * 15.041) / 3600 } }
    expect(verifySky(observed, moved)).toMatchObject({ matches: false, field: 'sky.moon' })
  })
})

describe('across profiles', () => {
  const other = (bodies: readonly HorizontalBody[]): Sky => ({ profile: 'other-9', frame: 'horizontal', bodies })
  const moved = (arcseconds: number) => bodies.map(body => ({ ...body, altitude: body.altitude - arcseconds }))

  test('another astronomy agrees within 45″ on the bodies that both name', () => {
    const pluto = { name: 'pluto', altitude: 0, azimuth: 0 }
    const result = compareAcross(other([...moved(30).slice(0, 2), pluto]), { time, place })
    expect(result).toMatchObject({ matches: true, tolerance: 45 })
    expect(Object.keys(result.residuals)).toEqual(['sun', 'moon'])
    expect(compareAcross(other(moved(47)), { time, place }).matches).toBe(false)
  })

  test('on stars too, and it need not name them all', () => {
    const stars = (observeSky({ time, place, stars: true }).bodies as HorizontalBody[]).slice(7, 9)
    expect(compareAcross(other(stars), { time, place })).toMatchObject({ matches: true })
  })

  test('nothing in common is no agreement', () => {
    const pluto = { name: 'pluto', altitude: 0, azimuth: 0 }
    expect(compareAcross(other([pluto]), { time, place })).toMatchObject({ matches: false, worst: Infinity })
    expect(compareAcross(other(moved(0)), { time })).toMatchObject({ matches: false, field: 'sky.frame' })
  })
})
