import { isCoarse as hasGrid, snapPlace as snap } from '../base/index'
import { checkObject, checkPlace } from './limits'
import type { Place } from './types'

/**
 * Whether a place is a point of a published grid, which stands for every place of its cell.
 *
 * @throws CosmicError `bad-type` for what is no object
 */
export function isCoarse(place: Place): boolean {
  checkObject(place, 'place')
  return hasGrid(place)
}

/**
 * The grid point that stands for a place with a `grid` (docs/spec/sky.md, section 2.1), without elevation, its accuracy
 * no better than the cell: nothing in the answer tells where in the cell the place is. A place without `grid` is
 * answered as it is. A grid point is its own grid point.
 *
 * @throws CosmicError for a place that cannot exist, with the field: `bad-type`, `out-of-range`, `bad-value`
 *
 * @example
 * ```ts
 * snapPlace({ latitude: 48.2082, longitude: 16.3738, elevation: 171, grid: 0.1 })
 * // { latitude: 48.2, longitude: 16.4, accuracy: 12000, grid: 0.1 }
 * ```
 */
export function snapPlace(place: Place): Place {
  return snap(checkPlace(place))
}
