import { stanceAt, verticalOf } from './globe'
import { checkObject, checkPlace } from './limits'
import { aspectOf, limbAltitude } from './least-squares'
import type { PreparedSight } from './prepare-sights'
import type { Place } from './types'

/**
 * How high, in degrees and airless, a sighted limb stood for a place.
 *
 * @throws CosmicError `bad-type` for a sight that is not prepared; for a place that cannot exist as `observeSky` does
 * @example
 * ```ts
 * const prepared = prepareSights(sights)
 * if (prepared.ok) altitudeAt(prepared.value[0], { latitude: 48.2, longitude: 16.4 })
 * ```
 */
export function altitudeAt(sight: PreparedSight, place: Place): number {
  checkObject(sight, 'sight')
  checkObject(sight.direction, 'sight.direction')
  const { direction, limb } = sight
  const aspect = aspectOf(direction, stanceAt(verticalOf(checkPlace(place)), place.elevation ?? 0))
  return (limbAltitude(aspect, limb, direction.radius) * 180) / Math.PI
}
