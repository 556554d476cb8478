import type { BodyDirection } from './body-direction'
import { dot, EARTH_RADIUS, stanceAt, stepped, type Stance, type Vector } from './globe'
import type { PreparedSight } from './prepare-sights'

/** Where a body stands for an observer, airless. */
export interface Aspect {
  readonly sin: number
  readonly cos: number
  /** Of the unit vector to the body: its parts to the east and to the north. */
  readonly eastward: number
  readonly northward: number
  /** The Earth's equatorial radius over the distance from this observer. */
  readonly nearness: number
}

export function aspectOf({ vector, parallax }: BodyDirection, { up, east, north, position }: Stance): Aspect {
  const x = vector[0] - parallax * position[0]
  const y = vector[1] - parallax * position[1]
  const z = vector[2] - parallax * position[2]
  const scale = 1 / Math.sqrt(x * x + y * y + z * z)
  const sin = (x * up[0] + y * up[1] + z * up[2]) * scale
  // Diurnal aberration, for stars only, as the profile has it.
  const ahead = parallax === 0 ? SPIN * Math.hypot(position[0], position[1]) : 0
  const eastward = (x * east[0] + y * east[1] + z * east[2]) * scale + ahead
  const northward = (x * north[0] + y * north[1] + z * north[2]) * scale
  const cos = Math.max(Math.sqrt(eastward * eastward + northward * northward), 1e-9)
  return { sin, cos, eastward, northward, nearness: parallax * scale }
}

/** Speed of the equator's turn over that of light. */
const SPIN = (7.292_115e-5 * EARTH_RADIUS) / 299_792_458

/** Radians: what a perfect observer reads for the sighted limb, airless. */
export function limbAltitude({ sin, cos, nearness }: Aspect, limb: number, radius: number): number {
  const centre = Math.atan2(sin, cos)
  return limb === 0 ? centre : centre + limb * Math.asin(radius * nearness)
}

/** Observed minus computed, in radians. */
export function residualsOf(sight: PreparedSight, body: BodyDirection, aspect: Aspect) {
  const altitude = sight.altitude - limbAltitude(aspect, sight.limb, body.radius)
  if (sight.azimuth === undefined) return { altitude }
  const turn = sight.azimuth - Math.atan2(aspect.eastward, aspect.northward)
  return { altitude, azimuth: turn - 2 * Math.PI * Math.round(turn / (2 * Math.PI)) }
}

/**
 * Normal equations for a step to the north (n), to the east (e), both in radians of the vertical's turn, and of the
 * clock (t) in seconds.
 */
class NormalEquations {
  nn = 0
  ne = 0
  ee = 0
  nt = 0
  et = 0
  tt = 0
  bn = 0
  be = 0
  bt = 0
  chiSquare = 0

  add(n: number, e: number, t: number, residual: number, sigma: number): void {
    const weight = 1 / (sigma * sigma)
    this.nn += n * n * weight
    this.ne += n * e * weight
    this.ee += e * e * weight
    this.nt += n * t * weight
    this.et += e * t * weight
    this.tt += t * t * weight
    this.bn += n * residual * weight
    this.be += e * residual * weight
    this.bt += t * residual * weight
    this.chiSquare += residual * residual * weight
  }

  /** Eliminates the clock, then inverts the rest; `undefined` when nothing fixes one of the unknowns. */
  solve(): Step | undefined {
    const perTime = this.tt > 0 ? 1 / this.tt : 0
    const nn = this.nn - this.nt * this.nt * perTime
    const ne = this.ne - this.nt * this.et * perTime
    const ee = this.ee - this.et * this.et * perTime
    const bn = this.bn - this.nt * this.bt * perTime
    const be = this.be - this.et * this.bt * perTime
    const determinant = nn * ee - ne * ne
    // A pencil of sights through one azimuth leaves rounding errors here.
    if (!(determinant > nn * ee * 1e-12)) return undefined
    const [vnn, vne, vee] = [ee / determinant, -ne / determinant, nn / determinant]
    const n = vnn * bn + vne * be
    const e = vne * bn + vee * be
    const spread = this.nt * this.nt * vnn + 2 * this.nt * this.et * vne + this.et * this.et * vee
    const vtt = perTime + perTime * perTime * spread
    const t = perTime * (this.bt - this.nt * n - this.et * e)
    const left = this.chiSquare - n * this.bn - e * this.be - t * this.bt
    return { n, e, t, left, vnn, vne, vee, vtt }
  }
}

/** A step and the covariance of what it leads to. */
interface Step {
  readonly n: number
  readonly e: number
  readonly t: number
  /** χ² after the step, if the equations were linear. */
  readonly left: number
  readonly vnn: number
  readonly vne: number
  readonly vee: number
  readonly vtt: number
}

