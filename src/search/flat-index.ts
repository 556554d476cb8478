import { throwIfAborted } from '../base/index'
import { Moments } from './moments'
import { exactQuery, exactScore } from './exact-score'
import { directionOf } from './unit-vector'
import type { Direction, Found, ScanRequest, VectorIndex } from './vector-index'
import { TopK } from './top-k'

/** Multiplications between two pauses: about ten milliseconds of one thread. */
const SLICE = 1 << 23

/** Rows of a chunk: 2 to this power. */
const CHUNK_BITS = 10
const CHUNK = 1 << CHUNK_BITS

/** Consecutive rows' vectors, one after the other, and their lengths. */
interface Chunk {
  readonly vectors: Float32Array
  readonly norms: Float64Array
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

  set(row: number, { unit, norm, numbers = unit.map(each => each * norm) }: Direction): void {
    const { vectors, norms } = this.#chunkFor(row)
    const at = row % CHUNK
    vectors.set(numbers, at * this.dims)
    norms[at] = norm
    this.#span = Math.max(this.#span, row + 1)
  }

  /** The first grows from one row on, so that many models with a vector each cost little; the others are whole at once. */
  #chunkFor(row: number): Chunk {
    const index = row >>> CHUNK_BITS
    const chunk = this.#chunks[index]
    const before = chunk?.norms.length ?? 0
    if (row % CHUNK < before) return chunk!
    const rows = index > 0 ? CHUNK : Math.min(CHUNK, Math.max(row + 1, 2 * before))
    const vectors = new Float32Array(rows * this.dims)
    const norms = new Float64Array(rows)
    if (chunk) {
      vectors.set(chunk.vectors)
      norms.set(chunk.norms)
    }
    this.#byteLength += 4 * (rows - before) * (this.dims + 2)
    return (this.#chunks[index] = { vectors, norms })
  }

  /** What nobody asks for is not compared. */
  unset(): void {}

  /** A view of its vector. */
  vectorOf(row: number): Float32Array {
    const { vectors } = this.#chunks[row >>> CHUNK_BITS]!
    const at = (row % CHUNK) * this.dims
    return vectors.subarray(at, at + this.dims)
  }

  normOf(row: number): number {
    return this.#chunks[row >>> CHUNK_BITS]!.norms[row % CHUNK]!
  }

  get(row: number): Direction {
    return directionOf(this.vectorOf(row))!
  }

  /** The mean of some rows' directions. */
  meanOf(rows: readonly number[]): Float32Array {
    const mean = new Float32Array(this.dims)
    for (const row of rows) {
      const [vector, norm] = [this.vectorOf(row), this.normOf(row)]
      for (let i = 0; i < mean.length; i++) mean[i]! += vector[i]! / norm / rows.length
    }
    return mean
  }

  async scan({ rows, ...request }: ScanRequest): Promise<Found> {
    const { all, k, minScore, signal, pause } = request
    const query = exactQuery(request.metric, request.query)
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
        const { vectors, norms } = chunks[row >>> CHUNK_BITS]!
        const at = row % CHUNK
        const score = exactScore(query, vectors, at * this.dims, norms[at]!)
        moments.add(score)
        if (score >= minScore && score >= best.floor) best.offer({ row, score })
      }
    }
    return { candidates: best.sorted(), ...moments.summary() }
  }
}
