/**
 * Degrees (WGS-84, north and east positive) and metres (above the ellipsoid; accuracy is a radius). With `grid` the place
 * is coarse: only the point of that grid is signed and shown to anyone, and the sky is the sky of that point.
 */
export interface Place {
  readonly latitude: number
  readonly longitude: number
  readonly elevation?: number
  readonly accuracy?: number
  /** Step of a published grid in degrees; 0.01, 0.1, 1 and 10 make cells of about 1, 11, 111 and 1,113 km. */
  readonly grid?: PlaceGrid
}

/** Steps of the published grids in degrees, and the radius in metres around a grid point that covers all of its cell. */
export const PLACE_GRIDS: Readonly<Record<PlaceGrid, number>> = { 0.01: 1200, 0.1: 12_000, 1: 110_000, 10: 800_000 }

/** A grid of places, named by its step from row to row in degrees: about 1, 11, 111 and 1,113 km. */
export type PlaceGrid = 0.01 | 0.1 | 1 | 10

/** Wire units in a degree: places are snapped in integers, so that every runtime finds the same grid point. */
const UNITS = 1e7
/** Up to which latitude in degrees the points of a row are this many steps apart. Beyond the last the pole is the only point. */
const ROWS = [
  [60, 1],
  [75, 2],
  [82, 4],
  [87, 12],
  [89, 36],
] as const
/** Metres: all that is nearer to a pole than the last row. */
const POLAR_RADIUS = 112_000

/** Whether a place is a point of a published grid, which stands for every place of its cell. */
export function isCoarse(place: Place): boolean {
  return place.grid !== undefined
}

/**
 * The grid point that stands for a place with a `grid` (docs/spec/sky.md, section 2.1), without elevation, its accuracy
 * no better than the cell: nothing in the answer tells where in the cell the place is. A place without `grid` is
 * answered as it is. A grid point is its own grid point.
 *
 * @example
 * ```ts
 * snapPlace({ latitude: 48.2082, longitude: 16.3738, elevation: 171, grid: 0.1 })
 * // { latitude: 48.2, longitude: 16.4, accuracy: 12000, grid: 0.1 }
 * ```
 */
export function snapPlace(place: Place): Place {
  const { grid, accuracy = 0 } = place
  if (grid === undefined) return place
  const step = Math.round(grid * UNITS)
  const row = nearest(place.latitude, step)
  const apart = ROWS.find(([latitude]) => Math.abs(row) <= latitude * UNITS)?.[1]
  const point = apart
    ? { latitude: row / UNITS, longitude: meridian(nearest(place.longitude, step * apart)) }
    : { latitude: Math.sign(row) * 90, longitude: 0 }
  return { ...point, accuracy: Math.max(accuracy, smallestAccuracy(point.latitude, grid)), grid }
}

/** Metres: what a grid point must state as its accuracy at least, and a cell's half diagonal at most. */
export function smallestAccuracy(latitude: number, grid: PlaceGrid): number {
  return Math.max(PLACE_GRIDS[grid], Math.abs(latitude) === 90 ? POLAR_RADIUS : 0)
}

/** The nearest multiple of `step`, in wire units; what is half way goes north or east. */
function nearest(degrees: number, step: number): number {
  return Math.floor((Math.round(degrees * UNITS) + step / 2) / step) * step
}

/** 180° and −180° are one meridian, written −180°. */
function meridian(units: number): number {
  return units === 180 * UNITS ? -180 : units / UNITS
}