/** A least-squares minimum. */
export interface Minimum {
  readonly stance: Stance
  /** Seconds by which the sights' clock is fast; 0 unless it is unknown. */
  readonly clock: number
  readonly chiSquare: number
  readonly covariance: Pick<Step, 'vnn' | 'vne' | 'vee' | 'vtt'>
}

const MAX_STEPS = 40
/** Radians, a step never longer: the sphere is not flat. */
const LONGEST_STEP = 0.3
/** Radians (6 mm) and seconds. */
const SETTLED = 1e-9
const SETTLED_CLOCK = 1e-4
/** Seconds to either side over which the bodies' motion is taken. */
const MOTION_SPAN = 30
/** Six hours: beyond it a clock is not wrong but another one. */
const LARGEST_CLOCK_ERROR = 21_600

export interface Descent {
  readonly elevation: number
  readonly unknownClock: boolean
  /** χ² of a minimum that is of use. */
  readonly bound: number
}

/**
 * Gauss–Newton from a vertical to the minimum near it; `undefined` when it finds none or the sights do not fix it, or,
 * after one step, when it cannot come near `bound`: a start lies so close to any good minimum that the equations are linear.
 */
export function descend(
  start: Vector,
  sights: readonly PreparedSight[],
  { elevation, unknownClock, bound }: Descent,
): Minimum | undefined {
  let stance = stanceAt(start, elevation)
  let clock = 0
  for (let i = 0; i < MAX_STEPS; i++) {
    const equations = unknownClock ? equationsWithClock(sights, stance, clock) : equationsAt(sights, stance)
    const step = equations.solve()
    if (step === undefined || step.left > 4 * bound + 100) return undefined
    const length = Math.hypot(step.n, step.e)
    if (length < SETTLED && Math.abs(step.t) < SETTLED_CLOCK) {
      return { stance, clock, chiSquare: equations.chiSquare, covariance: step }
    }
    const share = Math.min(1, LONGEST_STEP / length)
    stance = stanceAt(stepped(stance, step.n * share, step.e * share), elevation)
    clock += step.t * share
    if (!(Math.abs(clock) <= LARGEST_CLOCK_ERROR)) return undefined
  }
  return undefined
}

function equationsAt(sights: readonly PreparedSight[], stance: Stance): NormalEquations {
  const equations = new NormalEquations()
  for (const sight of sights) addSight(equations, sight, sight.direction, stance, 0, 0)
  return equations
}

/** A clock that is fast by `clock` names a time too late. */
function equationsWithClock(sights: readonly PreparedSight[], stance: Stance, clock: number): NormalEquations {
  const equations = new NormalEquations()
  for (const sight of sights) {
    const [before, now, after] = [-MOTION_SPAN, 0, MOTION_SPAN].map(span => sight.directionAfter(span - clock)) as [
      BodyDirection,
      BodyDirection,
      BodyDirection,
    ]
    const early = residualsOf(sight, before, aspectOf(before, stance))
    const late = residualsOf(sight, after, aspectOf(after, stance))
    const rate = (late.altitude - early.altitude) / (2 * MOTION_SPAN)
    const turn = (late.azimuth ?? 0) - (early.azimuth ?? 0)
    const azimuthRate = (turn - 2 * Math.PI * Math.round(turn / (2 * Math.PI))) / (2 * MOTION_SPAN)
    addSight(equations, sight, now, stance, rate, azimuthRate)
  }
  return equations
}

function addSight(
  equations: NormalEquations,
  sight: PreparedSight,
  body: BodyDirection,
  stance: Stance,
  rate: number,
  azimuthRate: number,
): void {
  const aspect = aspectOf(body, stance)
  const { sin, cos, eastward, northward, nearness } = aspect
  const residual = residualsOf(sight, body, aspect)
  // Whoever walks towards a near body also lessens its parallax.
  const closer = (nearness * sin) / EARTH_RADIUS
  const north = (northward / cos) * (1 + closer * stance.northRadius)
  const east = (eastward / cos) * (1 + closer * stance.eastRadius)
  equations.add(north, east, rate, residual.altitude, sight.sigma)
  if (residual.azimuth === undefined) return
  const tan = sin / cos
  const tanLatitude = stance.up[2] / Math.max(dot(stance.north, [0, 0, 1]), 1e-9)
  const azimuthNorth = (eastward / cos) * tan
  const azimuthEast = tanLatitude - (northward / cos) * tan
  equations.add(azimuthNorth, azimuthEast, azimuthRate, residual.azimuth, sight.azimuthSigma!)
}
