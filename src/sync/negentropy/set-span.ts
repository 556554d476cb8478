import type { CodedCells } from './coded-cells'
import type { IdSum } from './fingerprint'
import { ITEM_WORDS, writeItem } from './item-words'
import type { Bound, ReconcileSet, SetItem } from './reconcile-set'

/** Times in milliseconds, both ends included. */
export interface TimeSpan {
  readonly floor: number
  readonly ceiling: number
}

const NO_ID = new Uint8Array(0)

/** Items outside of a span that are taken out of the coded cells one by one. */
const OUTSIDE_MOST = 1024

/** The members of a set within a span of time, as the set is now: for one step, not to be kept. */
export class SetSpan implements ReconcileSet {
  readonly #set: ReconcileSet
  readonly #from: number
  readonly #to: number

  constructor(set: ReconcileSet, { floor, ceiling }: TimeSpan) {
    this.#set = set
    this.#from = set.lowerBound({ time: floor, id: NO_ID })
    this.#to = Math.max(this.#from, set.lowerBound({ time: ceiling + 1, id: NO_ID }))
  }

  get size(): number {
    return this.#to - this.#from
  }

  get(index: number): SetItem {
    if (!(index >= 0 && index < this.size)) throw new RangeError(`index ${index} of ${this.size}`)
    return this.#set.get(this.#from + index)
  }

  lowerBound(bound: Bound): number {
    return Math.min(Math.max(this.#set.lowerBound(bound), this.#from), this.#to) - this.#from
  }

  fingerprint(from: number, to: number): Uint8Array {
    if (!(from >= 0 && from <= to && to <= this.size)) throw new RangeError(`[${from}, ${to}) of ${this.size}`)
    return this.#set.fingerprint(this.#from + from, this.#from + to)
  }

  addIds(sum: IdSum, from: number, to: number): void {
    this.#set.addIds(sum, this.#from + from, this.#from + to)
  }

  /** The cells of the span: those of the set without what lies outside, unless that is too much to go through. */
  cells(): CodedCells | undefined {
    if (this.#set.size - this.size > OUTSIDE_MOST) return undefined
    const cells = this.#set.cells?.()
    if (!cells) return undefined
    const item = new Uint32Array(ITEM_WORDS)
    const leaveOut = (from: number, to: number) => {
      for (let index = from; index < to; index++) {
        writeItem(this.#set.get(index), item)
        cells.toggle(item, -1)
      }
    }
    leaveOut(0, this.#from)
    leaveOut(this.#to, this.#set.size)
    return cells
  }
}
