import type { Covariance, ErrorEllipse } from './error-ellipse'
import type { Place } from './types'

export interface FixOptions {
  /** Metres above the ellipsoid; default 0. */
  readonly elevation?: number | undefined
  /** Where the observer believes to be: of two places that fit the sights, the nearer one is the fix. It decides nothing else. */
  readonly start?: Place | undefined
  /** Of the ellipse, between 0 and 1; default 0.95. */
  readonly confidence?: number | undefined
  /** Metres: a fix whose ellipse is longer is refused. Default 200,000. */
  readonly largestSemiAxis?: number | undefined
  /** Seconds: standard deviation of the one time scale of all sights, UT1 − UTC included; default 0. It widens the ellipse eastward. */
  readonly timeSigma?: number | undefined
  /** `true`: the sights' common clock is wrong by an unknown amount, up to six hours. Needs the Moon. */
  readonly unknownClock?: boolean | undefined
}

/** Observed minus computed, in degrees. */
export interface SightResidual {
  readonly body: string
  readonly altitude: number
  readonly azimuth?: number
}

/** A place that fits the sights. */
export interface FixSolution {
  /** With the elevation that was assumed. */
  readonly place: Place
  readonly ellipse: ErrorEllipse
  readonly covariance: Covariance
  /** Sum of the squared residuals over their variances. */
  readonly chiSquare: number
  readonly degreesOfFreedom: number
  /** How often honest errors of the stated size fit worse; without spare sights there is nothing to judge by. */
  readonly pValue?: number
  /** In the order of the sights. */
  readonly residuals: readonly SightResidual[]
  /** `unknownClock` only, in seconds: how much the clock of the sights is fast, and its standard deviation. */
  readonly clock?: { readonly error: number; readonly sigma: number }
}

export interface PositionFix extends FixSolution {
  /** The sights fit other places as well. */
  readonly ambiguous: boolean
  /** Those places, the best first. */
  readonly alternatives: readonly FixSolution[]
}
