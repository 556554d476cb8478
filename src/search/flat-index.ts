import { throwIfAborted } from '../base/index'
import type { ScanOptions, SearchResult, VectorIndex } from './vector-index'
import { type Candidate, TopK } from './top-k'

/** Multiplications between two pauses: about ten milliseconds of one thread. */
const SLICE = 1 << 23

/**
 * Every vector as 32-bit floats, one after the other, compared one by one.
 *
 * Invariant: a vector once written is never written again, and growing copies to a new array; so a scan, which keeps the
 * array and size of its start, is not disturbed by additions.
 */
export class FlatIndex implements VectorIndex {
  readonly dims: number
  readonly #ids: string[] = []
  readonly #expires: number[] = []
  #data = new Float32Array(0)

  constructor(dims: number) {
    this.dims = dims
  }

  get size(): number {
    return this.#ids.length
  }

  add(id: string, unit: Float32Array, expires = Infinity): number {
    const row = this.#ids.length
    if ((row + 1) * this.dims > this.#data.length) {
      // From one row on, so that many models with a vector each cost little.
      const data = new Float32Array(Math.max(this.dims, this.#data.length * 2))
      data.set(this.#data)
      this.#data = data
    }
    this.#data.set(unit, row * this.dims)
    this.#ids.push(id)
    this.#expires.push(expires)
    return row
  }

  expire(row: number, expires: number): void {
    this.#expires[row] = expires
  }

  async scan(unit: Float32Array, options: ScanOptions): Promise<SearchResult> {
    const { k, minScore = -1, rows, now = -Infinity, signal, pause } = options
    const [data, size, ids, expires] = [this.#data, this.size, this.#ids, this.#expires]
    const best = new TopK(k, (a, b) => a.score > b.score || (a.score === b.score && ids[a.row]! < ids[b.row]!))
    const moments = new Moments()
    const step = Math.max(1, Math.floor(SLICE / this.dims))
    for (let from = 0; from < size; from += step) {
      if (from > 0) await pause?.()
      throwIfAborted(signal)
      for (let row = from; row < Math.min(size, from + step); row++) {
        if ((rows !== undefined && !rows.has(row)) || expires[row]! <= now) continue
        const score = cosine(data, row * this.dims, unit)
        moments.add(score)
        if (score >= minScore && score >= best.floor) best.offer({ row, score })
      }
    }
    const hits = best.sorted().map(({ row, score }: Candidate) => ({ id: ids[row]!, score }))
    return { hits, ...moments.summary() }
  }
}

/** Rounding may carry the product of two unit vectors a little beyond 1. */
function cosine(data: Float32Array, offset: number, unit: Float32Array): number {
  let sum = 0
  for (let i = 0; i < unit.length; i++) sum += data[offset + i]! * unit[i]!
  return Math.min(1, Math.max(-1, sum))
}

/** Running mean and variance (Welford 1962). */
class Moments {
  #count = 0
  #mean = 0
  #squares = 0

  add(value: number): void {
    this.#count++
    const delta = value - this.#mean
    this.#mean += delta / this.#count
    this.#squares += delta * (value - this.#mean)
  }

  summary(): Pick<SearchResult, 'scanned' | 'mean' | 'deviation'> {
    return { scanned: this.#count, mean: this.#mean, deviation: Math.sqrt(this.#squares / Math.max(1, this.#count)) }
  }
}
