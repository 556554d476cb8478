import { Bitmap } from '../bitmap'
import type { Direction, Found, ScanRequest, VectorIndex } from '../vector-index'
import { Calibrator, NEAREST, Newest } from './calibrator'
import { CodeSpace } from './code-space'
import { Generation } from './generation'
import { rowsPerSlice, type Kernels } from './kernels'
import { QueryScan } from './query-scan'
import { EVERYWHERE, type ReachOf } from './reach'
import { hasAxes, restoreBase, SavedRows } from './saved-codes'
import { ScoreSample } from './score-sample'
import { trainClusters } from './train-clusters'
import { Turns } from './turns'

/** A filter that leaves fewer rows than this share has each of them compared by its bytes: cheaper than all codes, and surer. */
const FEW = 1 / 10
/** From so many rows on they are sorted into clusters; that is done anew when they have become twice as many, or half. */
const CLUSTERS_FROM = 16_384
/** So many changes, in sizes of the set, and the clusters are made anew: what they were learned from is no longer there. */
const RENEWED = 1.5
/** Square of the length of a centroid from which on rows are kept as differences from it: else that hardly makes them shorter. */
const COMMON = 0.02
/** Rows that clusters are learned from, for each cluster. */
const TRAINING = 32

export { fewAxes } from './few-axes'

export interface CodeIndexOptions {
  /** About the mean of the unit vectors to come. */
  readonly centroid: Float32Array
  /** Directions along which nearly all lies that sets the vectors to come apart, if there are so few. */
  readonly axes?: readonly Float32Array[]
  readonly pause?: () => Promise<void>
  readonly clustersFrom?: number
  /** What the codes of another index were made against (its `base`): the rows that it saved fit in as they are. */
  readonly base?: Uint8Array
  /** Told when work in the background failed: the index stays as it is. */
  readonly onError?: (error: unknown) => void
}

/**
 * Vectors as one-bit codes and bytes, in the memory of the kernels.
 *
 * Every vector is rotated at random, then kept twice: as signed bytes with one scale, of its difference from the mean of the first, and as the signs of its difference from a
 * centroid, from which its cosine with a query is estimated with a known spread (RaBitQ: Gao and Long 2024). A scan estimates all
 * and compares by bytes those whose estimate may reach the best found so far.
 *
 * 1. A row that is set is in exactly one list of one generation.
 * 2. Rows move between generations in slices, never while a scan is under way.
 */
export class CodeIndex implements VectorIndex {
  readonly dims: number
  /** Its rows as they are saved and taken again. */
  readonly saved: SavedRows
  readonly #space: CodeSpace
  readonly #scan: QueryScan
  readonly #sample: ScoreSample
  readonly #options: CodeIndexOptions
  readonly #set = new Bitmap()
  #generations: Generation[]
  #calibrator: Calibrator | undefined
  readonly #newest = new Newest()
  /** Rows when the clusters were made, and changes since they were calibrated. */
  #clustered = 0
  #changes = 0
  /** Changes since the clusters were made, and how many these were when they were calibrated. */
  #turnover = 0
  #learned = 0
  /** Saved rows are coming: clusters are made and calibrated when all are there. */
  #restoring = false
  readonly #turns = new Turns()
  #work: Promise<void> | undefined

