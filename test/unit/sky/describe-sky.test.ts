import { Body, Constellation, Equator, EquatorFromVector, GeoVector, Observer } from 'astronomy-engine'
import { expect, test } from 'vitest'
import { describeSky, observeSky, type Sky } from '../../../src/sky/index'

const greenwich = { latitude: 51.4779, longitude: 0 }

test('with a place: the Sun by its height, the Moon by its constellation', () => {
  // Full Moon of 2026-02-01, 22:09 UTC, in Cancer; the winter Sun is far below the horizon.
  const moment = { time: Date.UTC(2026, 1, 1, 22, 9), place: greenwich }
  expect(describeSky(observeSky(moment), moment)).toBe('Sun 48° below the horizon; Moon in Cancer, full')
})

test('without a place: both by constellation', () => {
  const moment = { time: Date.UTC(2026, 1, 1, 22, 9) }
  expect(describeSky(observeSky(moment), moment)).toBe('Sun in Capricornus; Moon in Cancer, full')
})

test('the constellation of a topocentric Moon is that of its topocentric J2000 direction, month through', () => {
  for (let day = 0; day < 28; day++) {
    const moment = { time: Date.UTC(2026, 5, 1 + day, 3), place: greenwich }
    const { ra, dec } = Equator(Body.Moon, new Date(moment.time), new Observer(51.4779, 0, 0), false, true)
    expect(describeSky(observeSky(moment), moment)).toContain(`Moon in ${Constellation(ra, dec).name}`)
  }
})

test('a geocentric Moon likewise, a century of precession away', () => {
  for (let day = 0; day < 60; day++) {
    const time = Date.UTC(2099, 5, 1 + day)
    const { ra, dec } = EquatorFromVector(GeoVector(Body.Moon, new Date(time), true))
    expect(describeSky(observeSky({ time }), { time })).toContain(`Moon in ${Constellation(ra, dec).name}`)
  }
})

test('the words follow the sky that is claimed, not the one computed', () => {
  const moment = { time: Date.UTC(2026, 1, 1, 22, 9), place: greenwich }
  const sunAt = (altitude: number): Sky => ({
    profile: 'x',
    frame: 'horizontal',
    bodies: [{ name: 'sun', altitude, azimuth: 0 }],
  })
  expect(describeSky(sunAt(12 * 3600), moment)).toBe('Sun 12° above the horizon')
  expect(describeSky(sunAt(-1799), moment)).toBe('Sun on the horizon')
  expect(describeSky({ ...sunAt(0), bodies: [] }, moment)).toBe('neither Sun nor Moon')
})

test('a horizontal sky without its place cannot be described', () => {
  const time = Date.UTC(2026, 1, 1)
  const describe = () => describeSky(observeSky({ time, place: greenwich }), { time })
  expect(describe).toThrow(expect.objectContaining({ code: 'missing-field', field: 'place' }))
})

test('the phase of the Moon, through a month', () => {
  // New Moon 2026-06-15 02:54 UTC, full Moon 2026-06-29 23:57 UTC (U.S. Naval Observatory, phases of the Moon).
  const on = (day: number) => {
    const time = Date.UTC(2026, 5, day, 3)
    return describeSky(observeSky({ time }), { time }).split(', ').at(-1)
  }
  expect([8, 15, 18, 26, 30].map(on)).toEqual(['waning', 'new', 'waxing', 'waxing', 'full'])
})

test('what stands overhead is named at night only, and the highest of them', () => {
  const moment = { time: Date.UTC(2026, 1, 1), place: greenwich }
  const sky = (sunAltitude: number): Sky => ({
    profile: 'x',
    frame: 'horizontal',
    bodies: [
      { name: 'sun', altitude: sunAltitude, azimuth: 0 },
      { name: 'rigil kentaurus', altitude: 80 * 3600, azimuth: 0 },
      { name: 'hadar', altitude: 76 * 3600, azimuth: 0 },
    ],
  })
  expect(describeSky(sky(-10 * 3600), moment)).toBe('Sun 10° below the horizon; Rigil Kentaurus overhead')
  expect(describeSky(sky(10 * 3600), moment)).toBe('Sun 10° above the horizon')
})
