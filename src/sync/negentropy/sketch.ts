import { equal } from '../../base/index'
import { compareBounds, HIGHEST, LOWEST } from './bound'
import type { CodedCells } from './coded-cells'
import { estimate } from './estimate'
import { IdSum } from './fingerprint'
import { ID_AT, ITEM_WORDS, writeItem } from './item-words'
import { decodeMessage, type Range } from './message'
import { DEFAULT_LIMITS } from './negentropy'
import type { Difference } from './peel'
import type { Bound, ReconcileSet, SetItem } from './reconcile-set'

/** What the other side tells of its set before it is compared. */
export interface Sketch {
  readonly size: number
  /** Of the whole set. */
  readonly fingerprint: Uint8Array
  /** How many coded cells it has in all. */
  readonly available: number
}

/**
 * Whether our set, changed by a difference that was read out of coded cells, is the set of the other side: by size and root as
 * the sketch tells them, and in each range of its first Negentropy message, whose bounds are secret to everyone but it. False
 * when the difference does not fit our set, or the message asks for anything but fingerprints.
 */
export function confirms(set: ReconcileSet, sketch: Sketch, question: Uint8Array, difference: Difference): boolean {
  const { theirs, ours } = difference
  if (set.size + theirs.length - ours.length !== sketch.size) return false
  if (!ours.every(item => holds(set, item)) || theirs.some(item => holds(set, item))) return false
  const ranges = fingerprintsOf(question)
  if (!ranges) return false
  const root: FingerprintRange = { mode: 'fingerprint', upper: HIGHEST, fingerprint: sketch.fingerprint }
  if (!isEqual(set, LOWEST, root, difference)) return false
  return ranges.every((range, i) => isEqual(set, i === 0 ? LOWEST : ranges[i - 1]!.upper, range, difference))
}

/**
 * How many more cells to ask for, after the first `count` were too few; `undefined` when Negentropy is likely to need fewer
 * bytes: because too much differs, or lies close together.
 */
export function furtherCells(
  set: ReconcileSet,
  sketch: Sketch,
  question: Uint8Array,
  cells: CodedCells,
  count: number,
): number | undefined {
  const room = Math.min(sketch.available, cells.count) - count
  const expected = estimate(cells, count)
  // Few cells say little: rather one round more than many cells too many.
  const least = expected * (1 - 1.5 * Math.sqrt(2 / count))
  if (room <= 0 || least * CELLS_PER_ITEM > count + room) return undefined
  if (expected > CLUSTER_FROM && differingShare(set, question) < SCATTERED_FROM) return undefined
  // A small difference takes more cells an item than a large one.
  const likely = least > 0 ? least * (CELLS_PER_ITEM + 1 / Math.sqrt(least)) : 0
  const wanted = Math.ceil(Math.min(likely, FASTEST_GROWTH * count)) - count
  return Math.min(room, Math.max(wanted, Math.ceil(count / 20), Math.min(16, Math.ceil(count / 2))))
}

/** Cells that a large difference takes for each item; small ones take more. */
const CELLS_PER_ITEM = 1.36
const FASTEST_GROWTH = 8
/** From so many items on, a difference in less than so many of the ranges is left to Negentropy. */
const CLUSTER_FROM = 32
const SCATTERED_FROM = 0.5

type FingerprintRange = Range & { readonly mode: 'fingerprint' }

function fingerprintsOf(question: Uint8Array): readonly FingerprintRange[] | undefined {
  const ranges = decodeMessage(question, DEFAULT_LIMITS)
  if (!ranges.ok || ranges.value.length === 0) return undefined
  return ranges.value.every(range => range.mode === 'fingerprint') ? (ranges.value as FingerprintRange[]) : undefined
}

function differingShare(set: ReconcileSet, question: Uint8Array): number {
  const ranges = fingerprintsOf(question) ?? []
  const none: Difference = { theirs: [], ours: [] }
  const differing = ranges.filter((range, i) => !isEqual(set, i === 0 ? LOWEST : ranges[i - 1]!.upper, range, none))
  return differing.length / ranges.length
}

/** Whether our items between `lower` and the range's end, changed by the difference, have its fingerprint. */
function isEqual(
  set: ReconcileSet,
  lower: Bound,
  { upper, fingerprint }: FingerprintRange,
  change: Difference,
): boolean {
  const [from, to] = [set.lowerBound(lower), set.lowerBound(upper)]
  const sum = new IdSum()
  set.addIds(sum, from, to)
  const within = (items: readonly SetItem[], sign: 1 | -1) => {
    const inside = items.filter(item => compareBounds(item, lower) >= 0 && compareBounds(item, upper) < 0)
    for (const { id } of inside) addId(sum, id, sign)
    return inside.length
  }
  const count = to - from + within(change.theirs, 1) - within(change.ours, -1)
  return equal(sum.digest(count), fingerprint)
}

const words = new Uint32Array(ITEM_WORDS)

function addId(sum: IdSum, id: Uint8Array, sign: 1 | -1): void {
  writeItem({ time: 0, id }, words)
  sum.add(words, ID_AT, sign)
}

function holds(set: ReconcileSet, item: SetItem): boolean {
  const index = set.lowerBound(item)
  return index < set.size && compareBounds(set.get(index), item) === 0
}
