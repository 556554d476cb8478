import { KM_PER_AU } from 'astronomy-engine'
import { SKY_BODIES } from './profile'
import type { SkyVectors } from './sky-vectors'
import type { Place } from './types'

const DEGREE = Math.PI / 180
/** Numbers of the seven bodies. */
const NEAR = 3 * SKY_BODIES.length
/** The engine's Earth (its `terra`, after NOVAS): equatorial radius in km, and polar over equatorial radius. */
const EQUATORIAL_RADIUS = 6378.1366
const AXIS_RATIO = 0.996647180302104
/** The Earth's rotation in radians a second (IERS Conventions 2010, table 1.2), over the speed of light in km/s. */
const SPIN = 7.292115e-5 / 299_792.458

/**
 * Directions of the seven bodies, then of the stars on wish, as unit vectors in the frame of the sky, three numbers each.
 * With a place: x north, y east, z up. Without one: x to the equinox, z to the pole, true equator and equinox of date.
 *
 * @param place one that can exist, and a grid point if it is coarse
 * @param scratch what to write to, if it has the right length: the answer is then good until it is written to again
 */
export function directionsOf(
  vectors: SkyVectors,
  place: Place | undefined,
  withStars: boolean,
  scratch?: Float64Array,
): Float64Array {
  const { bodies, sidereal } = vectors
  const stars = withStars ? vectors.stars() : []
  const length = NEAR + stars.length
  const out = scratch?.length === length ? scratch : new Float64Array(length)
  const horizon = place && new Horizon(place, sidereal)
  for (let at = 0; at < NEAR; at += 3) {
    if (horizon) horizon.writeNear(bodies, at, out)
    else [out[at], out[at + 1], out[at + 2]] = [bodies[at]!, bodies[at + 1]!, bodies[at + 2]!]
    normalize(out, at)
  }
  if (horizon) for (let at = 0; at < stars.length; at += 3) horizon.writeStar(stars, at, out, NEAR + at)
  else out.set(stars, NEAR)
  return out
}

function normalize(out: Float64Array, at: number): void {
  const [x, y, z] = [out[at]!, out[at + 1]!, out[at + 2]!]
  const length = Math.sqrt(x * x + y * y + z * z)
  out[at] = x / length
  out[at + 1] = y / length
  out[at + 2] = z / length
}

/** An observer on the ellipsoid and the directions around him, on the true equator of date. */
class Horizon {
  readonly #sinLatitude: number
  readonly #cosLatitude: number
  readonly #sinMeridian: number
  readonly #cosMeridian: number
  /** Distance from the Earth's axis and above the plane of its equator, in AU. */
  readonly #fromAxis: number
  readonly #above: number

  constructor(place: Place, sidereal: number) {
    const { latitude, longitude, elevation = 0 } = place
    const [sin, cos] = [Math.sin(latitude * DEGREE), Math.cos(latitude * DEGREE)]
    const curvature = EQUATORIAL_RADIUS / Math.sqrt(cos * cos + AXIS_RATIO * AXIS_RATIO * sin * sin)
    const meridian = sidereal + longitude * DEGREE
    ;[this.#sinLatitude, this.#cosLatitude] = [sin, cos]
    ;[this.#sinMeridian, this.#cosMeridian] = [Math.sin(meridian), Math.cos(meridian)]
    this.#fromAxis = ((curvature + elevation / 1000) * cos) / KM_PER_AU
    this.#above = ((curvature * AXIS_RATIO * AXIS_RATIO + elevation / 1000) * sin) / KM_PER_AU
  }

  /** Turns a geocentric position in AU into one seen from here; diurnal aberration is not in the engine's `Equator`. */
  writeNear(from: ArrayLike<number>, at: number, out: Float64Array): void {
    const x = from[at]! - this.#fromAxis * this.#cosMeridian
    const y = from[at + 1]! - this.#fromAxis * this.#sinMeridian
    this.#write(x, y, from[at + 2]! - this.#above, out, at)
  }

  /** Turns a direction that is the same from everywhere, apart from diurnal aberration: at most 0.32″ to the east. */
  writeStar(from: ArrayLike<number>, at: number, out: Float64Array, to: number): void {
    this.#write(from[at]!, from[at + 1]!, from[at + 2]!, out, to)
    out[to + 1]! += SPIN * this.#fromAxis * KM_PER_AU
    normalize(out, to)
  }

  #write(x: number, y: number, z: number, out: Float64Array, at: number): void {
    const outward = this.#cosMeridian * x + this.#sinMeridian * y
    out[at] = this.#cosLatitude * z - this.#sinLatitude * outward
    out[at + 1] = this.#cosMeridian * y - this.#sinMeridian * x
    out[at + 2] = this.#sinLatitude * z + this.#cosLatitude * outward
  }
}
