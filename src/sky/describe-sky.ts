import {
  Constellation,
  EquatorFromVector,
  Observer,
  RotateVector,
  Rotation_EQD_EQJ,
  Rotation_EQJ_ECL,
  Rotation_HOR_EQJ,
  Spherical,
  SphereFromVector,
  VectorFromSphere,
  type Vector,
} from 'astronomy-engine'
import { CosmicError, snapPlace } from '../base/index'
import { checkSky } from './compare-skies'
import { displayName } from './display-name'
import { engineTime } from './engine-time'
import { checkObject, checkPlace, checkSkyTime } from './limits'
import type { SkyMoment } from './observe-sky'
import { DEGREE_ARCSEC } from './profile'
import type { EquatorialBody, HorizontalBody, Place, Sky } from './types'

/** Degrees of altitude from which people say that a star stands overhead. */
const OVERHEAD = 75
/** Degrees of longitude around 0 and 180 within which people call the Moon new or full: half a day. */
const SYZYGY = 6

/**
 * A sky in words for people, such as `Sun 12° below the horizon; Moon in Leo, waxing; Vega overhead`, or without a place
 * `Sun in Libra; Moon in Leo, waxing`. It reads the sky as it stands and judges nothing; constellations are the IAU's, by
 * their Latin names.
 *
 * @param moment the time and place that the sky is claimed for
 * @throws CosmicError `out-of-range` for an impossible time or place; `non-finite` for a direction; `missing-field` when a horizontal sky comes
 * without its place
 *
 * @example
 * ```ts
 * describeSky(observeSky(moment), moment) // 'Sun 12° below the horizon; Moon in Leo, waxing'
 * ```
 */
export function describeSky(sky: Sky, moment: SkyMoment): string {
  checkSky(sky, 'sky')
  checkObject(moment, 'moment')
  const toJ2000 = vectorFinder(sky, moment)
  sky.bodies.forEach(checkDirection)
  const [sun, moon] = ['sun', 'moon'].map(name => sky.bodies.find(body => body.name === name))
  const phrases: string[] = []
  if (sun) phrases.push(`Sun ${'altitude' in sun ? height(sun) : constellation(toJ2000(sun))}`)
  if (moon) phrases.push(`Moon ${constellation(toJ2000(moon))}${sun ? `, ${phase(toJ2000(moon), toJ2000(sun))}` : ''}`)
  const star = sky.frame === 'horizontal' && overhead(sky.bodies)
  if (star) phrases.push(`${displayName(star.name)} overhead`)
  return phrases.join('; ') || 'neither Sun nor Moon'
}

function checkDirection(body: HorizontalBody | EquatorialBody): void {
  const angles = 'altitude' in body ? [body.altitude, body.azimuth] : [body.declination, body.rightAscension]
  if (!angles.every(Number.isFinite)) throw new CosmicError({ code: 'non-finite', field: `sky.${String(body.name)}` })
}

function height({ altitude }: HorizontalBody): string {
  const degrees = Math.round(altitude / DEGREE_ARCSEC)
  if (degrees === 0) return 'on the horizon'
  return degrees > 0 ? `${degrees}° above the horizon` : `${-degrees}° below the horizon`
}

function constellation(j2000: Vector): string {
  const { ra, dec } = EquatorFromVector(j2000)
  return `in ${Constellation(ra, dec).name}`
}

/** By how far the Moon is ahead of the Sun in ecliptic longitude. */
function phase(moon: Vector, sun: Vector): string {
  const [ahead, behind] = [moon, sun].map(vector => SphereFromVector(RotateVector(Rotation_EQJ_ECL(), vector)).lon)
  const elongation = (ahead! - behind! + 360) % 360
  if (elongation < SYZYGY || elongation > 360 - SYZYGY) return 'new'
  if (Math.abs(elongation - 180) < SYZYGY) return 'full'
  return elongation < 180 ? 'waxing' : 'waning'
}

/** The planet or star nearest to the zenith, when it is near and the Sun is down. */
function overhead(bodies: readonly HorizontalBody[]): HorizontalBody | undefined {
  const isNight = bodies.every(({ name, altitude }) => name !== 'sun' || altitude < 0)
  const high = bodies.filter(
    ({ name, altitude }) => !['sun', 'moon'].includes(name) && altitude >= OVERHEAD * DEGREE_ARCSEC,
  )
  return isNight ? high.sort((a, b) => b.altitude - a.altitude)[0] : undefined
}

/** Carries directions of the sky's frame to the equator of J2000, in which the engine looks up constellations. */
function vectorFinder(sky: Sky, { time, place }: SkyMoment): (body: HorizontalBody | EquatorialBody) => Vector {
  const now = engineTime(checkSkyTime(time))
  if (sky.frame === 'horizontal' && place === undefined)
    throw new CosmicError({ code: 'missing-field', field: 'place' })
  const toJ2000 = place && sky.frame === 'horizontal' ? Rotation_HOR_EQJ(now, observerAt(place)) : Rotation_EQD_EQJ(now)
  return body => {
    // The engine's horizontal frame is right-handed: its longitude runs from north through west.
    const [lat, lon] = 'altitude' in body ? [body.altitude, -body.azimuth] : [body.declination, body.rightAscension]
    const sphere = new Spherical(lat / DEGREE_ARCSEC, lon / DEGREE_ARCSEC, 1)
    return RotateVector(toJ2000, VectorFromSphere(sphere, now))
  }
}

function observerAt(place: Place): Observer {
  const { latitude, longitude, elevation = 0 } = snapPlace(checkPlace(place))
  return new Observer(latitude, longitude, elevation)
}
