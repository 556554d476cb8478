import { attempt, type Result } from '../base/index'
import type { FixOptions, PositionFix } from './fix'
import { checkObject } from './limits'
import { prepareSights } from './prepare-sights'
import type { Sight } from './sights'
import { solveFix } from './solve-fix'

/**
 * The place that observed altitudes, and azimuths, fit best: weighted least squares over WGS-84, from any start. All
 * places at which the sights could have been taken are found, from the crossings of their circles of equal altitude:
 * two altitudes alone always have two. The ellipse follows from the stated standard deviations, not from the residuals.
 *
 * A refusal carries one of the codes of `prepareSights` or `solveFix`.
 *
 * @example
 * ```ts
 * const fix = fixPosition([
 *   { body: 'sun', time: noon, altitude: 24.512, limb: 'lower', heightOfEye: 3, sigma: 0.5 / 60 },
 *   { body: 'moon', time: noon, altitude: 31.207, limb: 'upper', heightOfEye: 3, sigma: 0.5 / 60 },
 *   { body: 'sun', time: noon + 10_800_000, altitude: 11.05, limb: 'lower', heightOfEye: 3, sigma: 0.5 / 60 },
 * ])
 * if (fix.ok) console.log(fix.value.place, fix.value.ellipse.semiMajor)
 * else console.log(fix.error.code, fix.error.message)
 * ```
 */
export function fixPosition(sights: readonly Sight[], options: FixOptions = {}): Result<PositionFix> {
  const given = attempt(() => checkObject(options, 'options'))
  if (!given.ok) return given
  const prepared = prepareSights(sights, options.elevation)
  return prepared.ok ? solveFix(prepared.value, options) : prepared
}
