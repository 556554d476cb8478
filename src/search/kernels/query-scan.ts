import { throwIfAborted } from '../../base/index'
import type { Bitmap } from '../bitmap'
import { scoreOf, type Candidate, type ScanRequest } from '../vector-index'
import type { CodeSpace } from './code-space'
import { deviationsFor } from './deviations'
import type { Generation } from './generation'
import { SLICE } from './kernels'
import { isBeyond, type ReachOf } from './reach'
import { Scratch } from './scratch'
import { leastValue, scoreOfValue, valuesOf } from './values'

const CANDIDATE_BYTES = 12
const CANDIDATES = 2048
const EARLY_LOSS = 20
const ROUNDING = 2e-7
/** The spread of an estimate, about: √(1 − 2/π). */
const USUAL_SPREAD = 0.6
/** Where axes tell most: three deviations of what was measured up to 1,536 dimensions. */
const AXES_ROUNDING = 5e-7

/** One query at a time against the codes of a space. */
export class QueryScan {
  readonly #space: CodeSpace
  readonly #query: number
  readonly #query2: number
  readonly #difference: number
  readonly #wide: number
  readonly #tables: number
  readonly #heap: Scratch
  readonly #found: Scratch
  readonly #list: Scratch
  readonly #filter: Scratch
  #scale = 0
  #shared = 0
  /** Rows compared by their bytes in the last scan. */
  compared = 0

  constructor(space: CodeSpace) {
    const { memory, shape } = space
    this.#space = space
    this.#query = space.allocateFloats()
    this.#query2 = space.allocateFloats()
    this.#difference = space.allocateFloats()
    this.#wide = memory.allocate(2 * shape.bytes)
    this.#tables = memory.allocate(4 * shape.bits)
    const scratch = () => new Scratch(memory)
    ;[this.#heap, this.#found, this.#list, this.#filter] = [scratch(), scratch(), scratch(), scratch()]
  }

  /** Where the rotated query is. */
  get query(): number {
    return this.#query
  }

  ask(unit: Float32Array): void {
    this.#space.rotate(unit, this.#query)
    this.#widen()
  }

  /** The same with a rotated vector. */
  askRotated(at: number): void {
    this.#space.memory.bytes.copyWithin(this.#query, at, at + 4 * this.#space.shape.bytes)
    this.#widen()
  }

  #widen(): void {
    const { kernels, shape } = this.#space
    this.#scale = kernels.widen(this.#query, shape.bytes, this.#wide)
    this.#shared = this.#space.productWithOrigin(this.#query)
    this.#space.axes?.ask(this.#query)
    this.#setQuery()
  }

