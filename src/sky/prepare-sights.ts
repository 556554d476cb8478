import { amended, attempt, CosmicError, type Failure, type Result } from '../base/index'
import { bodyDirection, type BodyDirection } from './body-direction'
import type { Vector } from './globe'
import { checkObject, checkPlace, checkSkyTime, type Range } from './limits'
import { dip, refraction, standardPressure } from './sight-corrections'
import { MAX_SIGHTS, SIGHT_LIMITS, type Sight } from './sights'
import { skyVectors } from './sky-vectors'

/** A sight with everything that does not depend on where the observer is; angles in radians. */
export interface PreparedSight {
  readonly body: string
  readonly direction: BodyDirection
  /** Of the observed limb, free of dip and refraction. */
  readonly altitude: number
  readonly sigma: number
  readonly azimuth?: number | undefined
  readonly azimuthSigma?: number | undefined
  /** −1 for the lower limb, 1 for the upper. */
  readonly limb: -1 | 0 | 1
  /** Where the Sun was, for a body that is seen in the dark only. */
  readonly sun?: Vector | undefined
  /** Where the body stood this many seconds after the time of the sight. */
  readonly directionAfter: (seconds: number) => BodyDirection
}

/** What sextants reach by day; all other bodies need darkness. */
const BY_DAY: ReadonlySet<string> = new Set(['sun', 'moon', 'venus', 'jupiter'])
const WITH_LIMB: ReadonlySet<string> = new Set(['sun', 'moon'])
const LIMBS = { lower: -1, centre: 0, upper: 1 } as const
const RADIANS = Math.PI / 180
/** Degrees: what refraction and half a disc can lift at most. */
const LOWEST_AIRLESS = -1

/**
 * Checks sights, corrects them for dip and refraction, and looks their bodies up: the dearest part of a fix, which
 * `solveFix` can then repeat from other starts for some microseconds.
 *
 * Refusals, each with its `field` such as `sights[2].altitude`: `missing-field`, `too-large`, `bad-type`, `non-finite`,
 * `out-of-range`, `unknown-body`, `bad-value`, `duplicate-sight`, `below-horizon`.
 *
 * @param elevation metres above the ellipsoid, for the air pressure of sights that state none
 */
export function prepareSights(sights: readonly Sight[], elevation = 0): Result<readonly PreparedSight[]> {
  return attempt(() => {
    checkPlace({ latitude: 0, longitude: 0, elevation })
    if (!Array.isArray(sights)) refuse({ code: 'bad-type', field: 'sights', hint: 'an array' })
    if (sights.length === 0) refuse({ code: 'missing-field', field: 'sights', hint: 'at least one sight' })
    if (sights.length > MAX_SIGHTS) refuse({ code: 'too-large', field: 'sights', limit: MAX_SIGHTS })
    const prepared = sights.map((sight, i) => prepare(sight, elevation, `sights[${i}]`))
    checkDuplicates(sights)
    return prepared
  })
}

function prepare(sight: Sight, elevation: number, field: string): PreparedSight {
  checkObject(sight, field)
  checkNumbers(sight, field)
  const { body, azimuth, azimuthSigma, limb = 'centre' } = sight
  if (typeof limb !== 'string' || !Object.hasOwn(LIMBS, limb))
    refuse({ code: 'bad-value', field: `${field}.limb`, hint: 'lower, upper, centre' })
  if (limb !== 'centre' && !WITH_LIMB.has(body)) {
    refuse({ code: 'bad-value', field: `${field}.limb`, message: `${body} shows no limb: only Sun and Moon do` })
  }
  const time = checkTime(sight.time, `${field}.time`)
  const vectors = skyVectors(time)
  const direction = bodyDirection(body, vectors)
  if (direction === undefined) {
    refuse({ code: 'unknown-body', field: `${field}.body`, message: `the sky knows no body of this name` })
  }
  return {
    body,
    direction,
    altitude: airlessAltitude(sight, elevation, `${field}.altitude`) * RADIANS,
    sigma: sight.sigma * RADIANS,
    ...(azimuth !== undefined && { azimuth: azimuth * RADIANS, azimuthSigma: azimuthSigma! * RADIANS }),
    limb: LIMBS[limb],
    ...(!BY_DAY.has(body) && { sun: bodyDirection('sun', vectors)!.vector }),
    directionAfter: seconds => bodyDirection(body, skyVectors(time + seconds * 1000))!,
  }
}

/** Degrees. */
function airlessAltitude(sight: Sight, elevation: number, field: string): number {
  const { altitude, heightOfEye = 0, temperature = 10, corrected = false } = sight
  const { pressure = standardPressure(elevation) } = sight
  if (altitude < (corrected ? LOWEST_AIRLESS : 0)) {
    refuse({ code: 'below-horizon', field, message: `${sight.body} cannot be observed below the horizon` })
  }
  if (corrected) return altitude
  const apparent = altitude - dip(heightOfEye)
  return apparent - refraction(apparent, pressure, temperature)
}

function checkNumbers(sight: Sight, field: string): void {
  for (const name of Object.keys(SIGHT_LIMITS) as (keyof typeof SIGHT_LIMITS)[]) {
    const value = sight[name]
    if (value !== undefined) checkNumber(value, SIGHT_LIMITS[name], `${field}.${name}`)
    else if (name === 'altitude' || name === 'sigma') refuse({ code: 'missing-field', field: `${field}.${name}` })
  }
  if ((sight.azimuth === undefined) === (sight.azimuthSigma === undefined)) return
  const missing = sight.azimuth === undefined ? 'azimuth' : 'azimuthSigma'
  refuse({ code: 'missing-field', field: `${field}.${missing}`, hint: 'azimuth and azimuthSigma go together' })
}

function checkNumber(value: unknown, { min, max }: Range, field: string): void {
  if (typeof value !== 'number') refuse({ code: 'bad-type', field, hint: 'a number' })
  if (!Number.isFinite(value)) refuse({ code: 'non-finite', field, message: 'not a number that a sight can have' })
  if (value < min || value > max)
    refuse({ code: 'out-of-range', field, limit: `${min} … ${max}`, message: `${value} is not within ${min} … ${max}` })
}

function checkTime(time: number | Date, field: string): number {
  try {
    return checkSkyTime(time)
  } catch (error) {
    throw error instanceof CosmicError ? new CosmicError(amended(error, { field })) : error
  }
}

function checkDuplicates(sights: readonly Sight[]): void {
  const seen = new Set<string>()
  sights.forEach(({ body, time }, i) => {
    const key = `${body} ${Number(time)}`
    if (seen.has(key)) {
      refuse({
        code: 'duplicate-sight',
        field: `sights[${i}]`,
        message: `${body} is sighted twice at the same instant: one observation would count for two`,
      })
    }
    seen.add(key)
  })
}

function refuse(failure: Failure): never {
  throw new CosmicError(failure)
}
