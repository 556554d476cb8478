import { throwIfAborted } from '../base/index'
import { TopK } from './top-k'
import type { Candidate } from './vector-index'

/** Deviations of its error that a candidate's `doubt` is. */
const DEVIATIONS = 3
/** Above this share of the true best, bytes alone are not sure enough: the exact vectors decide. */
const BYTES_SUFFICE = 0.97
/** Vectors read at first, unless that is fewer than twice the hits; and then at a time. */
const FIRST = 32
const BATCH = 64
/** The most vectors that a search reads, beside four for each hit: what some ten milliseconds suffice for. */
const MOST = 512

/** Rows with the same score that another is compared with. */
const LOOKED_AT = 8

export interface RefineOptions {
  readonly k: number
  readonly recall: number
  /** Exact vectors are in memory: then they decide, whatever the recall. */
  readonly kept: boolean
  readonly signal?: AbortSignal
  readonly pause?: () => Promise<void>
}

/** What refining asks of the vectors behind the rows. */
export interface ExactVectors {
  /** By the vectors themselves; `undefined` where the block has gone. */
  scores(rows: readonly number[]): Promise<readonly (number | undefined)[]>
  /** Whether two rows are kept as the same to the last bit, so that to read one of them is to read both. */
  isSame(a: number, b: number): boolean
  /** Which of two rows comes first when their scores are equal. */
  before(a: number, b: number): boolean
}

export interface Refined {
  readonly candidates: readonly Candidate[]
  /** The share of the best to be expected among them, where that is less than was asked for. */
  readonly expected?: number
}

/** Rows that are kept as the same. */
interface Group extends Candidate {
  readonly rows: number[]
  isRead: boolean
}

/**
 * Candidates with scores that are as sure as a search of this `recall` needs. Where what the errors may cost is less than may be
 * missed, they stay as they are. Else vectors are read, the best first, until those unread that may be better than the `k` best
 * read are, as far as can be expected, few enough; or until so many were read that others have waited long enough.
 */
export async function refine(
  candidates: readonly Candidate[],
  options: RefineOptions,
  exact: ExactVectors,
): Promise<Refined> {
  const { k, recall, kept } = options
  if (kept || recall >= 1) return { candidates: await readAll(candidates, options, exact) }
  if (recall <= BYTES_SUFFICE && lossOf(candidates, k) <= k * (1 - recall)) return { candidates }
  return readBest(groupsOf(candidates, exact), options, exact)
}

async function readAll(
  candidates: readonly Candidate[],
  { kept, signal, pause }: RefineOptions,
  exact: ExactVectors,
): Promise<Candidate[]> {
  const read: Candidate[] = []
  for (let at = 0; at < candidates.length; at += MOST) {
    if (at > 0) await pause?.()
    throwIfAborted(signal)
    const rows = candidates.slice(at, kept ? undefined : at + MOST).map(({ row }) => row)
    const scores = await exact.scores(rows)
    for (const [i, row] of rows.entries()) if (scores[i] !== undefined) read.push({ row, score: scores[i] })
    if (kept) break
  }
  return read
}

/** How many of the best `k` are others, as far as the gaps between neighbours tell: where vectors are alike these are smaller than the errors. */
function lossOf(candidates: readonly Candidate[], k: number): number {
  if (candidates.length <= k) return 0
  const best = bestOf(candidates, k + 1)
  const edge = (best[k - 1]!.score + best[k]!.score) / 2
  return best.slice(0, k).reduce((sum, { score, doubt = 0 }) => sum + beyond(score - edge, doubt), 0)
}

function bestOf<T extends Candidate>(candidates: readonly T[], count: number): T[] {
  const best = new TopK<T>(count, (a, b) => a.score > b.score || (a.score === b.score && a.row < b.row))
  for (const candidate of candidates) if (candidate.score >= best.floor) best.offer(candidate)
  return best.sorted()
}

/** Equal rows have equal scores; of others that happen to have them a few are looked at. */
function groupsOf(candidates: readonly Candidate[], { isSame }: ExactVectors): Group[] {
  const groups: Group[] = []
  const byScore = new Map<number, Group[]>()
  for (const candidate of candidates) {
    const equal = byScore.get(candidate.score)
    const same = equal?.slice(-LOOKED_AT).find(({ row }) => isSame(row, candidate.row))
    if (same) same.rows.push(candidate.row)
    else {
      const group = { ...candidate, rows: [candidate.row], isRead: false }
      groups.push(group)
      if (equal) equal.push(group)
      else byScore.set(candidate.score, [group])
    }
  }
  return groups
}

async function readBest(
  groups: readonly Group[],
  { k, recall, signal }: RefineOptions,
  exact: ExactVectors,
): Promise<Refined> {
  const best = new TopK<Candidate>(
    k,
    (a, b) => a.score > b.score || (a.score === b.score && exact.before(a.row, b.row)),
  )
  const order = bestOf(groups, MOST + 4 * k)
  let missing = 0
  for (let at = 0; at < order.length;) {
    throwIfAborted(signal)
    const batch = order.slice(at, at + (at === 0 ? Math.max(FIRST, 2 * k) : BATCH))
    at += batch.length
    const scores = await exact.scores(batch.map(({ rows }) => rows[0]!))
    for (const [i, group] of batch.entries()) {
      group.isRead = true
      const score = scores[i]
      if (score === undefined) readNext(group, order)
      else for (const row of group.rows) best.offer({ row, score })
    }
    missing = unreadBetter(groups, best.floor, k, at)
    if (missing <= (k * (1 - recall)) / 2) break
  }
  const expected = k / (k + missing)
  return { candidates: best.sorted(), ...(expected < recall && { expected }) }
}

/** The block of a group's first row has gone; that of the next may be there. */
function readNext(group: Group, order: Group[]): void {
  group.rows.shift()
  if (group.rows.length === 0) return
  group.isRead = false
  order.push(group)
}

/** How many of those unread are better than `floor`: none is likelier to be than those read are, who stand before it. */
function unreadBetter(groups: readonly Group[], floor: number, k: number, read: number): number {
  const most = Math.min(1, k / read)
  let sum = 0
  for (const { isRead, score, doubt = 0, rows } of groups) {
    if (isRead) continue
    const chance = score > floor ? 1 - beyond(score - floor, doubt) : beyond(floor - score, doubt)
    sum += Math.min(most, chance) * Math.min(k, rows.length)
  }
  return sum
}

/** How likely a normal error exceeds a gap (a fit to the tail of the distribution, right to some hundredths). */
function beyond(gap: number, doubt: number): number {
  if (!(doubt > 0)) return 0
  const z = (DEVIATIONS * gap) / doubt
  return 0.5 * Math.exp(-0.717 * z - 0.416 * z * z)
}