  #setQuery(): void {
    this.#space.kernels.setQuery(this.#wide, this.#scale, this.#shared, this.#space.axes?.products ?? 0)
  }

  cosines(rows: readonly number[]): Float32Array {
    const { kernels, memory } = this.#space
    const at = this.#list.reserve(4 * rows.length)
    memory.words.set(rows, at >>> 2)
    kernels.cosines(at, rows.length)
    return memory.floats.slice(at >>> 2, (at >>> 2) + rows.length)
  }

  /** The same of rows that lie one after the other. */
  cosinesOf(first: number, count: number): Float32Array {
    const { kernels, memory } = this.#space
    const at = this.#list.reserve(4 * count)
    kernels.cosinesOf(first, count, at)
    return memory.floats.subarray(at >>> 2, (at >>> 2) + count)
  }

  begin(request: ScanRequest, filter: Bitmap | undefined): void {
    const { kernels } = this.#space
    const { metric, k } = request
    const { slope, bend } = valuesOf(request)
    kernels.setMetric(metric === 'cosine', slope, bend)
    const { doubt, slack } = this.#errors(request)
    const heap = this.#heap.reserve(4 * k)
    const capacity = CANDIDATES + 2 * k
    const found = this.#found.reserve(CANDIDATE_BYTES * capacity)
    kernels.setFound(found, Math.floor(this.#found.size / CANDIDATE_BYTES))
    kernels.begin(k, leastValue(request), doubt, slack, heap, filter ? this.#placeFilter(filter, request.all) : 0)
  }

  /** What a row's cosine by its bytes may be off: so many lengths of what these lost, and so much in any case. */
  #errors({ recall, refine }: ScanRequest): { doubt: number; slack: number } {
    const root = Math.sqrt(this.#space.shape.bytes)
    if (recall >= 1) return { doubt: 1, slack: this.#scale * root + 1e-5 }
    // A byte is off by its rounding, which is spread evenly over the dimensions; sums in 32 bits are by theirs.
    const slack = this.#space.axes ? AXES_ROUNDING : ROUNDING
    return refine ? { doubt: 3 / root, slack } : { doubt: 0, slack: 0 }
  }

  /** Compares every row of a bitmap by its bytes. */
  async rows(rows: Bitmap, request: ScanRequest): Promise<void> {
    const { kernels, shape } = this.#space
    const { words } = rows
    const list = this.#place(this.#list, words)
    const step = Math.max(1, Math.floor((kernels.slice ?? SLICE) / (32 * shape.rowSize)))
    await this.#slices(0, words.length, step, request, (from, to) => kernels.scanRows(list, from, to))
  }

  /**
   * Estimates every vector of the lists of a generation that a query reaches, and compares those that may be among the best. While fewer than `k` are found no list is too far.
   */
  async codes(generation: Generation, reachOf: ReachOf, request: ScanRequest): Promise<void> {
    const { kernels, shape } = this.#space
    const order = generation.order(this.#query)
    // What is lost by giving up early is little beside what may be lost anyway.
    const early = deviationsFor(1 - (1 - request.recall) / EARLY_LOSS)
    const extent = reachOf(order, early)
    const { distance } = extent
    // Where most of the loss is that of lists left out, little more is risked within the others.
    const sure = distance < Infinity ? 1 - (1 - request.recall) / 4 : request.recall
    const deviations = deviationsFor(sure)
    const step = Math.max(1, Math.floor((kernels.slice ?? SLICE) / shape.blockSize))
    const product = this.#aim(generation, early)
    const rounded = this.#tablesError()
    let left = step
    for (let rank = 0; rank < order.length; rank++) {
      const list = order.at(rank)
      if (isBeyond(extent, order, rank, kernels.threshold.value)) break
      const { blocks } = generation.lists[list]!
      if (blocks.length === 0) continue
      const at = this.#place(this.#list, blocks)
      const cosine = generation.clusters ? order.cosineOf(list) : product
      const square = generation.squareOf(list)
      const reach = deviations * Math.sqrt(Math.max(0, 1 - 2 * cosine + square) + rounded * rounded)
      const scan = (from: number, to: number) => {
        kernels.turn(reach, cosine - square)
        return kernels.scanBlocks(at, from, to, shape.bits)
      }
      const done = blocks.length < left ? this.#firstSlice(scan, blocks.length) : 0
      left -= blocks.length
      if (done === blocks.length) continue
      await this.#slices(done, blocks.length, step, request, scan)
      await request.pause?.()
      left = step
    }
  }

  /**
   * What rounding in the query's tables makes of an estimate, as a length of the query's difference from a centroid. Beside usual
   * lengths, and errors of bytes, it is nothing; where axes tell all, lists are so narrow that it is most of the error.
   */
  #tablesError(): number {
    const { axes, kernels, shape } = this.#space
    return axes ? (kernels.step.value * Math.sqrt(shape.bits / 48)) / USUAL_SPREAD : 0
  }

  /** Turns to the codes of a generation; answers the query's product with their mean. */
  #aim({ mean }: Generation, early: number): number {
    const { kernels, shape } = this.#space
    const query = this.#space.toBits(this.#query, this.#query2)
    return kernels.aim(query, mean, shape.bits, shape.early, this.#difference, this.#tables, early)
  }

  /** Scans from the beginning as far as there is room; answers how far. */
  #firstSlice(scan: (from: number, to: number) => number, to: number): number {
    this.#setQuery()
    return scan(0, to)
  }

  /** Everything that may be among the best. */
  candidates(request: ScanRequest): Candidate[] {
    const { kernels, memory } = this.#space
    kernels.compact(0)
    this.compared = kernels.compared.value
    const { words, floats } = memory
    const at = this.#found.at >>> 2
    const found = Array.from({ length: kernels.count.value }, (_, i) => {
      const score = scoreOfValue(request, floats[at + 3 * i + 1]!)
      const doubt = scoreOfValue(request, floats[at + 3 * i + 2]!) - score
      return { row: words[at + 3 * i]!, score, doubt }
    })
    const { lengths } = this.#space
    if (request.metric === 'cosine' || lengths.size === 0) return found
    return [...found, ...this.#odd(request)]
  }

  /** Rows with lengths that are no numbers for the kernels: they are candidates, whatever their score. */
  #odd(request: ScanRequest): Candidate[] {
    const { memory, lengths } = this.#space
    const { metric, query, all, rows = all } = request
    const asked = [...lengths.rows()].filter(row => rows.has(row))
    const { doubt, slack } = this.#errors(request)
    const cosines = this.cosines(asked).slice()
    return asked.map((row, i) => {
      const score = (cosine: number) => scoreOf(metric, cosine, query.norm, lengths.of(row)!)
      const error = doubt * memory.errorOf(row) + slack
      return { row, score: score(cosines[i]!), doubt: score(cosines[i]! + error) - score(cosines[i]!) }
    })
  }

  /** `scan` stops early when candidates need more room. Others may have asked of the kernels during a pause. */
  async #slices(
    start: number,
    total: number,
    step: number,
    { signal, pause }: ScanRequest,
    scan: (from: number, to: number) => number,
  ): Promise<void> {
    for (let from = start; from < total;) {
      const to = Math.min(total, from + step)
      this.#setQuery()
      from = scan(from, to)
      throwIfAborted(signal)
      if (from < to) this.#roomier()
      else if (from < total) await pause?.()
    }
  }

  #roomier(): void {
    const at = this.#found.reserve(2 * this.#found.size, true)
    this.#space.kernels.setFound(at, Math.floor(this.#found.size / CANDIDATE_BYTES))
  }

  /** The kernel looks up every row, beyond the last bit of the filter too. */
  #placeFilter(filter: Bitmap, all: Bitmap): number {
    const length = Math.max(filter.words.length, all.words.length)
    const at = this.#filter.reserve(4 * length)
    const { words } = this.#space.memory
    words.set(filter.words, at >>> 2)
    words.fill(0, (at >>> 2) + filter.words.length, (at >>> 2) + length)
    return at
  }

  #place(scratch: Scratch, words: Uint32Array): number {
    const at = scratch.reserve(4 * words.length)
    this.#space.memory.words.set(words, at >>> 2)
    return at
  }
}
