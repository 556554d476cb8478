import { CosmicError, fromBase64url, toBase64url, utf8 } from '../base/index'
import type { PageQuery } from './block-store'

/** Items of a page when the query names no limit, and at most. */
export const PAGE_LIMIT = 100
export const MAX_PAGE_LIMIT = 1_000

/** The last item of a page. */
export interface Place {
  readonly time: number
  readonly id: string
}

export function writeCursor(query: PageQuery, { time, id }: Place): string {
  return toBase64url(utf8(JSON.stringify([fingerprint(query), time, id])))
}

/** Throws `bad-cursor` when it is not one that `writeCursor` made for this query. */
export function readCursor(query: PageQuery): Place | undefined {
  if (query.cursor === undefined) return undefined
  try {
    const [of, time, id] = JSON.parse(new TextDecoder().decode(fromBase64url(query.cursor)!)) as unknown[]
    if (of === fingerprint(query) && typeof time === 'number' && typeof id === 'string') return { time, id }
  } catch {
    // Not JSON: no cursor of ours.
  }
  throw new CosmicError({ code: 'bad-cursor', field: 'cursor', hint: 'begin again without one' })
}

function fingerprint({ cursor: _, limit: _limit, signal: _signal, ...conditions }: PageQuery): string {
  return JSON.stringify(Object.entries(conditions).sort(([a], [b]) => (a < b ? -1 : 1)))
}
