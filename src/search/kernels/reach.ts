import { spreadAt } from './calibration'
import type { ListOrder } from './list-order'

/** So many times what is usual of rows, and of a query nothing is known: its nearest may be anywhere. */
const FAR = 1.5

/** How far a query has to look. */
export interface Reach {
  /** Lists within this are looked into in any case (see `spreadAt`). */
  readonly distance: number
  /** How far the query is from its nearest centroid, in what is usual of that list's rows at most: above 1 for one that is not like them. */
  readonly strangeness: number
  /** What the cosine of the worst of the best `k` of a row usually lacks of 1 at most. */
  readonly usualLack: number
  /** By how much a row may be nearer to the query than its centroid is, where they have nothing in common. */
  readonly gain: number
}

/** Given the lists from a query on, and how many deviations chance has to make up for. */
export type ReachOf = (order: ListOrder, deviations: number) => Reach

export const EVERYWHERE: ReachOf = () => ({ distance: Infinity, strangeness: 0, usualLack: 1, gain: 0 })

/**
 * Whether no more is to be found from the list at a rank on, `best` being the cosine of the worst of the best `k` so far. What
 * calibration learned from rows holds for queries like them. One that is farther from the centroids, or from all that it finds, looks
 * further: as long as a list's centroid is so near that chance may make one of its rows as near as `best`, or everywhere.
 */
export function isBeyond(reach: Reach, order: ListOrder, rank: number, best: number): boolean {
  if (best <= 0) return false
  const cosine = order.cosineOf(order.at(rank))
  if (order.cosineOf(order.at(0)) - cosine <= reach.distance * spreadAt(best)) return false
  const strangeness = Math.max(reach.strangeness, (1 - best) / reach.usualLack)
  return strangeness <= 1 || (strangeness <= FAR && cosine + reach.gain < best)
}
