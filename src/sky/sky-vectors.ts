import { Body, GeoVector, HelioState, Rotation_EQJ_EQD, SiderealTime, type AstroTime } from 'astronomy-engine'
import { engineTime } from './engine-time'
import { SKY_BODIES } from './profile'
import { starVectors } from './star-vectors'

const HOUR = Math.PI / 12

const ENGINE_BODIES: Readonly<Record<(typeof SKY_BODIES)[number], Body>> = {
  sun: Body.Sun,
  moon: Body.Moon,
  mercury: Body.Mercury,
  venus: Body.Venus,
  mars: Body.Mars,
  jupiter: Body.Jupiter,
  saturn: Body.Saturn,
}

/** Where everything stands at one time, for every place: vectors on the true equator and equinox of date. */
export interface SkyVectors {
  /** Greenwich apparent sidereal time as an angle in radians. */
  readonly sidereal: number
  /** Apparent geocentric positions of `SKY_BODIES` in AU, three numbers each; more may follow. */
  readonly bodies: ArrayLike<number>
  /** Apparent geocentric directions of the catalogue's stars, three numbers each. */
  stars(): ArrayLike<number>
}

/**
 * The vectors of an instant as the engine gives them. The same directions as its `Equator` and `Horizon` answer one by
 * one, with the rotation to the equator of date, and the place of the observer, computed once.
 *
 * @param milliseconds since the Unix epoch, within `SKY_TIME_LIMITS`
 */
export function skyVectors(milliseconds: number): SkyVectors {
  const time = engineTime(milliseconds)
  const rotation = rotationAt(time)
  const bodies = bodyVectors(time, rotation)
  const sidereal = SiderealTime(time) * HOUR
  return { sidereal, bodies, stars: () => starVectors({ tt: time.tt, rotation, earth: earthState(time) }) }
}

/** From the equator of J2000 to the true equator and equinox of date, nine numbers, row by row. */
export function rotationAt(time: AstroTime): readonly number[] {
  const { rot } = Rotation_EQJ_EQD(time)
  return [0, 1, 2].flatMap(row => [0, 1, 2].map(column => rot[column]![row]!))
}

/** Apparent geocentric positions of `SKY_BODIES`, light time and aberration included, turned by a rotation. */
export function bodyVectors(time: AstroTime, rows: ArrayLike<number>): Float64Array {
  const out = new Float64Array(3 * SKY_BODIES.length)
  for (const [index, name] of SKY_BODIES.entries()) {
    const { x, y, z } = GeoVector(ENGINE_BODIES[name], time, true)
    for (let row = 0; row < 3; row++) {
      out[3 * index + row] = rows[3 * row]! * x + rows[3 * row + 1]! * y + rows[3 * row + 2]! * z
    }
  }
  return out
}

/** Heliocentric position and velocity of the Earth, equator of J2000, in AU and AU a day. */
export function earthState(time: AstroTime): readonly number[] {
  const { x, y, z, vx, vy, vz } = HelioState(Body.Earth, time)
  return [x, y, z, vx, vy, vz]
}
