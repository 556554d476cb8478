import { sha256 } from '#platform'
import { compare, concat, CosmicError, fromBase64url, toBase64url, utf8 } from '../base/index'
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

const BINDING_BYTES = 12
const CURSOR_BYTES = BINDING_BYTES + 38

/** 12 bytes over the epoch and the query, the time (6), the digest (32), in base64url. */
export function writeCursor(epoch: Uint8Array, query: PageQuery, { time, digest }: Place): string {
  const bytes = concat(bindingOf(epoch, query), new Uint8Array(6), digest)
  writeUint48(bytes, BINDING_BYTES, time)
  return toBase64url(bytes)
}

/** Throws `bad-cursor` when it is not one that `writeCursor` made for this store and this query. */
export function readCursor(epoch: Uint8Array, query: PageQuery): Place | undefined {
  if (query.cursor === undefined) return undefined
  const bytes = fromBase64url(query.cursor)
  if (bytes?.length === CURSOR_BYTES && compare(bytes.subarray(0, BINDING_BYTES), bindingOf(epoch, query)) === 0) {
    return { time: readUint48(bytes, BINDING_BYTES), digest: bytes.subarray(BINDING_BYTES + 6) }
  }
  throw new CosmicError({ code: 'bad-cursor', field: 'cursor', hint: 'it is of another store or query: begin again' })
}

function bindingOf(epoch: Uint8Array, query: PageQuery): Uint8Array {
  const { cursor: _cursor, limit: _limit, signal: _signal, ...conditions } = query
  const given = Object.entries(conditions).filter(([, value]) => value !== undefined)
  const text = JSON.stringify(given.sort(([a], [b]) => (a < b ? -1 : 1)))
  return sha256(concat(epoch, utf8(text))).subarray(0, BINDING_BYTES)
}
