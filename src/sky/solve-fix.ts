import { attempt, CosmicError, fail, ok, type Failure, type Result } from '../base/index'
import { chiSquareTail } from './chi-square'
import { errorEllipse } from './error-ellipse'
import type { FixOptions, FixSolution, PositionFix, SightResidual } from './fix'
import { allCandidates, candidates, EXHAUSTIVE } from './fix-candidates'
import { dot, placeOf, verticalOf, type Vector } from './globe'
import { aspectOf, descend, residualsOf, type Minimum } from './least-squares'
import { checkList, checkObject, checkPlace, type Range } from './limits'
import type { PreparedSight } from './prepare-sights'

/** χ² by which a place may fit worse than the best one and still be a possible answer: 99.9 % of two unknowns. */
const POSSIBLE = 13.8
/** A fit this bad is sought again from everywhere. */
const SUSPECT = 1e-4
/** Longest over shortest axis, as two lines of position that cross at 5.7° make it. A pencil of sights has a useless axis. */
const LARGEST_RATIO = 20
/** Cosine of the angle between verticals (0.06″, 2 m) that count as one place. */
const SAME_PLACE = 1 - 5e-14
const DEFAULT_LARGEST_AXIS = 200_000
/** Degrees: with the Sun higher, neither horizon and star together nor a star alone can be seen in a sextant. */
const DARK = -3
const DARK_SINE = Math.sin((DARK * Math.PI) / 180)
const DEFAULT_CONFIDENCE = 0.95
const DEGREES = 180 / Math.PI
const OPTION_LIMITS = {
  confidence: { min: 0.1, max: 0.999_999 },
  largestSemiAxis: { min: 1, max: 1e7 },
  timeSigma: { min: 0, max: 3600 },
} as const satisfies Record<string, Range>
const POOR: Failure = {
  code: 'poor-geometry',
  field: 'sights',
  message: 'the bodies stand too close to one azimuth: along it the ellipse has no useful axis',
}
/** Radians the Earth turns in a second of mean time (IERS Conventions 2010, ω). */
const EARTH_RATE = 7.292_115e-5

/**
 * `fixPosition` of sights that are prepared already: some microseconds for five sights.
 *
 * Refusals: `bad-type` for what is no list of prepared sights, or no options; `out-of-range` and `non-finite` for an impossible start, elevation or option; `poor-geometry` when the sights
 * do not fix a place (too few, all on one azimuth, an ellipse beyond `largestSemiAxis`, a clock unknown without the Moon);
 * `daylight` for a star, or a planet of their kind, sighted while the Sun was up.
 */
export function solveFix(sights: readonly PreparedSight[], options: FixOptions = {}): Result<PositionFix> {
  const checked = attempt(() => {
    checkList(sights, 'sights')
    checkObject(options, 'options')
    checkOptions(options)
  })
  if (!checked.ok) return checked
  const freedom = degreesOfFreedom(sights, options)
  const lack = tooFew(sights, freedom, options)
  if (lack) return fail(lack)
  const found = possibleMinima(sights, freedom, options)
  const best = found[0]
  if (best === undefined) return fail(POOR)
  const dark = found.filter(minimum => daylightSight(sights, minimum) === undefined)
  if (dark.length === 0) return fail(daylightFailure(sights, best))
  const poor = dark.map(minimum => poorGeometry(minimum, options)).find(failure => failure !== undefined)
  if (poor) return fail(poor)
  const [first, ...others] = nearestFirst(dark, options.start, ({ stance }) => stance.up).map(minimum =>
    solution(minimum, sights, freedom, options),
  )
  return ok({ ...first!, ambiguous: others.length > 0, alternatives: others })
}

function checkOptions({ elevation = 0, start, ...numbers }: FixOptions): void {
  checkPlace({ latitude: 0, longitude: 0, elevation })
  if (start !== undefined) checkPlace(start)
  for (const name of Object.keys(OPTION_LIMITS) as (keyof typeof OPTION_LIMITS)[]) {
    const value = numbers[name]
    const { min, max } = OPTION_LIMITS[name]
    if (value === undefined || (typeof value === 'number' && value >= min && value <= max)) continue
    throw new CosmicError({ code: 'out-of-range', field: name, limit: `${min} … ${max}` })
  }
}

function degreesOfFreedom(sights: readonly PreparedSight[], { unknownClock = false }: FixOptions): number {
  const azimuths = sights.filter(({ azimuth }) => azimuth !== undefined).length
  return sights.length + azimuths - (unknownClock ? 3 : 2)
}

function tooFew(sights: readonly PreparedSight[], freedom: number, { unknownClock }: FixOptions): Failure | undefined {
  if (unknownClock && !sights.some(({ body }) => body === 'moon')) {
    const message = 'without the Moon an unknown clock cannot be told from a longitude'
    return { code: 'poor-geometry', field: 'unknownClock', message }
  }
  if (freedom >= 0) return undefined
  const message = `${sights.length === 1 ? 'one altitude gives' : 'so few angles give'} a line of places, not a fix`
  return { code: 'poor-geometry', field: 'sights', message }
}

