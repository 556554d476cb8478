import { CosmicError } from '../base/index'
import { chiSquareOfTwo } from './chi-square'
import { dot, stanceAt, verticalOf } from './globe'
import { checkObject, checkPlace, PLACE_LIMITS } from './limits'
import type { Place } from './types'

/** Variances in square metres. */
export interface Covariance {
  readonly north: number
  readonly east: number
  readonly northEast: number
}

/** Where the position is with the stated confidence, around the fix. */
export interface ErrorEllipse {
  /** Metres. */
  readonly semiMajor: number
  readonly semiMinor: number
  /** Of the major axis, degrees from north through east, [0, 180). */
  readonly orientation: number
  /** Between 0 and 1. */
  readonly confidence: number
}

/** The ellipse of a two-dimensional normal distribution. */
export function errorEllipse({ north, east, northEast }: Covariance, confidence: number): ErrorEllipse {
  const middle = (north + east) / 2
  const spread = Math.hypot((north - east) / 2, northEast)
  const scale = chiSquareOfTwo(confidence)
  const angle = (Math.atan2(2 * northEast, north - east) * 90) / Math.PI
  return {
    semiMajor: Math.sqrt((middle + spread) * scale),
    semiMinor: Math.sqrt(Math.max(0, middle - spread) * scale),
    orientation: (angle + 180) % 180,
    confidence,
  }
}

/** A fix as far as a place can be held against it. */
export interface Fixed {
  readonly place: Place
  readonly covariance: Covariance
}

/** How far a place lies from a fix. */
export interface FixDistance {
  /** Metres over the ground, good near the fix. */
  readonly distance: number
  /** The smallest confidence whose ellipse holds the place, 0 … 1: at 0.95 it lies on the edge of the 95 % ellipse. */
  readonly confidence: number
}

/**
 * Holds a place against a fix.
 *
 * @param slack metres: the claim is a disc of this radius, of which the nearest point counts
 * @throws CosmicError with the field: `bad-type`, `non-finite` for a covariance of no ellipse, `out-of-range` for an impossible place
 * @example
 * ```ts
 * distanceFromFix(fix, claimed).confidence <= 0.95 // the 95 % ellipse holds the claimed place
 * ```
 */
export function distanceFromFix(fix: Fixed, claimed: Place, slack = 0): FixDistance {
  checkFix(fix, slack)
  const { place, covariance } = fix
  const { up, east, north, northRadius, eastRadius } = stanceAt(verticalOf(place), place.elevation ?? 0)
  const vertical = verticalOf(checkPlace(claimed))
  if (dot(vertical, up) <= 0)
    return { distance: Math.acos(Math.max(-1, dot(vertical, up))) * eastRadius, confidence: 1 }
  const [northward, eastward] = [dot(vertical, north) * northRadius, dot(vertical, east) * eastRadius]
  const distance = Math.hypot(northward, eastward)
  const beyond = distance > slack ? 1 - slack / distance : 0
  const [n, e] = [northward * beyond, eastward * beyond]
  const { north: nn, east: ee, northEast: ne } = covariance
  const mahalanobis = (n * n * ee - 2 * n * e * ne + e * e * nn) / (nn * ee - ne * ne)
  return { distance, confidence: -Math.expm1(-mahalanobis / 2) }
}

function checkFix(fix: Fixed, slack: number): void {
  checkObject(fix, 'fix')
  checkPlace(fix.place)
  checkObject(fix.covariance, 'fix.covariance')
  const { north, east, northEast } = fix.covariance
  const isEllipse = [north, east, northEast].every(Number.isFinite) && north * east > northEast * northEast
  if (!isEllipse)
    throw new CosmicError({ code: 'non-finite', field: 'fix.covariance', hint: 'the variances of an ellipse' })
  const { min, max } = PLACE_LIMITS.accuracy
  if (typeof slack === 'number' && slack >= min && slack <= max) return
  throw new CosmicError({ code: 'out-of-range', field: 'slack', limit: `${min} … ${max}` })
}
