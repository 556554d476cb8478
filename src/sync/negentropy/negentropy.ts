import { equal, ok, type Result } from '../../base/index'
import { HIGHEST, minimalBound } from './bound'
import { checkVersion, decodeMessage, encodeMessage, PROTOCOL_VERSION } from './message'
import type { MessageLimits, Range } from './message'
import { RangeBuffer } from './range-buffer'
import type { Bound, ReconcileSet, SetItem } from './reconcile-set'

/** Ranges into which a differing one is split, and the size below which it is listed instead. */
const BUCKETS = 16
const LIST_BELOW = 2 * BUCKETS

export interface NegentropyOptions {
  /** What a message of this side keeps, and, without `accepts`, one of the other side. Default: 60,000 bytes, 256 ranges. */
  readonly limits?: MessageLimits
  readonly accepts?: MessageLimits
  /** Initiator: ids in `have` of one step; the rest comes with later steps. Default 4,096. */
  readonly maxHave?: number
  /**
   * Which half of the difference is worth knowing (default `both`): without the other one less is told. Both sides must have
   * agreed on `have`: the initiator then skips ranges in which it has nothing, and the responder answers a list with what
   * it has of it.
   */
  readonly only?: 'both' | 'have' | 'need'
}

export const DEFAULT_LIMITS: MessageLimits = { bytes: 60_000, ranges: 256 }
const DEFAULT_MAX_HAVE = 4096

/** What one answer has taught the initiator. `have`: members that the other side lacks. `need`: ids that this side lacks. */
export interface ReconcileStep {
  /** To be sent back; `undefined` when the reconciliation has ended. */
  readonly reply?: Uint8Array
  readonly have: readonly SetItem[]
  readonly need: readonly Uint8Array[]
  /** How many members were held against lists of the other side, one by one: the part of the work that its lists decide. */
  readonly looked: number
}

/**
 * The first message of a reconciliation (Negentropy protocol V1), from the side that wants to learn the difference.
 * `cuts` are ascending indices in [1, set.size) at which the order is cut into fingerprinted ranges: secret random ones keep
 * a peer from preparing colliding sets. A set of fewer than 32 members is listed whole.
 *
 * @example
 * ```ts
 * let message = initiate(mine)
 * for (;;) {
 *   const answer = await exchange(message)            // the peer's respond(theirs, message)
 *   const { reply, have, need } = unwrap(proceed(mine, answer))
 *   if (reply === undefined) break
 *   message = reply
 * }
 * ```
 */
export function initiate(set: ReconcileSet, cuts: readonly number[] = []): Uint8Array {
  if (set.size < LIST_BELOW || cuts.length === 0) return encodeMessage(splitRange(set, 0, set.size, HIGHEST))
  return encodeMessage(fingerprintRanges(set, [0, ...cuts, set.size], HIGHEST))
}

/** The initiator's next step on an answer. Malformed answers are refused; nothing is thrown. */
export function proceed(
  set: ReconcileSet,
  message: Uint8Array,
  options: NegentropyOptions = {},
): Result<ReconcileStep> {
  const { limits = DEFAULT_LIMITS, accepts = limits, only = 'both' } = options
  const ranges = decodeMessage(message, accepts)
  if (!ranges.ok) return ranges
  const have: SetItem[] = []
  const need: Uint8Array[] = []
  const maxHave = options.maxHave ?? DEFAULT_MAX_HAVE
  let looked = 0
  const out = new RangeBuffer(limits)
  walk(
    set,
    ranges.value,
    out,
    (range, lower, upper) => {
      const difference = compareLists(set, range.ids, lower, upper, only === 'need' ? undefined : maxHave - have.length)
      have.push(...difference.have)
      if (only !== 'have') need.push(...difference.need)
      looked += difference.looked
      const { rest } = difference
      if (rest !== lower) out.skip(rest === undefined ? range.upper : boundBefore(set, rest))
      return rest
    },
    only === 'have',
  )
  return ok({ have, need, looked, ...(out.ranges.length > 0 && { reply: encodeMessage(out.ranges) }) })
}

/** The answer of the other side. A message of another protocol version is answered with ours, as V1 asks. */
export function respond(set: ReconcileSet, message: Uint8Array, options: NegentropyOptions = {}): Result<Uint8Array> {
  const version = checkVersion(message)
  if (!version.ok) return version.error.code === 'version' ? ok(Uint8Array.of(PROTOCOL_VERSION)) : version
  const { limits = DEFAULT_LIMITS, accepts = limits, only = 'both' } = options
  const ranges = decodeMessage(message, accepts)
  if (!ranges.ok) return ranges
  const out = new RangeBuffer(limits)
  walk(set, ranges.value, out, (range, lower, upper) => {
    if (isSameList(set, range.ids, lower, upper)) return void out.skip(range.upper)
    if (only === 'have') return answerHeld(set, range, lower, upper, out)
    const end = Math.min(upper, lower + out.roomForIds())
    const bound = end === upper ? range.upper : boundBefore(set, end)
    if (!out.push([listRange(set, lower, end, bound)])) return lower
    return end === upper ? undefined : end
  })
  return ok(encodeMessage(out.ranges))
}

