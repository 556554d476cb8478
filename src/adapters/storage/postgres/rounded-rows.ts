import { type EmbeddingBlock, blockVector } from '../../../block/index'
import { directionOf, exactQuery, exactScore, refine } from '../../../search/for-adapters'
import type { Direction, Metric } from '../../../search/index'
import type { StoredBlock } from '../../../store/index'
import { toBytes } from './binary-array'
import { idOf } from './block-terms'
import type { Row } from './pool'

/** So many rows, beside four for each hit, are read whenever their order is in doubt. */
const FEW = 512
/** Deviations of the rounding of one sum in 32-bit floats that a cosine may be off by. */
const ROUNDING = 2e-7

export interface ScoredRow {
  readonly id: string
  readonly score: number
}

/** A row with its score by pgvector's 32-bit floats, and the least and the most that the vector's own numbers may give. */
export interface RoundedRow extends ScoredRow {
  readonly low: number
  readonly high: number
}

export interface RoundedQuery {
  readonly metric: Metric
  readonly query: Direction
  readonly k: number
  readonly minScore: number
  readonly recall: number
  readonly signal?: AbortSignal | undefined
}

/** SQL of a row's score from its cosine (`f.cosine`) and length (`f.norm`), and of the bounds of it: columns `score`, `low` and `high`. */
export function scoreColumns({
  metric,
  query,
}: Pick<RoundedQuery, 'metric' | 'query'>): Record<keyof typeof SIGNS, string> {
  const slack = ROUNDING * (1 + Math.sqrt(query.unit.length))
  const of = (sign: number) => scoreOf(metric, query.norm, `least(1, greatest(-1, f.cosine + ${sign * slack}))`)
  return { score: of(SIGNS.score), low: of(SIGNS.low), high: of(SIGNS.high) }
}

const SIGNS = { score: 0, low: -1, high: 1 } as const

/** As `scoreOf` of the engine has it; numbers of our own stand in the text. */
function scoreOf(metric: Metric, norm: number, cosine: string): string {
  if (metric === 'cosine') return cosine
  const length = `'${norm}'::float8`
  if (metric === 'dot') return `${cosine} * ${length} * f.norm`
  return `-sqrt(greatest(0, ${length} * ${length} + f.norm * f.norm - 2 * ${cosine} * ${length} * f.norm))`
}

/** Rows of the server; those without a digest are none. */
export function roundedRows(rows: readonly Row[]): RoundedRow[] {
  const found = rows.filter(({ digest }) => digest !== null)
  return found.map(({ digest, score, low, high }) => {
    return { id: idOf(toBytes(digest)), score: Number(score), low: Number(low), high: Number(high) }
  })
}

/**
 * The best `k` of some rows as the engine has them: where rounding leaves their order in doubt, or their scores are to be exact, by the
 * numbers of the vectors themselves, in 64-bit floats. Of very many in doubt only those are read that the recall needs.
 */
export async function exactHits(
  rows: readonly RoundedRow[],
  { metric, query, k, minScore, recall, signal }: RoundedQuery,
  read: (ids: readonly string[]) => Promise<readonly (StoredBlock | undefined)[]>,
): Promise<{ hits: ScoredRow[]; expectedRecall?: number }> {
  const edge = lowest(rows, k)
  const near = rows.filter(({ high }) => high >= edge && high >= minScore)
  if (recall < 1 && isSure(near, k, minScore)) return { hits: bestOf(near, k, minScore) }
  const candidates = near.map((each, row) => ({ row, score: each.score, doubt: doubtOf(each) }))
  const asked = exactQuery(metric, query)
  const scores = async (numbers: readonly number[]) => {
    const stored = await read(numbers.map(row => near[row]!.id))
    return stored.map(each => {
      const vector = vectorOf(each)
      const norm = vector && directionOf(vector)?.norm
      return norm === undefined ? undefined : exactScore(asked, vector!, 0, norm)
    })
  }
  const found = await refine(
    candidates,
    { k, recall: near.length <= FEW + 4 * k ? 1 : recall, kept: false, ...(signal && { signal }) },
    { scores, isSame: () => false, before: (a, b) => near[a]!.id < near[b]!.id },
  )
  const hits = found.candidates.map(({ row, score }) => ({ id: near[row]!.id, score }))
  const expected = found.expected !== undefined && { expectedRecall: found.expected }
  return { hits: bestOf(hits, k, minScore), ...expected }
}

/** The best `k` that score as much at least, best first; equal scores by ascending id. */
function bestOf<T extends ScoredRow>(rows: readonly T[], k: number, minScore = -Infinity): T[] {
  const enough = rows.filter(({ score }) => score >= minScore)
  return enough.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, k)
}

/** What its score may be off by: no cosine is beyond 1, so that it may be off to one side only. */
export const doubtOf = ({ score, low, high }: RoundedRow): number => Math.max(high - score, score - low)

/** What the worst of the best `k` has at least. */
export function lowest(rows: readonly RoundedRow[], k: number): number {
  return rows.map(({ low }) => low).sort((a, b) => b - a)[k - 1] ?? -Infinity
}

/** Whether no row could change places with another, or with the lowest score. */
function isSure(rows: readonly RoundedRow[], k: number, minScore: number): boolean {
  const best = bestOf(rows, k + 1)
  return (
    best.every(({ high }, i) => i === 0 || high < best[i - 1]!.low) &&
    rows.every(({ low, score }) => low >= minScore || score < minScore)
  )
}

function vectorOf(stored: StoredBlock | undefined): Float32Array | undefined {
  const block = stored?.block
  return block && !block.opaque && block.kind === 'embedding' ? blockVector(block as EmbeddingBlock) : undefined
}
