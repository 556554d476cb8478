import { throwIfAborted } from '../base/index'
import { Moments } from './moments'
import { scoreOf, type Direction, type Found, type ScanRequest, type VectorIndex } from './vector-index'
import { TopK } from './top-k'

/** Multiplications between two pauses: about ten milliseconds of one thread. */
const SLICE = 1 << 23

/** Rows of a chunk: 2 to this power. */
const CHUNK_BITS = 10
const CHUNK = 1 << CHUNK_BITS

/** Directions of consecutive rows, one after the other, and their lengths. */
interface Chunk {
  readonly units: Float32Array
  readonly norms: Float32Array
}

/**
 * Every vector as 32-bit floats, compared one by one: exact, and fast enough for small sets.
 *
 * Invariant: a chunk is never moved once it is whole, and one that grows is copied to a new one; so a scan, which keeps the
 * chunks of its start, is not disturbed by additions.
 */
export class FlatIndex implements VectorIndex {
  readonly dims: number
  readonly #chunks: (Chunk | undefined)[] = []
  #byteLength = 0
  /** One more than the highest row set. */
  #span = 0

  constructor(dims: number) {
    this.dims = dims
  }

  get byteLength(): number {
    return this.#byteLength
  }

  set(row: number, { unit, norm }: Direction): void {
    const { units, norms } = this.#chunkFor(row)
    const at = row % CHUNK
    units.set(unit, at * this.dims)
    norms[at] = Math.min(norm, LARGEST)
    this.#span = Math.max(this.#span, row + 1)
  }

  /** The first grows from one row on, so that many models with a vector each cost little; the others are whole at once. */
  #chunkFor(row: number): Chunk {
    const index = row >>> CHUNK_BITS
    const chunk = this.#chunks[index]
    const before = chunk?.norms.length ?? 0
    if (row % CHUNK < before) return chunk!
    const rows = index > 0 ? CHUNK : Math.min(CHUNK, Math.max(row + 1, 2 * before))
    const units = new Float32Array(rows * this.dims)
    const norms = new Float32Array(rows)
    if (chunk) {
      units.set(chunk.units)
      norms.set(chunk.norms)
    }
    this.#byteLength += 4 * (rows - before) * (this.dims + 1)
    return (this.#chunks[index] = { units, norms })
  }

  /** What nobody asks for is not compared. */
  unset(): void {}

  get(row: number): Direction {
    const { units, norms } = this.#chunks[row >>> CHUNK_BITS]!
    const at = row % CHUNK
    return { unit: units.subarray(at * this.dims, (at + 1) * this.dims), norm: norms[at]! }
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
    const [chunks, span] = [[...this.#chunks], this.#span]
    const best = new TopK(k, (a, b) => a.score > b.score || (a.score === b.score && request.before(a.row, b.row)))
    const moments = new Moments()
    const step = 32 * Math.max(1, Math.floor(SLICE / this.dims / 32))
    const passing = (rows ?? all).copy()
    for (let from = 0; from < span; from += step) {
      if (from > 0) await pause?.()
      throwIfAborted(signal)
      for (let row = from; row < Math.min(span, from + step); row++) {
        if (!passing.has(row)) continue
        const { units, norms } = chunks[row >>> CHUNK_BITS]!
        const at = row % CHUNK
        const score = scoreOf(metric, cosine(units, at * this.dims, query.unit), query.norm, norms[at]!)
        moments.add(score)
        if (score >= minScore && score >= best.floor) best.offer({ row, score })
      }
    }
    return { candidates: best.sorted(), ...moments.summary() }
  }
}

const LARGEST = 3.4e38

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
