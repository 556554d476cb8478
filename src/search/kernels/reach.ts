import { spreadAt } from './calibration'
import type { ListOrder } from './list-order'

/** So many times what is usual of rows, and nothing is known of a query: its nearest may be anywhere. */
const FAR = 1.5
/** From here on it looks as far as chance reaches; from 1 to here by degrees. */
const CHANCE = 1.3

/** How far a query has to look. */
export interface Reach {
  /** Lists within this are looked into in any case (see `spreadAt`). */
  readonly distance: number
  /** The query's cosine with the nearest centroid whose rows tell how far they are: the centroid of a few is nearly one of them. */
  readonly nearest: number
  /** How far the query is from that centroid, in what is usual of these rows at most: above 1 for one that is not like them. */
  readonly strangeness: number
  /** What the cosine of the worst of the best `k` of a row usually lacks of 1 at most. */
  readonly usualLack: number
  /** By how much a row may be nearer to the query than its centroid is, where they have nothing in common. */
  readonly gain: number
}

/** Given the lists from a query on, and how many deviations chance has to make up for. */
export type ReachOf = (order: ListOrder, deviations: number) => Reach

export const EVERYWHERE: ReachOf = () => ({ distance: Infinity, nearest: 1, strangeness: 0, usualLack: 1, gain: 0 })

/**
 * Whether no more is to be found from the list at a rank on, `best` being the cosine of the worst of the best `k` so far. What
 * calibration learned from rows holds for queries like them. One that is farther from the centroids, or from all that it finds, looks
 * further: the more so, the farther it is, until a list's centroid is so far that chance does not make one of its rows as near as
 * `best`, or everywhere.
 */
export function isBeyond(reach: Reach, order: ListOrder, rank: number, best: number): boolean {
  if (best <= 0) return false
  const lack = reach.nearest - order.cosineOf(order.at(rank))
  const learned = reach.distance * spreadAt(best)
  if (lack <= learned) return false
  const strangeness = Math.max(reach.strangeness, (1 - best) / reach.usualLack)
  if (strangeness <= 1) return true
  if (strangeness > FAR) return false
  const more = reach.nearest + reach.gain - best - learned
  return lack - learned > more * Math.min(1, (strangeness - 1) / (CHANCE - 1))
}