/** All minima that the sights allow, best first. */
function possibleMinima(sights: readonly PreparedSight[], freedom: number, options: FixOptions): Minimum[] {
  const near = minimaFrom(candidates(sights), sights, options)
  const suspect = near[0] === undefined || isSuspect(near[0], freedom)
  const minima = suspect
    ? minimaFrom(
        allCandidates(sights, EXHAUSTIVE[options.unknownClock ? 'unknownClock' : 'knownClock']),
        sights,
        options,
      )
    : near
  const best = minima[0]?.chiSquare ?? 0
  return minima.filter(({ chiSquare }) => chiSquare <= best + POSSIBLE)
}

function isSuspect({ chiSquare }: Minimum, freedom: number): boolean {
  return freedom > 0 && chiSquareTail(chiSquare, freedom) < SUSPECT
}

function minimaFrom(
  starts: readonly Vector[],
  sights: readonly PreparedSight[],
  { elevation = 0, unknownClock = false, start: belief }: FixOptions,
): Minimum[] {
  const minima: Minimum[] = []
  let bound = Infinity
  for (const start of nearestFirst(starts, belief, vertical => vertical)) {
    const minimum = descend(start, sights, { elevation, unknownClock, bound })
    if (!minimum || minima.some(({ stance }) => dot(stance.up, minimum.stance.up) > SAME_PLACE)) continue
    minima.push(minimum)
    if (!unknownClock) bound = Math.min(bound, minimum.chiSquare + POSSIBLE)
  }
  return minima.sort((a, b) => a.chiSquare - b.chiSquare)
}

function poorGeometry(minimum: Minimum, options: FixOptions): Failure | undefined {
  const { confidence = DEFAULT_CONFIDENCE, unknownClock } = options
  const sharp = errorEllipse(covarianceOf(minimum, {}), confidence)
  // With the clock unknown east is long by nature.
  if (!unknownClock && sharp.semiMajor > LARGEST_RATIO * sharp.semiMinor) return POOR
  const { semiMajor } = errorEllipse(covarianceOf(minimum, options), confidence)
  const limit = options.largestSemiAxis ?? DEFAULT_LARGEST_AXIS
  if (semiMajor <= limit) return undefined
  const message = `the sights leave the place open by ${Math.round(semiMajor / 1000)} km`
  return { code: 'poor-geometry', field: 'sights', limit, message, hint: 'bodies in other directions, or more of them' }
}

function daylightSight(sights: readonly PreparedSight[], { stance }: Minimum): PreparedSight | undefined {
  return sights.find(({ sun }) => sun !== undefined && dot(sun, stance.up) > DARK_SINE)
}

function daylightFailure(sights: readonly PreparedSight[], minimum: Minimum): Failure {
  const sight = daylightSight(sights, minimum)!
  const message = `${sight.body} cannot be observed while the Sun is higher than ${-DARK}° below the horizon`
  return { code: 'daylight', field: `sights[${sights.indexOf(sight)}]`, message }
}

function nearestFirst<T>(items: readonly T[], start: FixOptions['start'], vertical: (item: T) => Vector): readonly T[] {
  if (start === undefined) return items
  const there = verticalOf(start)
  return items.toSorted((a, b) => dot(vertical(b), there) - dot(vertical(a), there))
}

function solution(
  minimum: Minimum,
  sights: readonly PreparedSight[],
  freedom: number,
  options: FixOptions,
): FixSolution {
  const { elevation = 0, confidence = DEFAULT_CONFIDENCE, unknownClock = false } = options
  const { stance, clock, chiSquare } = minimum
  const covariance = covarianceOf(minimum, options)
  return {
    place: placeOf(stance.up, elevation),
    ellipse: errorEllipse(covariance, confidence),
    covariance,
    chiSquare,
    degreesOfFreedom: freedom,
    ...(freedom > 0 && { pValue: chiSquareTail(chiSquare, freedom) }),
    residuals: sights.map(sight => residual(sight, minimum)),
    ...(unknownClock && { clock: { error: clock, sigma: Math.sqrt(minimum.covariance.vtt) } }),
  }
}

/** A time scale that is off moves the whole sky along the equator: the place moves east by as much. */
function covarianceOf({ stance, covariance }: Minimum, { timeSigma = 0 }: FixOptions): FixSolution['covariance'] {
  const { northRadius, eastRadius, up } = stance
  const drift = timeSigma * EARTH_RATE * eastRadius * Math.hypot(up[0], up[1])
  return {
    north: covariance.vnn * northRadius * northRadius,
    east: covariance.vee * eastRadius * eastRadius + drift * drift,
    northEast: covariance.vne * northRadius * eastRadius,
  }
}

function residual(sight: PreparedSight, { stance, clock }: Minimum): SightResidual {
  const body = clock === 0 ? sight.direction : sight.directionAfter(-clock)
  const { altitude, azimuth } = residualsOf(sight, body, aspectOf(body, stance))
  return {
    body: sight.body,
    altitude: altitude * DEGREES,
    ...(azimuth !== undefined && { azimuth: azimuth * DEGREES }),
  }
}
