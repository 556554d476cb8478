import {
  Body,
  Equator,
  EquatorFromVector,
  GeoVector,
  Horizon,
  Observer,
  RotateVector,
  Rotation_EQJ_EQD,
  type AstroTime,
} from 'astronomy-engine'
import { engineTime } from './engine-time'
import { checkPlace, checkSkyTime } from './limits'
import { CIRCLE_ARCSEC, DEGREE_ARCSEC, SKY_BODIES, SKY_PROFILE } from './profile'
import type { EquatorialBody, HorizontalBody, Place, Sky } from './types'

/** When and from where. */
export interface SkyMoment {
  /** Milliseconds since the Unix epoch, or a `Date`; years 1900 to 2100. */
  readonly time: number | Date
  /** Without it the sky is geocentric. A missing elevation is 0 m; `accuracy` has no influence. */
  readonly place?: Place | undefined
}

export const ENGINE_BODIES: Readonly<Record<(typeof SKY_BODIES)[number], Body>> = {
  sun: Body.Sun,
  moon: Body.Moon,
  mercury: Body.Mercury,
  venus: Body.Venus,
  mars: Body.Mars,
  jupiter: Body.Jupiter,
  saturn: Body.Saturn,
}

/**
 * The sky of profile `SKY_PROFILE` (docs/spec/sky.md): where Sun, Moon and the planets to Saturn stand, in integer
 * arcseconds. With a place: airless topocentric altitude and azimuth. Without one: apparent geocentric declination
 * and right ascension, true equator and equinox of date. The answer depends on the arguments alone.
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
export function observeSky(moment: SkyMoment): Sky {
  const sky = computeSky(moment)
  return sky.frame === 'horizontal'
    ? { ...sky, bodies: sky.bodies.map(roundHorizontal) }
    : { ...sky, bodies: sky.bodies.map(roundEquatorial) }
}

/**
 * The same sky before rounding, in fractions of an arcsecond: what claims are compared with. Runtimes differ in its
 * last digits (2e-9″), so it is never written, hashed or signed. Throws as `observeSky` does.
 */
export function computeSky({ time, place }: SkyMoment): Sky {
  const now = engineTime(checkSkyTime(time))
  if (place === undefined) {
    return { profile: SKY_PROFILE, frame: 'equatorial', bodies: SKY_BODIES.map(name => equatorial(name, now)) }
  }
  const observer = observerAt(place)
  return { profile: SKY_PROFILE, frame: 'horizontal', bodies: SKY_BODIES.map(name => horizontal(name, now, observer)) }
}

/** The engine's observer at a place that can exist. Throws as `checkPlace` does. */
export function observerAt(place: Place): Observer {
  const { latitude, longitude, elevation = 0 } = checkPlace(place)
  return new Observer(latitude, longitude, elevation)
}

function horizontal(name: (typeof SKY_BODIES)[number], time: AstroTime, observer: Observer): HorizontalBody {
  const { ra, dec } = Equator(ENGINE_BODIES[name], time, observer, true, true)
  const { altitude, azimuth } = Horizon(time, observer, ra, dec)
  return { name, altitude: altitude * DEGREE_ARCSEC, azimuth: azimuth * DEGREE_ARCSEC }
}

function equatorial(name: (typeof SKY_BODIES)[number], time: AstroTime): EquatorialBody {
  const vector = RotateVector(Rotation_EQJ_EQD(time), GeoVector(ENGINE_BODIES[name], time, true))
  const { ra, dec } = EquatorFromVector(vector)
  return { name, declination: dec * DEGREE_ARCSEC, rightAscension: ra * 15 * DEGREE_ARCSEC }
}

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