/** Answers a list with those of its ids that are held here: nothing else is asked. */
function answerHeld(
  set: ReconcileSet,
  range: Range & { mode: 'ids' },
  lower: number,
  upper: number,
  out: RangeBuffer,
): number | undefined {
  const lacking = new Set(compareLists(set, range.ids, lower, upper, undefined).need.map(idKey))
  const ids = range.ids.filter(id => !lacking.has(idKey(id)))
  if (lacking.size > 0) return out.push([{ ...range, ids }]) ? undefined : lower
  out.skip(range.upper)
  return undefined
}

/** Handles their list of ids against our items in [lower, upper). Answers the first item left over, if any. */
type ListHandler = (range: Range & { mode: 'ids' }, lower: number, upper: number) => number | undefined

/**
 * Goes through the ranges of a message. Equal fingerprints are skipped, differing ones split; as soon as the answer is full,
 * all that is left is answered with one fingerprint, to be taken up again later.
 */
function walk(
  set: ReconcileSet,
  ranges: readonly Range[],
  out: RangeBuffer,
  onList: ListHandler,
  skipsEmpty = false,
): void {
  let lower = 0
  for (const range of ranges) {
    const upper = set.lowerBound(range.upper)
    let rest: number | undefined
    if (skipsEmpty && lower === upper) out.skip(range.upper)
    else if (range.mode === 'ids') rest = onList(range, lower, upper)
    else rest = compareRange(set, range, lower, upper, out)
    if (rest !== undefined) return out.remainder(set, rest)
    lower = upper
  }
}

function compareRange(
  set: ReconcileSet,
  range: Exclude<Range, { mode: 'ids' }>,
  lower: number,
  upper: number,
  out: RangeBuffer,
): number | undefined {
  if (range.mode === 'skip' || equal(range.fingerprint, set.fingerprint(lower, upper))) {
    out.skip(range.upper)
    return undefined
  }
  return out.push(splitRange(set, lower, upper, range.upper)) ? undefined : lower
}

/** A few items are listed; more are cut into 16 fingerprinted ranges of nearly equal size, the first of them the larger. */
function splitRange(set: ReconcileSet, lower: number, upper: number, bound: Bound): Range[] {
  const count = upper - lower
  if (count < LIST_BELOW) return [listRange(set, lower, upper, bound)]
  const [least, larger] = [Math.floor(count / BUCKETS), count % BUCKETS]
  const edges = Array.from({ length: BUCKETS + 1 }, (_, i) => lower + i * least + Math.min(i, larger))
  return fingerprintRanges(set, edges, bound)
}

/** One range between each two edges; the last one ends at `bound`. */
function fingerprintRanges(set: ReconcileSet, edges: readonly number[], bound: Bound): Range[] {
  return edges.slice(1).map((edge, i) => ({
    mode: 'fingerprint',
    upper: i === edges.length - 2 ? bound : boundBefore(set, edge),
    fingerprint: set.fingerprint(edges[i]!, edge),
  }))
}

function listRange(set: ReconcileSet, lower: number, upper: number, bound: Bound): Range {
  return { mode: 'ids', upper: bound, ids: Array.from({ length: upper - lower }, (_, i) => set.get(lower + i).id) }
}

/** The bound between the item at `index` and the one before it. */
function boundBefore(set: ReconcileSet, index: number): Bound {
  return minimalBound(set.get(index - 1), set.get(index))
}

interface ListDifference {
  readonly have: readonly SetItem[]
  readonly need: readonly Uint8Array[]
  /** The first item that was not looked at because `have` was full. */
  readonly rest: number | undefined
  readonly looked: number
}

/**
 * Their list against our items in [lower, upper), of which `maxHave` are told; `undefined`: none is asked for. `need` is exact
 * even when `have` is cut, so every item is looked at until both are settled.
 */
function compareLists(
  set: ReconcileSet,
  ids: readonly Uint8Array[],
  lower: number,
  upper: number,
  maxHave: number | undefined,
): ListDifference {
  const theirs = new Map(ids.map(id => [idKey(id), id]))
  const heads = new Set(ids.map(idHead))
  const have: SetItem[] = []
  let rest: number | undefined
  let i = lower
  for (; i < upper && (theirs.size > 0 || (maxHave !== undefined && rest === undefined)); i++) {
    const item = set.get(i)
    if ((heads.has(idHead(item.id)) && theirs.delete(idKey(item.id))) || rest !== undefined) continue
    if (maxHave === undefined) continue
    if (have.length < maxHave) have.push(item)
    else rest = i
  }
  return { have, need: [...theirs.values()], rest, looked: i - lower }
}

/** Whether their list is just what we hold: ids listed in any order, ours being without repetition. */
function isSameList(set: ReconcileSet, ids: readonly Uint8Array[], lower: number, upper: number): boolean {
  if (ids.length !== upper - lower) return false
  const { have, need } = compareLists(set, ids, lower, upper, 1)
  return have.length + need.length === 0
}

/** Three bytes of an id tell nearly all ids apart, at a hundredth of what a key costs: a few ids may meet a large range. */
function idHead(id: Uint8Array): number {
  return (id[0]! << 16) | (id[1]! << 8) | id[2]!
}

function idKey(id: Uint8Array): string {
  // Spread, it would be read by an iterator first.
  return String.fromCharCode.apply(undefined, id as unknown as number[])
}
