import type { Place } from './types'

/** Earth-fixed: x to the meridian of Greenwich, y to 90° east, z to the north pole. */
export type Vector = readonly [number, number, number]

/** WGS-84 (NIMA TR8350.2): metres, and the square of the first eccentricity. */
export const EARTH_RADIUS = 6_378_137
const E2 = 0.006_694_379_990_141_3
/** Keeps east defined at the poles, where every direction is as good. */
const TINY = 1e-12

/** An observer: the geodetic vertical, the level directions, and where in space that is. */
export interface Stance {
  readonly up: Vector
  readonly east: Vector
  readonly north: Vector
  /** From the Earth's centre, in equatorial radii. */
  readonly position: Vector
  /** Metres per radian of the vertical's turn to the north and to the east. */
  readonly northRadius: number
  readonly eastRadius: number
}

/** @param up unit vector */
export function stanceAt(up: Vector, elevation: number): Stance {
  const [x, y, z] = up
  const level = Math.max(Math.hypot(x, y), TINY)
  const east: Vector = x === 0 && y === 0 ? [0, 1, 0] : [-y / level, x / level, 0]
  const north: Vector = [-z * east[1], z * east[0], x * east[1] - y * east[0]]
  const w = 1 - E2 * z * z
  const prime = EARTH_RADIUS / Math.sqrt(w)
  const eastRadius = prime + elevation
  const northRadius = (prime * (1 - E2)) / w + elevation
  const scale = eastRadius / EARTH_RADIUS
  const polar = (prime * (1 - E2) + elevation) / EARTH_RADIUS
  return { up, east, north, position: [x * scale, y * scale, z * polar], northRadius, eastRadius }
}

/** The geodetic vertical of a place. */
export function verticalOf({ latitude, longitude }: Pick<Place, 'latitude' | 'longitude'>): Vector {
  const [lat, lon] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180]
  return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)]
}

export function placeOf([x, y, z]: Vector, elevation: number): Place {
  const degrees = 180 / Math.PI
  return { latitude: Math.atan2(z, Math.hypot(x, y)) * degrees, longitude: Math.atan2(y, x) * degrees, elevation }
}

/** The vertical after a step over the level, in radians of its turn. */
export function stepped({ up, east, north }: Stance, northward: number, eastward: number): Vector {
  return unit([
    up[0] + northward * north[0] + eastward * east[0],
    up[1] + northward * north[1] + eastward * east[1],
    up[2] + northward * north[2] + eastward * east[2],
  ])
}

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

export function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

export function unit([x, y, z]: Vector): Vector {
  const length = Math.sqrt(x * x + y * y + z * z)
  return [x / length, y / length, z / length]
}
