import { describe, expect, test } from 'vitest'
import {
  checkPlace,
  isCoarse,
  observeSky,
  PLACE_GRIDS,
  snapPlace,
  type Place,
  type PlaceGrid,
} from '../../../src/sky/index'

const time = Date.UTC(2026, 10, 22, 18)
const vienna = { latitude: 48.2082, longitude: 16.3738, elevation: 171, accuracy: 12 }

describe('the grid point of a place', () => {
  test.each<[PlaceGrid, number, number, number]>([
    [0.01, 48.21, 16.37, 1200],
    [0.1, 48.2, 16.4, 12_000],
    [1, 48, 16, 110_000],
    [10, 50, 20, 800_000],
  ])('of Vienna on the grid of %s°, without its elevation', (grid, latitude, longitude, accuracy) => {
    expect(snapPlace({ ...vienna, grid })).toEqual({ latitude, longitude, accuracy, grid })
  })

  test.each<[string, Place, Place]>([
    ['half way is north and east', p(0.5, -0.5, 1), p(1, 0, 1)],
    ['half way is north and east, south too', p(-0.5, 0.5, 1), p(0, 1, 1)],
    ['up to 60° points are one step apart', p(60.4, 11, 1), p(60, 11, 1)],
    ['beyond 60° two', p(60.6, 10.9, 1), p(61, 10, 1)],
    ['beyond 75° four', p(-76, 10.1, 1), p(-76, 12, 1)],
    ['beyond 82° twelve', p(83, 17, 1), p(83, 12, 1)],
    ['beyond 87° thirty-six', p(-88, -19, 1), p(-88, -36, 1)],
    ['the pole has one', p(89.6, 77, 1), { ...p(90, 0, 1), accuracy: 112_000 }],
    ['beyond 89° there is nothing but the pole', p(-89.06, 77, 0.1), { ...p(-90, 0, 0.1), accuracy: 112_000 }],
    ['89° itself is a row', p(89.04, 7, 0.1), p(89, 7.2, 0.1)],
    ['180° is written −180°', p(0, 180, 10), p(0, -180, 10)],
    ['so is what is nearest to it', p(0, 176, 10), p(0, -180, 10)],
    ['from the other side too', p(0, -179.996, 0.01), p(0, -180, 0.01)],
  ])('%s', (_, place, point) => {
    expect(snapPlace(place)).toEqual({ ...point, accuracy: point.accuracy ?? PLACE_GRIDS[place.grid!] })
  })

  test('keeps an accuracy that is worse than the cell', () => {
    expect(snapPlace({ ...vienna, accuracy: 5000, grid: 0.01 }).accuracy).toBe(5000)
  })

  test('is for coarse places only', () => {
    expect(snapPlace(vienna)).toBe(vienna)
    expect([isCoarse(vienna), isCoarse({ ...vienna, grid: 1 })]).toEqual([false, true])
  })

  test.each([0.05, 0, 5, NaN, '1', 'toString'])('grid %s is not published', grid => {
    const refused = expect.objectContaining({ code: 'bad-value', field: 'place.grid' })
    expect(() => checkPlace({ ...vienna, grid: grid as never })).toThrow(refused)
    expect(() => observeSky({ time, place: { ...vienna, grid: grid as never } })).toThrow(refused)
  })
})

test('the sky of a coarse place is that of its grid point at sea level', () => {
  const sky = observeSky({ time, place: { latitude: 48.2, longitude: 16.4 } })
  expect(observeSky({ time, place: { ...vienna, grid: 0.1 } })).toEqual(sky)
  expect(observeSky({ time, place: vienna })).not.toEqual(sky)
})

function p(latitude: number, longitude: number, grid: PlaceGrid): Place {
  return { latitude, longitude, grid }
}
