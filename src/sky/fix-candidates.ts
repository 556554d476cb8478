import { cross, dot, unit, type Vector } from './globe'
import type { PreparedSight } from './prepare-sights'

/** A circle of equal altitude on the sphere of verticals: all that see the body's centre this high. */
interface Circle {
  readonly pole: Vector
  /** Sine of the geocentric altitude. */
  readonly sin: number
}

/**
 * Verticals near which every position that these sights allow must lie: both crossings of the two circles of equal
 * altitude that cross most squarely, and both places that see the sharpest azimuth together with its altitude.
 */
export function candidates(sights: readonly PreparedSight[]): Vector[] {
  const circles = sights.map(circleOf)
  let best: readonly [Circle, Circle] | undefined
  let squarest = 0
  for (let i = 0; i < circles.length; i++) {
    for (let j = 0; j < i; j++) {
      const square = squareness(circles[i]!, circles[j]!)
      if (!(square > squarest)) continue
      squarest = square
      best = [circles[i]!, circles[j]!]
    }
  }
  return [...(best ? crossings(...best) : []), ...sharpestAzimuth(sights)]
}

/** Sights beyond this number add nothing that those before do not offer. With an unknown clock each start is dear. */
export const EXHAUSTIVE = { knownClock: 16, unknownClock: 6 } as const

/** Every crossing of every two circles: for sights that contradict each other, of which any may be the wrong one. */
export function allCandidates(sights: readonly PreparedSight[], most: number): Vector[] {
  const some = sights.slice(0, most)
  const circles = some.map(circleOf)
  const pairs = circles.flatMap((a, i) => circles.slice(0, i).flatMap(b => crossings(a, b)))
  return [...pairs, ...some.flatMap(azimuthPlaces)]
}

/** The centre's altitude as the Earth's centre would see it, near enough to start from: the Earth is taken as a sphere. */
function circleOf({ direction, altitude, limb }: PreparedSight): Circle {
  const centre = altitude - limb * direction.radius * direction.parallax
  return { pole: direction.vector, sin: Math.sin(centre + direction.parallax * Math.cos(centre)) }
}

/** The square of the sine of the angle at which two circles cross. */
function squareness(a: Circle, b: Circle): number {
  const c = dot(a.pole, b.pole)
  const rest = 1 - c * c - a.sin * a.sin - b.sin * b.sin + 2 * a.sin * b.sin * c
  return rest / ((1 - a.sin * a.sin) * (1 - b.sin * b.sin))
}

/** n = αa + βb ± γ(a × b); circles that miss each other count as touching where they come nearest. */
function crossings(a: Circle, b: Circle): Vector[] {
  const c = dot(a.pole, b.pole)
  const s2 = 1 - c * c
  if (s2 < 1e-12) return []
  const alpha = (a.sin - c * b.sin) / s2
  const beta = (b.sin - c * a.sin) / s2
  const gamma = Math.sqrt(Math.max(0, 1 - (alpha * alpha + beta * beta + 2 * alpha * beta * c)) / s2)
  const [x, y, z] = [0, 1, 2].map(i => alpha * a.pole[i]! + beta * b.pole[i]!) as [number, number, number]
  const k = cross(a.pole, b.pole)
  return [gamma, -gamma].map(g => unit([x + g * k[0], y + g * k[1], z + g * k[2]]))
}

function sharpestAzimuth(sights: readonly PreparedSight[]): Vector[] {
  let sharpest: PreparedSight | undefined
  for (const sight of sights) {
    if (sight.azimuthSigma !== undefined && sight.azimuthSigma < (sharpest?.azimuthSigma ?? Infinity)) sharpest = sight
  }
  return sharpest === undefined ? [] : azimuthPlaces(sharpest)
}

/**
 * The places that see a body at an altitude and azimuth: sin δ = sin φ sin h + cos φ cos h cos A has up to two
 * latitudes φ, and sin t = −sin A cos h / cos δ is the sine of the body's hour angle there.
 */
function azimuthPlaces(sight: PreparedSight): Vector[] {
  if (sight.azimuth === undefined) return []
  const { pole, sin } = circleOf(sight)
  const cos = Math.sqrt(1 - sin * sin)
  const northward = cos * Math.cos(sight.azimuth)
  const size = Math.hypot(sin, northward)
  const tilt = Math.atan2(northward, sin)
  const lift = Math.asin(Math.max(-1, Math.min(1, pole[2] / size)))
  return [lift - tilt, Math.PI - lift - tilt]
    .map(latitude => Math.atan2(Math.sin(latitude), Math.cos(latitude)))
    .filter(latitude => Math.abs(latitude) <= Math.PI / 2)
    .map(latitude => {
      const [sinLatitude, cosLatitude] = [Math.sin(latitude), Math.cos(latitude)]
      const west = -Math.sin(sight.azimuth!) * cos
      const meridian = sin * cosLatitude - northward * sinLatitude
      const longitude = Math.atan2(pole[1], pole[0]) + Math.atan2(west, meridian)
      return [cosLatitude * Math.cos(longitude), cosLatitude * Math.sin(longitude), sinLatitude]
    })
}