  constructor(kernels: Kernels, dims: number, options: CodeIndexOptions) {
    this.dims = dims
    this.#options = options
    this.#space = new CodeSpace(kernels, dims, options.base ? hasAxes(options.base) : options.axes !== undefined)
    this.#scan = new QueryScan(this.#space)
    this.#sample = new ScoreSample(this.#set, this.#scan, this.#space)
    this.#restoring = options.base !== undefined
    this.#generations = [options.base ? restoreBase(this.#space, options.base) : this.#firstGeneration()]
    this.saved = new SavedRows(this.#space, () => this.#generations.at(-1)!, {
      onSet: row => this.#count(row),
      onEnd: () => this.#restored(),
    })
  }

  #firstGeneration(): Generation {
    const at = this.#space.allocateFloats()
    const { centroid, axes } = this.#options
    if (axes) this.#space.setAxes(this.#space.rotated(axes))
    this.#space.rotate(centroid, at)
    if (centroid.reduce((sum, value) => sum + value * value, 0) > COMMON) this.#space.setOrigin(at)
    return new Generation(this.#space, 0, at)
  }

  get byteLength(): number {
    return this.#space.memory.byteLength
  }

  get size(): number {
    return this.#set.count
  }

  /** How many clusters there are: 1 while all rows are scanned. */
  get clusters(): number {
    return this.#generations.at(-1)!.lists.length
  }

  async settled(): Promise<void> {
    while (this.#work) await this.#work
  }

  set(row: number, vector: Direction): void {
    this.#space.setRow(row, vector)
    this.#generations.at(-1)!.add(row)
    this.#count(row)
  }

  /** Takes a vector as it is for the `setLaid` that follows; answers its length, 0 for one that `set` has to take. */
  lay(vector: Float32Array): number {
    return this.#space.lay(vector)
  }

  setLaid(row: number, norm: number): void {
    this.#space.setLaid(row, norm)
    this.#generations.at(-1)!.add(row)
    this.#count(row)
  }

  #count(row: number): void {
    this.#sample.forget(row)
    this.#newest.note(row)
    this.#set.add(row)
    this.#changed()
  }

  unset(row: number): void {
    this.#take(row)
    this.#space.lengths.forget(row)
    this.#sample.forget(row)
    this.#set.delete(row)
    this.#changed()
  }

  /** Every saved row is there. */
  #restored(): void {
    if (!this.#restoring) return
    this.#restoring = false
    ;[this.#clustered, this.#changes] = [this.clusters > 1 ? this.size : 0, Infinity]
    this.#changed()
  }

  scan(request: ScanRequest): Promise<Found> {
    return this.#turns.alone(() => this.#run(request))
  }

  async #run(request: ScanRequest): Promise<Found> {
    const { rows, all, recall, query } = request
    const scan = this.#scan
    scan.ask(query.unit)
    const distribution = this.#sample.distribution(request)
    const plain = this.#space.lengths.others(request)
    if (recall >= 1 || (rows && rows.count < FEW * this.size)) {
      scan.begin(request, undefined)
      await scan.rows(plain ?? all, request)
    } else {
      scan.begin(request, plain)
      const reach = this.#reach(request)
      for (const generation of this.#generations) await scan.codes(generation, reach, request)
    }
    return { candidates: scan.candidates(request), ...distribution }
  }

  /** How far to look. Clusters know directions only, and not in which of them what passes a filter lies. */
  #reach({ metric, recall, k, rows }: ScanRequest): ReachOf {
    // Work in the background that gets no turn must not cost recall.
    const outdated = this.#turnover - this.#learned > this.#clustered / 2
    if (metric !== 'cosine' || rows || !this.#calibrator || outdated) return EVERYWHERE
    return this.#calibrator.reachFor(k, (1 + recall) / 2)
  }

  #take(row: number): void {
    const { memory } = this.#space
    const slot = memory.slotOf(row)
    const number = memory.generationOf(slot)
    for (const generation of this.#generations) {
      if (generation.number === number) return generation.remove(memory.listOf(slot), slot)
    }
  }

  #changed(): void {
    this.#changes++
    this.#turnover++
    if (!this.#work && !this.#restoring) this.#maintain()
  }

  #maintain(): void {
    const { clustersFrom = CLUSTERS_FROM } = this.#options
    const outgrown = this.size > 2 * Math.max(this.#clustered, clustersFrom / 2) || this.size < this.#clustered / 2
    const renewed = this.#clustered > 0 && this.#turnover > RENEWED * this.#clustered
    if (outgrown || renewed) this.#start(() => this.#cluster())
    else if (this.#clustered > 0 && this.#changes > this.#clustered / 4) this.#start(() => this.#calibrate())
  }

  #start(work: () => Promise<void>): void {
    this.#changes = 0
    this.#work = work()
      .finally(() => this.#turns.leave())
      .catch((error: unknown) => this.#options.onError?.(error))
      .then(() => {
        this.#work = undefined
        this.#maintain()
      })
  }

  /** Makes clusters for as many rows as there are now, or one list for few, and moves all rows there. */
  async #cluster(): Promise<void> {
    const pause = () => this.#turns.slice(this.#options.pause)
    await pause()
    const { size } = this
    this.#clustered = size
    this.#turnover = this.#learned = this.#changes = 0
    const count = 2 ** Math.round(Math.log2(0.8 * Math.sqrt(size)))
    const mean = this.#space.allocateFloats()
    const clusters = await trainClusters(this.#space, this.#set.sample(TRAINING * count), count, mean, pause)
    const next = new Generation(this.#space, this.#generations.at(-1)!.number + 1, mean, clusters)
    const old = this.#generations
    this.#calibrator = undefined
    this.#generations = [...old, next]
    old.forEach(generation => generation.retire())
    await this.#moveTo(next, pause)
    this.#generations = [next]
    old.forEach(generation => generation.release())
    this.#turns.leave()
    await this.#calibrate()
  }

  async #moveTo(next: Generation, pause: () => Promise<void>): Promise<void> {
    const { memory } = this.#space
    let turn = 0
    for (const row of this.#set) {
      if (turn++ % rowsPerSlice(this.#space.kernels, this.dims) === 0) await pause()
      if (!this.#set.has(row) || memory.generationOf(memory.slotOf(row)) === next.number) continue
      this.#take(row)
      this.#space.restoreRow(row)
      next.add(row)
    }
  }

  /** Asks for the nearest of some rows in all lists, and notes how far the lists are where they lie. */
  async #calibrate(): Promise<void> {
    const [generation] = this.#generations
    if (!generation?.clusters || this.size <= NEAREST.at(-1)!) return
    const calibrator = new Calibrator(this.#space, this.#scan, generation)
    const turnover = this.#turnover
    for (const { row, newest } of this.#newest.questions(this.#set)) {
      await this.#options.pause?.()
      await this.#turns.alone(async () => {
        // Clusters may have been made anew, and the row may have gone.
        if (this.#generations[0] === generation && this.#set.has(row))
          await calibrator.ask(row, newest, this.#set, this.#options.pause)
      })
    }
    this.#calibrator = calibrator
    this.#learned = turnover
  }
}
