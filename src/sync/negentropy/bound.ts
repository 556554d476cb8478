import { compare } from '../../base/index'
import type { Bound, SetItem, Timestamp } from './reconcile-set'

const NO_ID = new Uint8Array(0)

/** Below every item. */
export const LOWEST: Bound = { time: 0, id: NO_ID }

/** Above every item. */
export const HIGHEST: Bound = { time: Infinity, id: NO_ID }

/** Order of (time, id); an id prefix counts as if filled up with zeros. Numbers and bigints compare exactly. */
export function compareBounds(a: Bound, b: Bound): number {
  if (a.time < b.time) return -1
  if (a.time > b.time) return 1
  return compareIds(a.id, b.id)
}

function compareIds(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  const order = compare(a.subarray(0, shared), b.subarray(0, shared))
  if (order !== 0) return order
  if (a.subarray(shared).some(byte => byte !== 0)) return 1
  return b.subarray(shared).some(byte => byte !== 0) ? -1 : 0
}

/** The shortest bound that lies above `below` and not above `item`, where `below` < `item`. */
export function minimalBound(below: SetItem, item: SetItem): Bound {
  if (below.time < item.time) return { time: item.time, id: NO_ID }
  let shared = 0
  while (shared < 31 && below.id[shared] === item.id[shared]) shared++
  return { time: item.time, id: item.id.slice(0, shared + 1) }
}

/** `timestamp` as a number where that is exact. */
export function narrow(time: bigint): Timestamp {
  return time <= Number.MAX_SAFE_INTEGER ? Number(time) : time
}

/** a + b, exact in u64. */
export function addTimes(a: Timestamp, b: Timestamp): Timestamp {
  return narrow(BigInt(a) + BigInt(b))
}

/** a − b, exact in u64, for a ≥ b. */
export function subtractTimes(a: Timestamp, b: Timestamp): Timestamp {
  return narrow(BigInt(a) - BigInt(b))
}
