import { CosmicError, PLACE_GRIDS } from '../base/index'
import type { Place } from './types'

/** Inclusive bounds. */
export interface Range {
  readonly min: number
  readonly max: number
}

/** What a place may hold: degrees and metres. `accuracy` is a radius. */
export const PLACE_LIMITS = {
  latitude: { min: -90, max: 90 },
  longitude: { min: -180, max: 180 },
  elevation: { min: -500, max: 10_000 },
  accuracy: { min: 0, max: 20_038_000 },
} as const satisfies Record<Exclude<keyof Place, 'grid'>, Range>

/** The times for which the sky is computed, in milliseconds since the Unix epoch: the years 1900 to 2100. */
export const SKY_TIME_LIMITS: Range = { min: Date.UTC(1900, 0, 1), max: Date.UTC(2100, 0, 1) }

/**
 * Refuses what is no object: a missing argument is told by name.
 *
 * @throws CosmicError `bad-type` with the field
 */
export function checkObject(value: unknown, field: string): void {
  if (typeof value !== 'object' || value === null) throw new CosmicError({ code: 'bad-type', field, hint: 'an object' })
}

/**
 * Refuses what is no list of objects.
 *
 * @throws CosmicError `bad-type` with the field, such as `sights[2]`
 */
export function checkList(values: unknown, field: string): void {
  if (!Array.isArray(values)) throw new CosmicError({ code: 'bad-type', field, hint: 'a list' })
  for (let i = 0; i < values.length; i++) checkObject(values[i], `${field}[${i}]`)
}

/**
 * The place itself, when it can exist.
 *
 * @throws CosmicError `out-of-range` with `field` (`place.latitude`, …) and `limit`; NaN and infinities are out of range.
 * `bad-value` for a `grid` that is not published.
 */
export function checkPlace(place: Place): Place {
  checkObject(place, 'place')
  const { latitude, longitude, elevation = 0, accuracy = 0, grid } = place
  checkRange(latitude, PLACE_LIMITS.latitude, 'place.latitude')
  checkRange(longitude, PLACE_LIMITS.longitude, 'place.longitude')
  checkRange(elevation, PLACE_LIMITS.elevation, 'place.elevation')
  checkRange(accuracy, PLACE_LIMITS.accuracy, 'place.accuracy')
  if (grid === undefined || (typeof grid === 'number' && Object.hasOwn(PLACE_GRIDS, grid))) return place
  throw new CosmicError({ code: 'bad-value', field: 'place.grid', hint: Object.keys(PLACE_GRIDS).join(', ') })
}

/**
 * Milliseconds since the Unix epoch of a time whose sky can be computed.
 *
 * @throws CosmicError `out-of-range` with `field` `time` and `limit`.
 */
export function checkSkyTime(time: number | Date): number {
  return checkRange(time instanceof Date ? time.getTime() : time, SKY_TIME_LIMITS, 'time')
}

function checkRange(value: unknown, { min, max }: Range, field: string): number {
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw new CosmicError({ code: 'out-of-range', field, limit: `${min} … ${max}` })
}
