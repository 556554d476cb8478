import type { Bitmap } from '../bitmap'
import type { ScanRequest } from '../vector-index'
import { Calibration, spreadAt } from './calibration'
import type { CodeSpace } from './code-space'
import type { Generation } from './generation'
import type { ListOrder } from './list-order'
import type { QueryScan } from './query-scan'
import { limitOf, radiiOf, ROUNDING } from './radii'
import { EVERYWHERE, type ReachOf } from './reach'

/** How many of a question's nearest are looked up. */
export const NEAREST = [1, 10, 100] as const

/** Questions of each group. */
const QUESTIONS = 64
/** Clusters are learned from samples from 0 on; such rows are nearer to their centroids than others. */
const UNLEARNED = 1 << 20
/** How much more rows of a group have in common with a query by chance than centroids have, at most. */
const GAIN = 1.25

/** The rows that were set last. */
export class Newest {
  readonly #rows: number[] = []
  #at = 0

  note(row: number): void {
    this.#rows[this.#at++ % QUESTIONS] = row
  }

  /** With these, rows from everywhere. */
  questions(set: Bitmap): { readonly row: number; readonly newest: boolean }[] {
    const spread = set.sample(QUESTIONS, UNLEARNED).map(row => ({ row, newest: false }))
    return [...spread, ...this.#rows.map(row => ({ row, newest: true }))]
  }
}

/** Learns from the rows themselves how far from a query the lists lie where its nearest are. */
export class Calibrator {
  readonly #space: CodeSpace
  readonly #scan: QueryScan
  readonly #generation: Generation
  readonly #radii: Float32Array
  /** What the cosines of the worst of the nearest lack of 1. */
  readonly #lacks = NEAREST.map(() => [] as number[])
  readonly #usual: number[] = []
  /** Of rows from everywhere, and of the newest: where data drift, these are what is asked for, and at the edge. */
  readonly #groups = [0, 1].map(() => NEAREST.map(() => new Calibration()))

  constructor(space: CodeSpace, scan: QueryScan, generation: Generation) {
    this.#space = space
    this.#scan = scan
    this.#generation = generation
    this.#radii = radiiOf(space, generation)
  }

  /** Where to look for this share of the `k` nearest. */
  reachFor(k: number, share: number): ReachOf {
    const distance = this.#distanceFor(k, share)
    const usualLack = this.#usualLack(NEAREST.findIndex(nearest => k <= nearest))
    return (order, deviations) => {
      const list = this.#nearest(order)
      const nearest = order.cosineOf(list)
      const strangeness = (1 - 2 * nearest + this.#generation.squareOf(list)) / this.#radii[list]!
      return { distance, nearest, strangeness, usualLack, gain: GAIN * deviations * order.deviation }
    }
  }

  /** The nearest list that has rows enough to tell how far these are from its centroid; that of all where none has. */
  #nearest(order: ListOrder): number {
    for (let rank = 0; rank < order.length; rank++) if (this.#radii[order.at(rank)]! > 0) return order.at(rank)
    return order.at(0)
  }

  /** When all questions are asked; of more than the most that are looked up nothing is known. */
  #usualLack(at: number): number {
    const lacks = this.#lacks[at]
    return lacks?.length ? (this.#usual[at] ??= limitOf(lacks) + ROUNDING) : ROUNDING
  }

  /** The distance within which this share of the `k` nearest is: that of the next fewer and of the next more, whichever is wider. */
  #distanceFor(k: number, share: number): number {
    const more = NEAREST.findIndex(nearest => k <= nearest)
    if (more < 0) return Infinity
    const fewer = NEAREST[more] === k ? more : more - 1
    return Math.max(...this.#groups.flatMap(group => [fewer, more].map(at => group[at]!.distanceFor(share))))
  }

  /** Asks for the nearest of a row, one of the newest or any, in all lists, with a pause between slices. */
  async ask(row: number, newest: boolean, all: Bitmap, pause?: () => Promise<void>): Promise<void> {
    const { memory } = this.#space
    const k = NEAREST.at(-1)! + 1
    this.#space.restoreRow(row)
    this.#scan.askRotated(this.#space.vector)
    const query = { unit: new Float32Array(), norm: 1 }
    const defaults = { metric: 'cosine', minScore: -1, recall: 0.99, refine: false, before: () => true } as const
    const request: ScanRequest = { ...defaults, query, all, k, ...(pause && { pause }) }
    this.#scan.begin(request, undefined)
    await this.#scan.codes(this.#generation, EVERYWHERE, request)
    const nearest = this.#scan.candidates(request).filter(candidate => candidate.row !== row && all.has(candidate.row))
    nearest.sort((a, b) => b.score - a.score)
    const order = this.#generation.order(this.#scan.query)
    const nearestList = order.cosineOf(this.#nearest(order))
    const lacks = nearest.map(found => nearestList - order.cosineOf(memory.listOf(memory.slotOf(found.row))))
    for (const [i, calibration] of this.#groups[newest ? 1 : 0]!.entries()) {
      const count = Math.min(NEAREST[i]!, nearest.length)
      if (count === 0) continue
      const { score } = nearest[count - 1]!
      this.#lacks[i]!.push(1 - score)
      const spread = spreadAt(score)
      for (const lack of lacks.slice(0, count)) calibration.note(lack / spread)
    }
  }
}
