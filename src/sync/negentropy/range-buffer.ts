import { HIGHEST } from './bound'
import { FINGERPRINT_BYTES } from './fingerprint'
import { ID_BYTES, type MessageLimits, type Range } from './message'
import type { Bound, ReconcileSet } from './reconcile-set'

/** Most that a range takes beside ids or a fingerprint: 10 + 1 + 32 bytes of bound, mode, and a count of 3 bytes. */
const RANGE_OVERHEAD = 47

/** Kept free for one skip and one fingerprint of all that remains. */
const RESERVED_BYTES = 2 * RANGE_OVERHEAD + FINGERPRINT_BYTES
const RESERVED_RANGES = 2

/**
 * Collects the ranges of one message within its limits; sizes are counted as the worst case. Adjacent skips become one, and
 * a skip at the end is left out.
 */
export class RangeBuffer {
  readonly ranges: Range[] = []
  #bytes = 1
  #skip: Bound | undefined

  constructor(readonly limits: MessageLimits) {}

  /** Nothing more to say up to `upper`. */
  skip(upper: Bound): void {
    this.#skip = upper
  }

  /** Adds all of them, or none and answers false when they do not fit. */
  push(ranges: readonly Range[]): boolean {
    const bytes = ranges.reduce((sum, range) => sum + size(range), 0)
    if (bytes > this.#room()) return false
    if (this.ranges.length + ranges.length + (this.#skip ? 1 : 0) > this.limits.ranges - RESERVED_RANGES) return false
    this.#append(...ranges)
    return true
  }

  /** How many ids one more range could list. */
  roomForIds(): number {
    if (this.ranges.length + 2 > this.limits.ranges - RESERVED_RANGES) return 0
    return Math.max(0, Math.floor((this.#room() - RANGE_OVERHEAD) / ID_BYTES))
  }

  /** The work left over, from item `from` to the end, as V1's fingerprint of the remaining range. */
  remainder(set: ReconcileSet, from: number): void {
    this.#append({ mode: 'fingerprint', upper: HIGHEST, fingerprint: set.fingerprint(from, set.size) })
  }

  #room(): number {
    return this.limits.bytes - RESERVED_BYTES - this.#bytes - (this.#skip ? RANGE_OVERHEAD : 0)
  }

  #append(...ranges: readonly Range[]): void {
    if (this.#skip !== undefined) this.ranges.push({ mode: 'skip', upper: this.#skip })
    this.#bytes += (this.#skip ? RANGE_OVERHEAD : 0) + ranges.reduce((sum, range) => sum + size(range), 0)
    this.#skip = undefined
    this.ranges.push(...ranges)
  }
}

function size(range: Range): number {
  if (range.mode === 'ids') return RANGE_OVERHEAD + ID_BYTES * range.ids.length
  return RANGE_OVERHEAD + (range.mode === 'fingerprint' ? FINGERPRINT_BYTES : 0)
}
