import { describe, expect, test } from 'vitest'
import { inRegion } from '../../../src/validate/in-region'
import { MAX_POSITIONS, readRegion, type Position, type Region } from '../../../src/validate/region'

/** Closed for the test's brevity. */
const ring = (...positions: Position[]): Position[] => [...positions, positions[0]!]
const polygon = (...rings: Position[][]): Region => ({ type: 'Polygon', coordinates: rings })
const box = (west: number, south: number, east: number, north: number) =>
  ring([west, south], [east, south], [east, north], [west, north])
const holds = (region: Region, longitude: number, latitude: number) =>
  inRegion(readRegion(region, 'region'), { longitude, latitude })

describe('inside, outside, on the edge', () => {
  const square = polygon(box(10, 40, 20, 50))

  test.each([
    [15, 45, true],
    [9.999, 45, false],
    [20.001, 45, false],
    [15, 50.001, false],
    [15, 39.999, false],
  ])('%s, %s: %s', (longitude, latitude, inside) => expect(holds(square, longitude, latitude)).toBe(inside))

  test.each([
    ['a side', 10, 45],
    ['the top', 15, 50],
    ['the bottom', 15, 40],
    ['a corner', 20, 50],
  ])('%s belongs to it', (_, longitude, latitude) => expect(holds(square, longitude, latitude)).toBe(true))

  test('the edge is straight in longitude and latitude, not the great circle above it', () => {
    // Half way, the great circle from (0, 60) to (90, 60) is at 67.8 degrees.
    expect(holds(polygon(box(0, 10, 90, 60)), 45, 60)).toBe(true)
    expect(holds(polygon(box(0, 10, 90, 60)), 45, 60.0001)).toBe(false)
  })

  test('a slanted edge, in the smallest steps of a place', () => {
    const triangle = polygon(ring([0, 0], [30, 0], [30, 10]))
    expect(holds(triangle, 3, 1)).toBe(true)
    expect(holds(triangle, 3, 1.0000001)).toBe(false)
    expect(holds(triangle, 3, 0.9999999)).toBe(true)
  })

  test('a place level with corners is counted once', () => {
    const diamond = polygon(ring([0, -10], [10, 0], [0, 10], [-10, 0]))
    expect(holds(diamond, 0, 0)).toBe(true)
    expect(holds(diamond, -11, 0)).toBe(false)
    expect(holds(diamond, 11, 0)).toBe(false)
    expect(holds(diamond, -5, 10)).toBe(false)
  })

  test('either winding, and a height in the positions', () => {
    const backwards = [...box(10, 40, 20, 50)].reverse().map(([lon, lat]) => [lon!, lat!, 300])
    expect(holds(polygon(backwards), 15, 45)).toBe(true)
  })

  test('a concave region', () => {
    const horseshoe = polygon(ring([0, 0], [9, 0], [9, 9], [6, 9], [6, 3], [3, 3], [3, 9], [0, 9]))
    expect(holds(horseshoe, 4.5, 6)).toBe(false)
    expect(holds(horseshoe, 1, 6)).toBe(true)
    expect(holds(horseshoe, 8, 6)).toBe(true)
  })

  test('several polygons', () => {
    const two: Region = { type: 'MultiPolygon', coordinates: [[box(0, 0, 1, 1)], [box(5, 5, 6, 6)]] }
    expect(holds(two, 0.5, 0.5)).toBe(true)
    expect(holds(two, 5.5, 5.5)).toBe(true)
    expect(holds(two, 3, 3)).toBe(false)
  })
})

describe('holes', () => {
  const ringed = polygon(box(0, 0, 10, 10), box(4, 4, 6, 6))

  test('what is in a hole is outside; its edge belongs to the region', () => {
    expect(holds(ringed, 5, 5)).toBe(false)
    expect(holds(ringed, 2, 2)).toBe(true)
    expect(holds(ringed, 4, 5)).toBe(true)
  })

  test('an island in the lake is a polygon of its own', () => {
    const region: Region = {
      type: 'MultiPolygon',
      coordinates: [[box(0, 0, 10, 10), box(2, 2, 8, 8)], [box(4, 4, 6, 6)]],
    }
    expect(holds(region, 5, 5)).toBe(true)
    expect(holds(region, 3, 3)).toBe(false)
  })
})

describe('the antimeridian', () => {
  const cut: Region = { type: 'MultiPolygon', coordinates: [[box(170, -20, 180, -10)], [box(-180, -20, -170, -10)]] }
  const beyond = polygon(box(170, -20, 190, -10))
  const before = polygon(box(-190, -20, -170, -10))

  test.each([
    [175, -15, true],
    [-175, -15, true],
    [180, -15, true],
    [-180, -15, true],
    [169.9, -15, false],
    [-169.9, -15, false],
    [0, -15, false],
    [180, -9, false],
  ])('%s, %s: %s, cut or going on beyond 180°', (longitude, latitude, inside) => {
    for (const region of [cut, beyond, before]) expect(holds(region, longitude, latitude)).toBe(inside)
  })

  test('an edge that could run either way round is refused', () => {
    expect(() => readRegion(polygon(ring([170, -20], [-170, -20], [-170, -10], [170, -10])), 'region')).toThrow(
      expect.objectContaining({ code: 'bad-value', field: 'region.coordinates[0][1]' }),
    )
  })
})

