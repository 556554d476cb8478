import { computeSky } from '../../../src/sky/observe-sky'
import { DEGREE_ARCSEC, type HorizontalBody, type Place, type Sight } from '../../../src/sky/index'

/** Arcminutes in degrees. */
export const arcmin = (minutes: number): number => minutes / 60

/** Where the profile computes a body to stand, in degrees: by the engine's own topocentric path, not by the fix's. */
export function standing(body: string, time: number, place: Place): { altitude: number; azimuth: number } {
  const found = (computeSky({ time, place }, true).bodies as readonly HorizontalBody[]).find(
    ({ name }) => name === body,
  )!
  return { altitude: found.altitude / DEGREE_ARCSEC, azimuth: found.azimuth / DEGREE_ARCSEC }
}

/** A flawless airless sight. */
export function sightOf(body: string, time: number, place: Place, sigma = arcmin(0.5)): Sight {
  return { body, time, altitude: standing(body, time, place).altitude, sigma, corrected: true }
}

/**
 * Flawless sights of bodies well up at a place, taken over as many hours: every body that the rules allow in turn, by
 * day and by night.
 */
export function upAt(place: Place, from: number, count: number, hours: number): Sight[] {
  const sights: Sight[] = []
  for (let i = 0; sights.length < count; i++) {
    const time = from + (i * hours * 3_600_000) / count
    const body = ['sun', 'moon', 'venus', 'jupiter'][i % 4]!
    if (standing(body, time, place).altitude > 0.1) sights.push(sightOf(body, time, place))
  }
  return sights
}
