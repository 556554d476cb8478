import { throwIfAborted } from '../base/index'
import { Moments } from './moments'
import { scoreOf, type Direction, type Found, type ScanRequest, type VectorIndex } from './vector-index'
import { TopK } from './top-k'

/** Multiplications between two pauses: about ten milliseconds of one thread. */
const SLICE = 1 << 23

/**
 * Every vector as 32-bit floats, one row after the other, compared one by one: exact, and fast enough for small sets.
 *
 * Invariant: growing copies to a new array; so a scan, which keeps the array of its start, is not disturbed by additions.
 */
export class FlatIndex implements VectorIndex {
  readonly dims: number
  #units = new Float32Array(0)
  #norms = new Float32Array(0)
  /** One more than the highest row set. */
  #span = 0

  constructor(dims: number) {
    this.dims = dims
  }

  get byteLength(): number {
    return this.#units.byteLength + this.#norms.byteLength
  }

  set(row: number, { unit, norm }: Direction): void {
    if (row >= this.#norms.length) {
      // From one row on, so that many models with a vector each cost little.
      const rows = Math.max(row + 1, 2 * this.#norms.length)
      this.#units = grown(this.#units, rows * this.dims)
      this.#norms = grown(this.#norms, rows)
    }
    this.#units.set(unit, row * this.dims)
    this.#norms[row] = Math.min(norm, LARGEST)
    this.#span = Math.max(this.#span, row + 1)
  }

  /** What nobody asks for is not compared. */
  unset(): void {}

  get(row: number): Direction {
    return { unit: this.#units.subarray(row * this.dims, (row + 1) * this.dims), norm: this.#norms[row]! }
  }

  /** The mean of some rows' directions. */
  meanOf(rows: readonly number[]): Float32Array {
    const mean = new Float32Array(this.dims)
    for (const row of rows) {
      const { unit } = this.get(row)
      for (let i = 0; i < mean.length; i++) mean[i]! += unit[i]! / rows.length
    }
    return mean
  }

  async scan({ rows, ...request }: ScanRequest): Promise<Found> {
    const { all, query, metric, k, minScore, signal, pause } = request
    const [units, norms, span] = [this.#units, this.#norms, this.#span]
    const best = new TopK(k, (a, b) => a.score > b.score || (a.score === b.score && request.before(a.row, b.row)))
    const moments = new Moments()
    const step = 32 * Math.max(1, Math.floor(SLICE / this.dims / 32))
    const passing = (rows ?? all).copy()
    for (let from = 0; from < span; from += step) {
      if (from > 0) await pause?.()
      throwIfAborted(signal)
      for (let row = from; row < Math.min(span, from + step); row++) {
        if (!passing.has(row)) continue
        const score = scoreOf(metric, cosine(units, row * this.dims, query.unit), query.norm, norms[row]!)
        moments.add(score)
        if (score >= minScore && score >= best.floor) best.offer({ row, score })
      }
    }
    return { candidates: best.sorted(), ...moments.summary() }
  }
}

const LARGEST = 3.4e38

function grown(array: Float32Array, length: number): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(length)
  larger.set(array)
  return larger
}

/** Rounding may carry the product of two unit vectors a little beyond 1. */
export function cosine(units: Float32Array, offset: number, unit: Float32Array): number {
  // Four sums that do not wait for one another.
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let i = 0
  for (; i + 3 < unit.length; i += 4) {
    a += units[offset + i]! * unit[i]!
    b += units[offset + i + 1]! * unit[i + 1]!
    c += units[offset + i + 2]! * unit[i + 2]!
    d += units[offset + i + 3]! * unit[i + 3]!
  }
  for (; i < unit.length; i++) a += units[offset + i]! * unit[i]!
  return Math.min(1, Math.max(-1, a + b + c + d))
}
