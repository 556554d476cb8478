import type { Range } from './limits'

/**
 * One observed altitude, and optionally the azimuth that was read with it. **All angles are degrees, all standard
 * deviations too** (half an arcminute is `0.5 / 60`).
 */
export interface Sight {
  /** As in a sky: `sun`, `moon`, `venus`, `vega`, … */
  readonly body: string
  /** Milliseconds since the Unix epoch, or a `Date`. */
  readonly time: number | Date
  /** As read, free of the instrument's own error: above the sea horizon when `heightOfEye` is given, else above the level. */
  readonly altitude: number
  /** Standard deviation of the altitude, of all that can be wrong with it. */
  readonly sigma: number
  /** From true north through east, [0, 360); needs `azimuthSigma`. */
  readonly azimuth?: number | undefined
  readonly azimuthSigma?: number | undefined
  /** Which edge of Sun or Moon was brought to the horizon; default the centre. */
  readonly limb?: Limb | undefined
  /** Metres above the sea whose horizon was used; without it (artificial horizon, bubble, theodolite) there is no dip. */
  readonly heightOfEye?: number | undefined
  /** Hectopascals at the observer; default the standard atmosphere's at the observer's elevation. */
  readonly pressure?: number | undefined
  /** Degrees Celsius; default 10. */
  readonly temperature?: number | undefined
  /** `true`: the altitude is already free of refraction and dip. */
  readonly corrected?: boolean | undefined
}

export type Limb = 'lower' | 'upper' | 'centre'

/** Largest number of sights in one fix. */
export const MAX_SIGHTS = 64

/** What the numbers of a sight may be, in its own units. */
export const SIGHT_LIMITS = {
  altitude: { min: -1, max: 90 },
  sigma: { min: 0.1 / 3600, max: 5 },
  azimuth: { min: 0, max: 360 },
  azimuthSigma: { min: 0.1 / 3600, max: 30 },
  heightOfEye: { min: 0, max: 300 },
  pressure: { min: 200, max: 1100 },
  temperature: { min: -90, max: 60 },
} as const satisfies Record<string, Range>
