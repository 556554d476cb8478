import { throwIfAborted } from '../../../base/index'
import type { Predicate, SearchResult } from '../../../search/index'
import type { StoredBlock } from '../../../store/index'
import { toBytes } from './binary-array'
import { idOf } from './block-terms'
import type { Row } from './pool'

/** Blocks that are read at once. */
const PAGE = 1_024
/** The server is asked for so many times more rows when those that came were too few. */
const WIDENING = 4

export interface ScoredRow {
  readonly id: string
  readonly score: number
}

/** Asks conditions of blocks, which it reads, each once. */
export class Judge {
  readonly #read: (ids: readonly string[]) => Promise<(StoredBlock | undefined)[]>
  readonly #conditions: readonly Predicate[]
  readonly #signal: AbortSignal | undefined

  constructor(
    read: (ids: readonly string[]) => Promise<(StoredBlock | undefined)[]>,
    conditions: readonly Predicate[],
    signal: AbortSignal | undefined,
  ) {
    this.#read = read
    this.#conditions = conditions
    this.#signal = signal
  }

  /** Those that satisfy the conditions; with `enough`, no more pages are read once it says so. */
  async passing(
    rows: readonly ScoredRow[],
    enough: (kept: readonly ScoredRow[], last: ScoredRow) => boolean = () => false,
  ): Promise<ScoredRow[]> {
    const kept: ScoredRow[] = []
    for (let from = 0; from < rows.length; from += PAGE) {
      throwIfAborted(this.#signal)
      const page = rows.slice(from, from + PAGE)
      const blocks = await this.#read(page.map(({ id }) => id))
      kept.push(...page.filter((_, i) => this.#satisfies(blocks[i])))
      if (enough(kept, page.at(-1)!)) break
    }
    return kept
  }

  /** The `k` nearest that satisfy them, and all that score as the last of these does; `nearest` answers the first so many rows. */
  async nearest(k: number, nearest: (limit: number) => Promise<readonly ScoredRow[]>): Promise<ScoredRow[]> {
    const kept: ScoredRow[] = []
    const enough = (found: readonly ScoredRow[], last: ScoredRow) => {
      const least = [...kept, ...found][k - 1]
      return least !== undefined && last.score < least.score
    }
    for (let [judged, limit] = [0, Math.max(PAGE, WIDENING * k)]; ; limit *= WIDENING) {
      const rows = await nearest(limit)
      const fresh = rows.slice(judged)
      kept.push(...(await this.passing(fresh, enough)))
      judged = rows.length
      if (rows.length < limit || enough([], rows.at(-1)!)) return kept
    }
  }

  #satisfies(stored: StoredBlock | undefined): boolean {
    const block = stored?.block
    if (!block || block.opaque || block.kind !== 'embedding') return false
    return this.#conditions.every(holds => holds(block))
  }
}

/** The best `k` of rows of the server; those without a digest are none. */
export function hitsOf(rows: readonly Row[], k: number): ScoredRow[] {
  const found = rows.filter(({ digest }) => digest !== null)
  return bestOf(
    found.map(({ digest, score }) => ({ id: idOf(toBytes(digest)), score: Number(score) })),
    k,
  )
}

/** The best `k` that score as much at least, best first; equal scores by ascending id. */
export function bestOf(rows: readonly ScoredRow[], k: number, minScore = -Infinity): ScoredRow[] {
  const enough = rows.filter(({ score }) => score >= minScore)
  return enough.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, k)
}

/** Mean and deviation of some scores, as a result tells them. */
export function distributionOf(rows: readonly ScoredRow[], scanned: number): Omit<SearchResult, 'hits'> {
  const count = Math.max(1, rows.length)
  const mean = rows.reduce((sum, { score }) => sum + score, 0) / count
  const squares = rows.reduce((sum, { score }) => sum + (score - mean) ** 2, 0)
  return { scanned, mean, deviation: Math.sqrt(squares / count) }
}
