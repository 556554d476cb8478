import { throwIfAborted } from '../../../base/index'
import type { Predicate, SearchResult } from '../../../search/index'
import type { StoredBlock } from '../../../store/index'
import { lowest, type RoundedRow, type ScoredRow } from './rounded-rows'

/** Blocks that are read at once. */
const PAGE = 1_024
/** The server is asked for so many times more rows when those that came were too few. */
const WIDENING = 4

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
    rows: readonly RoundedRow[],
    enough: (kept: readonly RoundedRow[], last: RoundedRow) => boolean = () => false,
  ): Promise<RoundedRow[]> {
    const kept: RoundedRow[] = []
    for (let from = 0; from < rows.length; from += PAGE) {
      throwIfAborted(this.#signal)
      const page = rows.slice(from, from + PAGE)
      const blocks = await this.#read(page.map(({ id }) => id))
      kept.push(...page.filter((_, i) => this.#satisfies(blocks[i])))
      if (enough(kept, page.at(-1)!)) break
    }
    return kept
  }

  /** The `k` nearest that satisfy them, and all that may be as near as the last of these; `nearest` answers the first so many rows. */
  async nearest(k: number, nearest: (limit: number) => Promise<readonly RoundedRow[]>): Promise<RoundedRow[]> {
    const kept: RoundedRow[] = []
    const enough = (found: readonly RoundedRow[], last: RoundedRow) => last.high < lowest([...kept, ...found], k)
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

/** Mean and deviation of some scores, as a result tells them. */
export function distributionOf(rows: readonly ScoredRow[], scanned: number): Omit<SearchResult, 'hits'> {
  const count = Math.max(1, rows.length)
  const mean = rows.reduce((sum, { score }) => sum + score, 0) / count
  const squares = rows.reduce((sum, { score }) => sum + (score - mean) ** 2, 0)
  return { scanned, mean, deviation: Math.sqrt(squares / count) }
}
