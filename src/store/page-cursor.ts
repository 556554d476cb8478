import { sha256 } from '#platform'
import { compare, concat, CosmicError, equal, fromBase64url, toBase64url, utf8 } from '../base/index'
import type { PageQuery } from './block-store'
import { readUint48, writeUint48 } from './uint48'

/** Items of a page when the query names no limit, and at most. */
export const PAGE_LIMIT = 100
export const MAX_PAGE_LIMIT = 1_000

/** Where a page ended: the time and digest of its last item. */
export interface Place {
  readonly time: number
  readonly digest: Uint8Array
}

/** The log as it was when a cursor was written: its end, and the beginning of the chain there. */
export interface LogMark {
  readonly seq: number
  readonly chain: Uint8Array
}

const BINDING_BYTES = 12
const CURSOR_BYTES = BINDING_BYTES + 38
const CHAIN_PART = 8
const MARK_BYTES = 6 + CHAIN_PART

/** 12 bytes over the epoch and the query, the time (6), the digest (32), and of `log` its end (6) and chain (8), in base64url. */
export function writeCursor(epoch: Uint8Array, query: PageQuery, { time, digest }: Place, log?: LogMark): string {
  const mark = log ? concat(new Uint8Array(6), log.chain.subarray(0, CHAIN_PART)) : new Uint8Array(0)
  if (log) writeUint48(mark, 0, log.seq)
  const bytes = concat(bindingOf(epoch, query), new Uint8Array(6), digest, mark)
  writeUint48(bytes, BINDING_BYTES, time)
  return toBase64url(bytes)
}

/** Throws `bad-cursor` when it is not one that `writeCursor` made for this epoch and this query. */
export function readCursor(epoch: Uint8Array, query: PageQuery): (Place & { readonly log?: LogMark }) | undefined {
  if (query.cursor === undefined) return undefined
  const bytes = fromBase64url(query.cursor)
  const isMarked = bytes?.length === CURSOR_BYTES + MARK_BYTES
  if (!bytes || !(isMarked || bytes.length === CURSOR_BYTES)) throw badCursor()
  if (compare(bytes.subarray(0, BINDING_BYTES), bindingOf(epoch, query)) !== 0) throw badCursor()
  const place = { time: readUint48(bytes, BINDING_BYTES), digest: bytes.subarray(BINDING_BYTES + 6, CURSOR_BYTES) }
  if (!isMarked) return place
  return { ...place, log: { seq: readUint48(bytes, CURSOR_BYTES), chain: bytes.subarray(CURSOR_BYTES + 6) } }
}

/** Whether a cursor's mark is of a log that has this chain at that place. */
export function isOfLog({ chain }: LogMark, own: Uint8Array): boolean {
  return equal(chain, own.subarray(0, CHAIN_PART))
}

export function badCursor(): CosmicError {
  return new CosmicError({ code: 'bad-cursor', field: 'cursor', hint: 'it is of another store or query: begin again' })
}

function bindingOf(epoch: Uint8Array, query: PageQuery): Uint8Array {
  const { cursor: _cursor, limit: _limit, signal: _signal, ...conditions } = query
  const given = Object.entries(conditions).filter(([, value]) => value !== undefined)
  const text = JSON.stringify(given.sort(([a], [b]) => (a < b ? -1 : 1)))
  return sha256(concat(epoch, utf8(text))).subarray(0, BINDING_BYTES)
}
