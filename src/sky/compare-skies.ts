import { refuse } from '../base/index'
import { checkList, checkObject } from './limits'
import { computeSky, type SkyMoment } from './observe-sky'
import { CIRCLE_ARCSEC, CROSS_TOLERANCE_ARCSEC, SKY_BODIES, TOLERANCE_ARCSEC } from './profile'
import { isStar } from './sky-names'
import type { EquatorialBody, HorizontalBody, Sky } from './types'

/** How far a claimed sky is from the computed one. */
export interface SkyComparison {
  /** Same profile and frame, exactly the same bodies, each within the tolerance. */
  readonly matches: boolean
  /** Great-circle distance of each body from its computed direction, in arcseconds; empty when the bodies differ. */
  readonly residuals: Readonly<Record<string, number>>
  /** The largest residual in arcseconds; infinite when the bodies differ, NaN when a direction is out of range. */
  readonly worst: number
  readonly tolerance: number
  /** What does not match: `sky.profile`, `sky.frame`, `sky.bodies`, or the first missing or the worst body, `sky.moon`. */
  readonly field?: string
}

/**
 * Compares a claimed sky with the one that its profile gives for the claimed time and place, before rounding: an
 * honest claim is at most 0.707″ away. A match shows that the claim is consistent, nothing more. A claim that names a star
 * must name all that are above the horizon; one that stands within the tolerance of the horizon may be named or not.
 *
 * @param tolerance in arcseconds, inclusive
 * @throws CosmicError `out-of-range` for an impossible time or place
 *
 * @example
 * ```ts
 * const { matches, worst, field } = verifySky(claimed, { time, place })
 * ```
 */
export function verifySky(claimed: Sky, moment: SkyMoment, tolerance: number = TOLERANCE_ARCSEC): SkyComparison {
  checkSky(claimed, 'sky')
  checkObject(moment, 'moment')
  checkTolerance(tolerance)
  const named = new Set(claimed.bodies.map(({ name }) => name))
  const computed = computeSky(moment, [...named].some(isStar))
  return compareSkies(claimed, expected(computed, named, tolerance), tolerance)
}

/**
 * Compares a sky of any profile with ours, as far as both name the same bodies: a sky computed by other means agrees
 * within 45″. It tells people how far apart two astronomies are; it is no verification.
 *
 * @param tolerance in arcseconds, inclusive
 * @throws CosmicError `out-of-range` for an impossible time or place
 */
export function compareAcross(
  claimed: Sky,
  moment: SkyMoment,
  tolerance: number = CROSS_TOLERANCE_ARCSEC,
): SkyComparison {
  checkSky(claimed, 'sky')
  checkObject(moment, 'moment')
  const computed = computeSky(moment, true)
  const [named, known] = [claimed, computed].map(({ bodies }) => new Set(bodies.map(({ name }) => name)))
  const common = ({ frame, bodies }: Sky) =>
    ({ profile: '', frame, bodies: bodies.filter(({ name }) => named!.has(name) && known!.has(name)) }) as Sky
  return compareSkies(common(claimed), common(computed), tolerance)
}

/** A sky with all stars, less those that a claim which names these bodies need not name, or must not. */
function expected(computed: Sky, named: ReadonlySet<string>, tolerance: number): Sky {
  if (computed.frame === 'equatorial') return computed
  const belongs = ({ name, altitude }: HorizontalBody, index: number): boolean =>
    index < SKY_BODIES.length || altitude > tolerance || (altitude >= -tolerance && named.has(name))
  return { ...computed, bodies: computed.bodies.filter(belongs) }
}

/**
 * Compares two skies, whatever the order of their bodies. No body at all, or one missing, listed twice or unknown is a mismatch.
 * Directions are compared by great-circle separation, so that azimuth near the zenith and right ascension near the pole
 * weigh what they are worth. Two skies that were both rounded can honestly be 1.41″ apart: judge claims with `verifySky`.
 *
 * @param tolerance in arcseconds, inclusive
 */
export function compareSkies(claimed: Sky, computed: Sky, tolerance: number = TOLERANCE_ARCSEC): SkyComparison {
  checkSky(claimed, 'claimed')
  checkSky(computed, 'computed')
  checkTolerance(tolerance)
  const claims = new Map(claimed.bodies.map(body => [body.name, body]))
  const field = structuralDifference(claimed, claims, computed)
  if (field !== undefined) return { matches: false, residuals: {}, worst: Infinity, tolerance, field }

  const residuals = Object.fromEntries(
    computed.bodies.map(body => [body.name, separation(direction(claims.get(body.name)!), direction(body))]),
  )
  const worst = Math.max(...Object.values(residuals))
  if (worst <= tolerance) return { matches: true, residuals, worst, tolerance }
  const worstBody = Object.keys(residuals).find(name => Object.is(residuals[name], worst))
  return { matches: false, residuals, worst, tolerance, field: `sky.${worstBody}` }
}

/** Refuses what has not the form of a sky, by name. */
export function checkSky(sky: Sky, field: string): void {
  checkObject(sky, field)
  checkList(sky.bodies, `${field}.bodies`)
  for (const [i, { name }] of sky.bodies.entries())
    if (typeof name !== 'string') refuse('bad-type', `${field}.bodies[${i}].name`, 'a text')
}

function checkTolerance(tolerance: number): void {
  if (typeof tolerance !== 'number') refuse('bad-type', 'tolerance', 'arcseconds')
}

function structuralDifference(claimed: Sky, claims: ReadonlyMap<string, unknown>, computed: Sky): string | undefined {
  if (claimed.profile !== computed.profile) return 'sky.profile'
  if (claimed.frame !== computed.frame) return 'sky.frame'
  const missing = computed.bodies.find(body => !claims.has(body.name))
  if (missing) return `sky.${missing.name}`
  const { length } = claimed.bodies
  return length > 0 && length === computed.bodies.length ? undefined : 'sky.bodies'
}

/** `[latitude-like, longitude-like]` in arcseconds. */
type Direction = readonly [number, number]

/** Not a number outside the one range in which every direction has one writing: such a claim never matches. */
function direction(body: HorizontalBody | EquatorialBody): Direction {
  const [lat, lon] = 'altitude' in body ? [body.altitude, body.azimuth] : [body.declination, body.rightAscension]
  const canonical =
    typeof lat === 'number' &&
    typeof lon === 'number' &&
    Math.abs(lat) <= CIRCLE_ARCSEC / 4 &&
    lon >= 0 &&
    lon < CIRCLE_ARCSEC
  return canonical ? [lat, lon] : [NaN, NaN]
}

/**
 * Great-circle distance in arcseconds by Vincenty's formula for the sphere, which keeps its precision at every
 * distance (T. Vincenty, Survey Review 23, 1975, with equal axes).
 */
function separation([lat1, lon1]: Direction, [lat2, lon2]: Direction): number {
  const radians = (2 * Math.PI) / CIRCLE_ARCSEC
  const [sin1, cos1] = [Math.sin(lat1 * radians), Math.cos(lat1 * radians)]
  const [sin2, cos2] = [Math.sin(lat2 * radians), Math.cos(lat2 * radians)]
  const difference = (lon2 - lon1) * radians
  const east = cos2 * Math.sin(difference)
  const north = cos1 * sin2 - sin1 * cos2 * Math.cos(difference)
  const along = sin1 * sin2 + cos1 * cos2 * Math.cos(difference)
  return Math.atan2(Math.hypot(east, north), along) / radians
}
