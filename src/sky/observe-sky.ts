import { snapPlace } from '../base/index'
import { directionsOf } from './directions'
import { checkObject, checkPlace, checkSkyTime } from './limits'
import { CIRCLE_ARCSEC, SKY_BODIES, SKY_PROFILE } from './profile'
import { skyNames } from './sky-names'
import { skyVectors } from './sky-vectors'
import type { EquatorialBody, HorizontalBody, Place, Sky } from './types'

/** When and from where. */
export interface SkyMoment {
  /** Milliseconds since the Unix epoch, or a `Date`; years 1900 to 2100. */
  readonly time: number | Date
  /**
   * Without it the sky is geocentric. A missing elevation is 0 m; `accuracy` has no influence. With `grid` the sky is that
   * of the grid point.
   */
  readonly place?: Place | undefined
}

/** What to observe. */
export interface ObserveOptions extends SkyMoment {
  /** Adds the 57 navigational stars and Polaris: all that are above the horizon, or without a place all. Default `false`. */
  readonly stars?: boolean
}

/** Arcseconds in a radian. */
const RADIAN = CIRCLE_ARCSEC / (2 * Math.PI)

/**
 * The sky of profile `SKY_PROFILE` (docs/spec/sky.md): where Sun, Moon and the planets to Saturn stand, in integer
 * arcseconds, on wish with the navigational stars. With a place: airless topocentric altitude and azimuth. Without one:
 * apparent geocentric declination and right ascension, true equator and equinox of date. The answer depends on the
 * arguments alone.
 *
 * Anyone can compute a sky for any time and place: it shows that a claim is consistent, nothing more.
 *
 * @throws CosmicError `out-of-range` with `field` and `limit` for an impossible time or place
 *
 * @example
 * ```ts
 * const sky = observeSky({ time: Date.UTC(2026, 0, 1), place: { latitude: 48.2082, longitude: 16.3738 } })
 * // sky.bodies[0] → { name: 'sun', altitude: -222994, azimuth: … }
 * ```
 */
export function observeSky(options: ObserveOptions): Sky {
  checkObject(options, 'options')
  const { stars = false, ...moment } = options
  const sky = computeSky(moment, stars)
  if (sky.frame === 'equatorial') return { ...sky, bodies: sky.bodies.map(roundEquatorial) }
  const bodies = sky.bodies.map(roundHorizontal)
  return { ...sky, bodies: bodies.filter(({ altitude }, index) => index < SKY_BODIES.length || altitude >= 0) }
}

/**
 * The same sky before rounding, in fractions of an arcsecond: what claims are compared with. With `stars` it holds all of
 * them, those below the horizon too. Runtimes differ in its last digits (2e-9″), so it is never written, hashed or
 * signed. Throws as `observeSky` does.
 */
export function computeSky({ time, place }: SkyMoment, stars = false): Sky {
  const milliseconds = checkSkyTime(time)
  const point = place === undefined ? undefined : snapPlace(checkPlace(place))
  const directions = directionsOf(skyVectors(milliseconds), point, stars)
  const names = skyNames()
  const bodies = Array.from({ length: directions.length / 3 }, (_, index) => angles(names[index]!, directions, index))
  return place === undefined
    ? { profile: SKY_PROFILE, frame: 'equatorial', bodies: bodies.map(toEquatorial) }
    : { profile: SKY_PROFILE, frame: 'horizontal', bodies: bodies.map(toHorizontal) }
}

/** Name, latitude and longitude in arcseconds of a unit vector. */
type Angles = readonly [name: string, latitude: number, longitude: number]

function angles(name: string, directions: Float64Array, index: number): Angles {
  const [x, y, z] = directions.subarray(3 * index) as unknown as readonly [number, number, number]
  const longitude = Math.atan2(y, x) * RADIAN
  const latitude = Math.atan2(z, Math.sqrt(x * x + y * y)) * RADIAN
  return [name, latitude, longitude < 0 ? (longitude + CIRCLE_ARCSEC) % CIRCLE_ARCSEC : longitude]
}

const toHorizontal = ([name, altitude, azimuth]: Angles): HorizontalBody => ({ name, altitude, azimuth })
const toEquatorial = ([name, declination, rightAscension]: Angles): EquatorialBody => ({
  name,
  declination,
  rightAscension,
})

function roundHorizontal({ name, altitude, azimuth }: HorizontalBody): HorizontalBody {
  return { name, altitude: rounded(altitude), azimuth: rounded(azimuth) % CIRCLE_ARCSEC }
}

function roundEquatorial({ name, declination, rightAscension }: EquatorialBody): EquatorialBody {
  return { name, declination: rounded(declination), rightAscension: rounded(rightAscension) % CIRCLE_ARCSEC }
}

/** `+ 0` turns −0, which has no integer encoding, into 0. */
function rounded(arcseconds: number): number {
  return Math.round(arcseconds) + 0
}
