import type { Bitmap } from '../bitmap'
import { Moments } from '../moments'
import { scoreOf, type Direction, type Found, type ScanRequest, type VectorIndex } from '../vector-index'
import { CodeSpace } from './code-space'
import { Generation } from './generation'
import type { Kernels } from './kernels'
import { QueryScan } from './query-scan'

/** A filter that leaves fewer rows than this share has each of them compared by its bytes: cheaper than all codes, and surer. */
const FEW = 1 / 10
/** Rows from which the distribution of the scores is estimated. */
const SAMPLE = 256

/**
 * Vectors as one-bit codes and bytes, in the memory of the kernels.
 *
 * Every vector is rotated at random, then kept twice: as signed bytes with one scale, and as the signs of its difference from a
 * centroid, from which its cosine with a query is estimated with a known spread (RaBitQ: Gao and Long 2024). A scan estimates all
 * and compares by bytes those whose estimate may reach the best found so far.
 */
export class CodeIndex implements VectorIndex {
  readonly dims: number
  readonly #space: CodeSpace
  readonly #scan: QueryScan
  #generations: Generation[]
  #busy: Promise<unknown> | undefined

  /** `centroid`: about the mean of the unit vectors to come. */
  constructor(kernels: Kernels, dims: number, centroid: Float32Array) {
    this.dims = dims
    this.#space = new CodeSpace(kernels, dims)
    this.#scan = new QueryScan(this.#space)
    const at = this.#space.allocateFloats()
    this.#space.rotate(centroid, at)
    this.#generations = [new Generation(this.#space, 0, at)]
  }

  get byteLength(): number {
    return this.#space.memory.byteLength
  }

  get size(): number {
    return this.#generations.reduce((sum, { size }) => sum + size, 0)
  }

  set(row: number, vector: Direction): void {
    this.#space.setRow(row, vector)
    this.#generations.at(-1)!.add(row)
  }

  unset(row: number): void {
    const slot = this.#space.memory.slotOf(row)
    const { generation, list } = this.#space.memory.ownerOf(slot)
    this.#generations.find(({ number }) => number === generation)!.remove(list, slot)
  }

  async scan(request: ScanRequest): Promise<Found> {
    while (this.#busy) await this.#busy
    const scan = this.#run(request)
    const free = () => (this.#busy = undefined)
    this.#busy = scan.then(free, free)
    return scan
  }

  async #run(request: ScanRequest): Promise<Found> {
    const { rows, all, recall, query } = request
    const scan = this.#scan
    scan.ask(query.unit)
    const sampled = this.#sample(rows ?? all, request)
    if (recall >= 1 || (rows && rows.count < FEW * this.size)) {
      scan.begin(request, undefined)
      await scan.rows(rows ?? all, request)
    } else {
      scan.begin(request, rows)
      for (const generation of this.#generations) {
        await scan.codes(generation.blocks(scan.query, Infinity), generation, request)
      }
    }
    return { candidates: scan.candidates(request), ...sampled }
  }

  /** The distribution of the scores, from rows spread over all that pass. */
  #sample(rows: Bitmap, { metric, query }: ScanRequest): { mean: number; deviation: number } {
    const chosen = rows.sample(SAMPLE)
    const moments = new Moments()
    const cosines = this.#scan.cosines(chosen)
    for (const [i, row] of chosen.entries()) {
      moments.add(scoreOf(metric, cosines[i]!, query.norm, this.#space.memory.normOf(row)))
    }
    return moments.summary()
  }
}
