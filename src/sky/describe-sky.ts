import {
  Constellation,
  EquatorFromVector,
  Observer,
  RotateVector,
  Rotation_EQD_EQJ,
  Rotation_HOR_EQJ,
  Spherical,
  VectorFromSphere,
} from 'astronomy-engine'
import { CosmicError, snapPlace } from '../base/index'
import { engineTime } from './engine-time'
import { checkPlace, checkSkyTime } from './limits'
import type { SkyMoment } from './observe-sky'
import { DEGREE_ARCSEC } from './profile'
import type { EquatorialBody, HorizontalBody, Place, Sky } from './types'

/**
 * A sky in words for people, such as `Sun 12° below the horizon, Moon in Leo`, or without a place `Sun in Libra, Moon
 * in Leo`. It reads the sky as it stands and judges nothing; constellations are the IAU's, by their Latin names.
 *
 * @param moment the time and place that the sky is claimed for
 * @throws CosmicError `out-of-range` for an impossible time or place; `missing-field` when a horizontal sky comes
 * without its place
 *
 * @example
 * ```ts
 * describeSky(observeSky(moment), moment) // 'Sun 12° below the horizon, Moon in Leo'
 * ```
 */
export function describeSky(sky: Sky, moment: SkyMoment): string {
  const constellation = constellationFinder(sky, moment)
  const [sun, moon] = ['sun', 'moon'].map(name => sky.bodies.find(body => body.name === name))
  const phrases: string[] = []
  if (sun) phrases.push(`Sun ${'altitude' in sun ? height(sun) : constellation(sun)}`)
  if (moon) phrases.push(`Moon ${constellation(moon)}`)
  return phrases.join(', ') || 'neither Sun nor Moon'
}

function height({ altitude }: HorizontalBody): string {
  const degrees = Math.round(altitude / DEGREE_ARCSEC)
  if (degrees === 0) return 'on the horizon'
  return degrees > 0 ? `${degrees}° above the horizon` : `${-degrees}° below the horizon`
}

/** Carries directions of the sky's frame to the equator of J2000, in which the engine looks up constellations. */
function constellationFinder(sky: Sky, { time, place }: SkyMoment): (body: HorizontalBody | EquatorialBody) => string {
  const now = engineTime(checkSkyTime(time))
  if (sky.frame === 'horizontal' && place === undefined)
    throw new CosmicError({ code: 'missing-field', field: 'place' })
  const toJ2000 = place && sky.frame === 'horizontal' ? Rotation_HOR_EQJ(now, observerAt(place)) : Rotation_EQD_EQJ(now)
  return body => {
    // The engine's horizontal frame is right-handed: its longitude runs from north through west.
    const [lat, lon] = 'altitude' in body ? [body.altitude, -body.azimuth] : [body.declination, body.rightAscension]
    const sphere = new Spherical(lat / DEGREE_ARCSEC, lon / DEGREE_ARCSEC, 1)
    const { ra, dec } = EquatorFromVector(RotateVector(toJ2000, VectorFromSphere(sphere, now)))
    return `in ${Constellation(ra, dec).name}`
  }
}

function observerAt(place: Place): Observer {
  const { latitude, longitude, elevation = 0 } = snapPlace(checkPlace(place))
  return new Observer(latitude, longitude, elevation)
}
