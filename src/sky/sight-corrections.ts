import { refuse } from '../base/index'

/** What lies between an altitude as read and the airless one. All angles in degrees. */

/** The air that Bennett's formula stands for. */
const BENNETT_PRESSURE = 1010
const BENNETT_KELVIN = 283

/**
 * How much the air lifts a body that is *seen* at this altitude: G. G. Bennett, "The Calculation of Astronomical
 * Refraction in Marine Navigation", Journal of Navigation 35 (1982), with his second-order term (within 0.015′ of
 * Garfinkel's theory), scaled by the density of the air as in Meeus, Astronomical Algorithms, chapter 16.
 *
 * @param apparent degrees, −1 … 90, already free of dip
 * @param pressure hectopascals
 * @param temperature degrees Celsius
 * @example
 * ```ts
 * refraction(0, 1010, 10) * 60 // 34.5 arcminutes
 * ```
 */
export function refraction(apparent: number, pressure: number, temperature: number): number {
  checkNumbers({ apparent, pressure, temperature })
  const first = 1 / Math.tan(radians(apparent + 7.31 / (apparent + 4.4)))
  const arcminutes = first - 0.06 * Math.sin(radians(14.7 * first + 13))
  return ((arcminutes / 60) * (pressure / BENNETT_PRESSURE) * BENNETT_KELVIN) / (273 + temperature)
}

/** How far the sea horizon lies below the level: 1.76′ √h, refraction included (The Nautical Almanac, "Altitude correction tables"). */
export function dip(heightOfEye: number): number {
  checkNumbers({ heightOfEye })
  return (1.76 * Math.sqrt(heightOfEye)) / 60
}

/** Pressure in hectopascals of the International Standard Atmosphere (ISO 2533) at an elevation in metres. */
export function standardPressure(elevation: number): number {
  checkNumbers({ elevation })
  return 1013.25 * (1 - 2.25577e-5 * elevation) ** 5.25588
}

/** Throws `bad-type`. */
function checkNumbers(values: Readonly<Record<string, number>>): void {
  for (const [field, value] of Object.entries(values)) {
    if (typeof value !== 'number') refuse('bad-type', field, 'a number')
  }
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180
}
