import type { Bitmap } from '../bitmap'
import { Moments } from '../moments'
import { scoreOf, type ScanRequest } from '../vector-index'
import type { CodeMemory } from './code-memory'
import type { QueryScan } from './query-scan'

/** Rows from which the distribution of the scores is estimated. */
const SAMPLE = 128

/** Some rows of an index, from which the distribution of a query's scores is estimated. */
export class ScoreSample {
  readonly #set: Bitmap
  readonly #scan: QueryScan
  readonly #memory: CodeMemory
  #rows: readonly number[] = []
  #size = 0

  /** `set`: every row of the index. */
  constructor(set: Bitmap, scan: QueryScan, memory: CodeMemory) {
    this.#set = set
    this.#scan = scan
    this.#memory = memory
  }

  /** Mean and deviation of the scores of rows spread over those asked for. */
  distribution({ metric, query, rows: asked }: ScanRequest): { mean: number; deviation: number } {
    const rows = asked ? asked.sample(SAMPLE) : this.#spread()
    const moments = new Moments()
    const cosines = this.#scan.cosines(rows)
    for (const [i, row] of rows.entries()) {
      const norm = metric === 'cosine' ? 1 : this.#memory.normOf(row)
      moments.add(scoreOf(metric, cosines[i]!, query.norm, norm))
    }
    return moments.summary()
  }

  /** Rows spread over all, the same ones while they are there and the size is about the same. */
  #spread(): readonly number[] {
    const { count } = this.#set
    if (this.#size < count / 1.1 || this.#size > count * 1.1 || !this.#rows.every(row => this.#set.has(row))) {
      this.#rows = this.#set.sample(SAMPLE)
      this.#size = count
    }
    return this.#rows
  }
}
