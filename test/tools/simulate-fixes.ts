import { verticalOf, stanceAt, placeOf, unit, type Vector } from '../../src/sky/globe'
import { aspectOf, limbAltitude } from '../../src/sky/least-squares'
import { distanceFromFix, solveFix, type Place, type PreparedSight } from '../../src/sky/index'
import { normals } from '../unit/models/vectors'

/** One simulated fix: where the observer was, and what was seen. */
export interface SimulatedSights {
  readonly truth: Place
  readonly sights: readonly PreparedSight[]
}

/** Altitudes between these, degrees: below them refraction, above them the sextant, makes poor sights. */
const LOWEST = 15
const HIGHEST = 75

/**
 * Endless simulated rounds of star sights: places evenly over the globe, stars evenly over their sky, altitudes with
 * normal errors of the stated size. Seeded: the same seed, the same rounds.
 *
 * @param sigma degrees
 */
export function* simulatedSights(seed: number, count: number, sigma: number): Generator<SimulatedSights, never> {
  const normal = normals(seed)
  const anywhere = (): Vector => unit([normal(), normal(), normal()])
  for (;;) {
    const truth = placeOf(anywhere(), 0)
    const stance = stanceAt(verticalOf(truth), 0)
    const sights: PreparedSight[] = []
    while (sights.length < count) {
      const direction = { vector: anywhere(), parallax: 0, radius: 0 }
      const altitude = limbAltitude(aspectOf(direction, stance), 0, 0)
      const degrees = (altitude * 180) / Math.PI
      if (degrees < LOWEST || degrees > HIGHEST) continue
      const error = (sigma * Math.PI) / 180
      sights.push({
        body: 'star',
        direction,
        altitude: altitude + error * normal(),
        sigma: error,
        limb: 0,
        directionAfter: () => direction,
      })
    }
    yield { truth, sights }
  }
}

/** How often the 95 % ellipse holds the true place. */
export interface Coverage {
  readonly fixes: number
  readonly covered: number
  /** Rounds whose geometry is refused; they count as no fix. */
  readonly refused: number
  /** Metres, of the errors of all fixes. */
  readonly median: number
}

export function coverage(seed: number, fixes: number, sightsEach: number, sigma: number): Coverage {
  const rounds = simulatedSights(seed, sightsEach, sigma)
  const errors: number[] = []
  let [covered, refused] = [0, 0]
  while (errors.length < fixes) {
    const { truth, sights } = rounds.next().value
    const fix = solveFix(sights, { start: truth })
    if (!fix.ok) refused++
    else {
      const { distance, confidence } = distanceFromFix(fix.value, truth)
      errors.push(distance)
      if (confidence <= 0.95) covered++
    }
  }
  errors.sort((a, b) => a - b)
  return { fixes, covered, refused, median: errors[errors.length >> 1]! }
}
