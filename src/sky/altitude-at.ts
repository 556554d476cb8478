import { stanceAt, verticalOf } from './globe'
import { aspectOf, limbAltitude } from './least-squares'
import type { PreparedSight } from './prepare-sights'
import type { Place } from './types'

/** How high, in degrees and airless, a sighted limb stood for a place. */
export function altitudeAt({ direction, limb }: PreparedSight, place: Place): number {
  const aspect = aspectOf(direction, stanceAt(verticalOf(place), place.elevation ?? 0))
  return (limbAltitude(aspect, limb, direction.radius) * 180) / Math.PI
}