describe('the poles', () => {
  const cap = polygon(box(-180, 60, 180, 90))
  const southern = polygon(box(-180, -90, 180, -75))

  test.each([0, 90, -123.4, 180, -180])('the pole lies in its cap, whatever longitude it is given: %s', longitude => {
    expect(holds(cap, longitude, 90)).toBe(true)
    expect(holds(southern, longitude, -90)).toBe(true)
    expect(holds(cap, longitude, -90)).toBe(false)
    expect(holds(southern, longitude, 90)).toBe(false)
  })

  test('both sides of the meridian where the cap closes', () => {
    for (const longitude of [180, -180, 179.9999999, -179.9999999]) {
      expect(holds(cap, longitude, 75)).toBe(true)
      expect(holds(cap, longitude, 59)).toBe(false)
    }
  })

  test('a ring around the pole leaves the pole and its seam out', () => {
    const annulus = polygon(box(-180, 60, 180, 90), box(-180, 80, 180, 90))
    expect(holds(annulus, 33, 90)).toBe(false)
    for (const longitude of [0, 180, -180]) {
      expect(holds(annulus, longitude, 85)).toBe(false)
      expect(holds(annulus, longitude, 80)).toBe(true)
      expect(holds(annulus, longitude, 70)).toBe(true)
    }
  })

  test('a band round the Earth with a hole as wide leaves the hole’s seam out', () => {
    const bands = polygon(box(-180, -60, 180, 60), box(-180, -20, 180, 20))
    expect(holds(bands, 180, 0)).toBe(false)
    expect(holds(bands, -180, 20)).toBe(true)
    expect(holds(bands, 180, 40)).toBe(true)
  })

  test('a wedge that ends at the pole has it on its edge', () => {
    expect(holds(polygon(ring([0, 50], [60, 50], [60, 90], [0, 90])), -100, 90)).toBe(true)
    expect(holds(polygon(ring([0, 50], [60, 50], [30, 90])), 0, 90)).toBe(true)
    expect(holds(polygon(ring([0, 50], [60, 50], [30, 89])), 30, 90)).toBe(false)
  })

  test('a ring drawn round the pole without touching it is refused: it could mean either side', () => {
    expect(() => readRegion(polygon(ring([-120, 60], [0, 60], [120, 60])), 'region')).toThrow(
      expect.objectContaining({ code: 'bad-value' }),
    )
  })
})

describe('what is no region is refused with its field', () => {
  const positions = (count: number) =>
    ring(...Array.from({ length: count - 1 }, (_, i): Position => [i / count, i % 2]))

  test.each<[string, unknown, string, string]>([
    ['nothing', undefined, 'bad-type', 'at.type'],
    ['a point', { type: 'Point', coordinates: [1, 2] }, 'bad-type', 'at.type'],
    ['a feature', { type: 'Feature', geometry: polygon(box(0, 0, 1, 1)) }, 'bad-type', 'at.type'],
    ['no coordinates', { type: 'Polygon' }, 'bad-type', 'at.coordinates'],
    ['no ring', polygon(), 'bad-type', 'at.coordinates'],
    [
      'positions in place of rings',
      { type: 'Polygon', coordinates: box(0, 0, 1, 1) },
      'bad-type',
      'at.coordinates[0][0]',
    ],
    [
      'three positions',
      polygon([
        [0, 0],
        [1, 1],
        [0, 0],
      ]),
      'bad-value',
      'at.coordinates[0]',
    ],
    [
      'an open ring',
      polygon([
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ]),
      'bad-value',
      'at.coordinates[0]',
    ],
    ['a latitude beyond the pole', polygon(box(0, 0, 1, 91)), 'out-of-range', 'at.coordinates[0][2]'],
    ['a longitude beyond one more turn', polygon(box(0, 0, 541, 1)), 'out-of-range', 'at.coordinates[0][1]'],
    ['NaN', polygon(box(0, NaN, 1, 1)), 'out-of-range', 'at.coordinates[0][0]'],
    ['a text', polygon([['0', 0] as never, [1, 0], [1, 1], ['0', 0] as never]), 'out-of-range', 'at.coordinates[0][0]'],
    [
      'more than once round',
      polygon(
        ring([-200, 0], [-100, 0], [0, 0], [100, 0], [200, 0], [200, 10], [100, 10], [0, 10], [-100, 10], [-200, 10]),
      ),
      'bad-value',
      'at.coordinates[0]',
    ],
    ['too many positions', polygon(positions(MAX_POSITIONS + 1)), 'limit', 'at.coordinates'],
    [
      'too many positions in all',
      { type: 'MultiPolygon', coordinates: [[positions(MAX_POSITIONS)], [box(0, 0, 1, 1)]] },
      'limit',
      'at.coordinates',
    ],
  ])('%s', (_, value, code, field) => {
    expect(() => readRegion(value, 'at')).toThrow(expect.objectContaining({ code, field }))
  })

  test('the most positions are taken', () => {
    expect(readRegion(polygon(positions(MAX_POSITIONS)), 'at').type).toBe('Polygon')
  })
})
