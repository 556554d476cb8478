import type { Bitmap } from '../bitmap'
import { Moments } from '../moments'
import { scoreOf, type ScanRequest } from '../vector-index'
import type { CodeMemory } from './code-memory'
import type { CodeSpace } from './code-space'
import type { QueryScan } from './query-scan'

/** Rows from which the distribution of the scores is estimated. */
const SAMPLE = 128

/** Some rows of an index, from which the distribution of a query's scores is estimated. */
export class ScoreSample {
  readonly #set: Bitmap
  readonly #scan: QueryScan
  readonly #space: CodeSpace
  readonly #memory: CodeMemory
  /** Copies of sampled rows, side by side: where they lie costs more than to compare them. */
  readonly #copies: number
  #rows: readonly number[] = []
  #sampled: ReadonlySet<number> = new Set()
  #size = 0

  /** `set`: every row of the index. */
  constructor(set: Bitmap, scan: QueryScan, space: CodeSpace) {
    const { memory } = space
    this.#space = space
    this.#set = set
    this.#scan = scan
    this.#memory = memory
    this.#copies = memory.allocate(SAMPLE * memory.shape.rowSize)
  }

  /** Mean and deviation of the scores of rows spread over those asked for. */
  distribution({ metric, query, rows: asked }: ScanRequest): { mean: number; deviation: number } {
    const rows = asked ? asked.sample(SAMPLE) : this.#spread()
    const cosines = asked ? this.#scan.cosines(rows) : this.#scan.cosinesOf(this.#copies, rows.length)
    const moments = new Moments()
    for (let i = 0; i < rows.length; i++) {
      const norm = metric === 'cosine' ? 1 : this.#space.normOf(rows[i]!)
      moments.add(scoreOf(metric, cosines[i]!, query.norm, norm))
    }
    return moments.summary()
  }

  /** A row is not what it was: if it is one of the sample, the sample is taken anew. */
  forget(row: number): void {
    if (this.#sampled.has(row)) this.#size = -1
  }

  /** Rows spread over all, the same ones while they are there and the size is about the same. */
  #spread(): readonly number[] {
    const { count } = this.#set
    if (this.#size < count / 1.1 || this.#size > count * 1.1) this.#draw(count)
    return this.#rows
  }

  #draw(size: number): void {
    this.#size = size
    this.#rows = this.#set.sample(SAMPLE)
    this.#sampled = new Set(this.#rows)
    const { bytes, shape } = this.#memory
    for (const [i, row] of this.#rows.entries()) {
      const at = this.#memory.rowAt(row)
      bytes.copyWithin(this.#copies + i * shape.rowSize, at, at + shape.rowSize)
    }
  }
}
