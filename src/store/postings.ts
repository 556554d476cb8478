import { concat } from '../base/index'
import { SUM_BYTES, checkSum, sum } from './summed'
import { readUint48, UINT48_MAX, writeUint48 } from './uint48'

/** Bytes of an entry: time (6), the first 8 of the digest, seq and, as its lowest bit, whether the block is admitted (6). */
export const ENTRY_BYTES = 20
const PREFIX_AT = 6
export const SEQ_AT = 14

/** Most entries of a run; one with more is cut. */
export const RUN_MAX = 128

/** A new entry. Times and places are below 2^47. */
export function entryOf(time: number, digest: Uint8Array, seq: number, admitted: boolean): Uint8Array {
  const entry = new Uint8Array(ENTRY_BYTES)
  writeUint48(entry, 0, time)
  // Not by a view of the digest: V8 moves small arrays out of its heap for one.
  for (let i = PREFIX_AT; i < SEQ_AT; i++) entry[i] = digest[i - PREFIX_AT]!
  writeUint48(entry, SEQ_AT, seq * 2 + (admitted ? 1 : 0))
  return entry
}

/** A bound before every entry of this time and digest, or, without one, of this time. */
export function boundOf(time: number, digest: Uint8Array = new Uint8Array(0)): Uint8Array {
  const entry = new Uint8Array(ENTRY_BYTES)
  writeUint48(entry, 0, Math.min(UINT48_MAX, Math.max(0, Math.ceil(time))))
  entry.set(digest.subarray(0, SEQ_AT - PREFIX_AT), PREFIX_AT)
  return entry
}

/** One entry of a term, to be written (`add`, also over one that is there) or taken out. */
export interface Edit {
  readonly entry: Uint8Array
  readonly add: boolean
}

/** The order of entries at two places; whether they are admitted does not count. */
export function compareEntries(a: Uint8Array, at: number, b: Uint8Array, bt: number): number {
  for (let i = 0; i < ENTRY_BYTES - 1; i++) {
    const difference = a[at + i]! - b[bt + i]!
    if (difference !== 0) return difference
  }
  return (a[at + ENTRY_BYTES - 1]! & 0xfe) - (b[bt + ENTRY_BYTES - 1]! & 0xfe)
}

/** The first entry that is not before `bound`, as an index, none of the first `from`. */
export function lowerBound(entries: Uint8Array, bound: Uint8Array, from = 0): number {
  let [low, high] = [from, entries.length / ENTRY_BYTES]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareEntries(entries, middle * ENTRY_BYTES, bound, 0) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** Applies edits, in order of their entries, to entries in order. */
export function applyEdits(entries: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const out = roomFor(entries.length + edits.length * ENTRY_BYTES)
  let [from, to] = [0, 0]
  const copy = (end: number) => {
    if (end === from) return
    out.set(entries.subarray(from, end), to)
    to += end - from
    from = end
  }
  for (const { entry, add } of edits) {
    // Most come after all that are there.
    const isLast = from === entries.length || compareEntries(entries, entries.length - ENTRY_BYTES, entry, 0) < 0
    copy(isLast ? entries.length : lowerBound(entries, entry, from / ENTRY_BYTES) * ENTRY_BYTES)
    if (from < entries.length && compareEntries(entries, from, entry, 0) === 0) from += ENTRY_BYTES
    if (!add) continue
    out.set(entry, to)
    to += ENTRY_BYTES
  }
  copy(entries.length)
  // Another view of the same is worth leaving out: every term of every batch comes here.
  return to === out.length ? out : out.subarray(0, to)
}

/** Bytes for entries, with room for the sum before them, so that `encodeRun` copies nothing. */
function roomFor(length: number): Uint8Array {
  return new Uint8Array(SUM_BYTES + length).subarray(SUM_BYTES)
}

/**
 * Cuts entries into runs: full ones where they grow at the end, so that nothing is wasted on what never comes; else even
 * ones with room for more.
 */
export function cut(entries: Uint8Array, growing: boolean): Uint8Array[] {
  const count = entries.length / ENTRY_BYTES
  if (count <= RUN_MAX) return count === 0 ? [] : [entries]
  const size = growing ? RUN_MAX : Math.ceil(count / Math.ceil(count / (RUN_MAX * 0.7)))
  const runs: Uint8Array[] = []
  for (let i = 0; i < count; i += size) runs.push(entries.subarray(i * ENTRY_BYTES, (i + size) * ENTRY_BYTES))
  return runs
}

/** CRC-32 and the entries, which are those of `applyEdits` or a part of them. */
export function encodeRun(key: Uint8Array, entries: Uint8Array): Uint8Array {
  if (entries.byteOffset !== SUM_BYTES) return sum(concat(new Uint8Array(SUM_BYTES), entries), key)
  return sum(new Uint8Array(entries.buffer, 0, SUM_BYTES + entries.length), key)
}

/** The entries. Throws `storage` with the field `indexes` when it is not what was written. */
export function decodeRun(key: Uint8Array, value: Uint8Array): Uint8Array {
  checkSum(value, key, 'indexes')
  return value.subarray(SUM_BYTES)
}

/** What an entry says. */
export interface Posting {
  readonly time: number
  readonly seq: number
  readonly admitted: boolean
}

export function readPosting(entries: Uint8Array, at: number): Posting {
  const last = readUint48(entries, at + SEQ_AT)
  return { time: readUint48(entries, at), seq: Math.floor(last / 2), admitted: last % 2 === 1 }
}

/** The first bytes of the digest of one entry. */
export const prefixOf = (entry: Uint8Array): Uint8Array => entry.subarray(PREFIX_AT, SEQ_AT)

/** Whether two entries are of one time and begin of digest: their order is that of their digests. */
export function isTied(a: Uint8Array, at: number, b: Uint8Array, bt: number): boolean {
  for (let i = 0; i < SEQ_AT; i++) if (a[at + i] !== b[bt + i]) return false
  return true
}
