import { CosmicError, throwIfAborted, toHex } from '../../../base/index'
import { checkLog, checkTerms, COUNTED } from '../../../store/for-adapters'
import {
  CHAIN_BYTES,
  checkWait,
  type CountedIndex,
  type ErasedBlock,
  type LogCursor,
  type LogEntry,
  type LogOptions,
  type SyncMember,
  type TermCount,
  type TermsOptions,
  type WaitOptions,
} from '../../../store/index'
import { bytea } from './binary-array'
import { idOf, termBytes, termName } from './block-terms'
import type { Database, Transaction } from './database'
import { eraseRows } from './erase-rows'
import { type Head, readHead } from './head'
import type { Tables } from './tables'
import type { VectorRows } from './vector-rows'

/** Lines read at once. */
const PAGE = 1_000
const STATES = { h: 'held', p: 'pruned', e: 'erased', l: 'lost' } as const

/** The arrival log after a place. */
export async function* listLog(db: Database, tables: Tables, options: LogOptions): AsyncGenerator<LogEntry> {
  db.assertOpen()
  checkLog(options)
  const { after = 0, limit = Infinity, signal } = options
  throwIfAborted(signal)
  let from = typeof after === 'number' ? Math.max(0, Math.floor(after)) : await checkCursor(db, tables, after)
  for (let left = limit; left > 0;) {
    const size = Math.min(PAGE, left)
    const rows = await db.query(
      `SELECT seq, digest, time, state FROM ${tables.log} WHERE seq > $1 ORDER BY seq LIMIT $2`,
      [Math.min(from, Number.MAX_SAFE_INTEGER), size],
      { signal },
    )
    for (const { seq, digest, time, state } of rows) {
      throwIfAborted(signal)
      from = Number(seq)
      yield {
        seq: from,
        id: idOf(digest as Uint8Array),
        time: Number(time),
        state: STATES[state as keyof typeof STATES],
      }
    }
    left -= rows.length
    if (rows.length < size) return
  }
}

/** The place of a cursor of this log. */
async function checkCursor(db: Database, tables: Tables, cursor: LogCursor): Promise<number> {
  const head = await readHead(db, tables)
  if (toHex(head.epoch) === cursor.epoch && (await hasPlace(db, tables, cursor))) return cursor.seq
  throw new CosmicError({ code: 'stale-cursor', field: 'after', hint: 'compare whole sets instead' })
}

/** Whether the log has this place with this chain, whatever its epoch. */
export async function hasPlace(
  db: Pick<Transaction, 'query'>,
  { log }: Tables,
  { seq, chain }: LogCursor,
): Promise<boolean> {
  if (seq === 0) return chain === toHex(new Uint8Array(CHAIN_BYTES))
  if (!Number.isSafeInteger(seq) || seq < 0) return false
  const [entry] = await db.query(`SELECT chain FROM ${log} WHERE seq = $1`, [seq])
  return entry !== undefined && toHex(entry.chain as Uint8Array) === chain
}

/** Blocks and stubs in order of (time, digest); each page is one state. */
export async function* listMembers(
  db: Database,
  { block, stub }: Tables,
  options: WaitOptions,
): AsyncGenerator<readonly SyncMember[]> {
  db.assertOpen()
  checkWait(options)
  const { signal } = options
  throwIfAborted(signal)
  const part = (table: string) =>
    `(SELECT digest, time, expires FROM ${table} WHERE (time, digest) > ($1::bigint, $2::bytea) ORDER BY time, digest LIMIT ${PAGE})`
  let place: [time: number, digest: Buffer] = [-1, Buffer.alloc(0)]
  for (;;) {
    const sql = `${part(block)} UNION ALL ${part(stub)} ORDER BY time, digest LIMIT ${PAGE}`
    const rows = await db.query(sql, place, { signal })
    throwIfAborted(signal)
    const page = rows.map(({ digest, time, expires }) => ({
      ...{ id: idOf(digest as Uint8Array), time: Number(time) },
      ...(expires !== null && { expires: Number(expires) }),
    }))
    if (page.length > 0) yield page
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
    place = [Number(last.time), bytea(last.digest as Uint8Array)]
  }
}

/** Terms in the order of their bytes. */
export async function listTerms(
  db: Database,
  { term }: Tables,
  index: CountedIndex,
  options: TermsOptions,
): Promise<TermCount[]> {
  db.assertOpen()
  checkTerms(index, options)
  const { after, limit = Infinity } = options
  const letter = COUNTED[index]
  const end = String.fromCharCode(letter.charCodeAt(0) + 1)
  const most = Math.max(0, Math.min(Math.floor(limit), Number.MAX_SAFE_INTEGER))
  const bounds = [letter + (after ?? ''), end].map(term => bytea(termBytes(term)))
  const rows = await db.query(
    `SELECT value, blocks, bytes FROM ${term} WHERE value > $1::bytea AND value < $2::bytea ORDER BY value LIMIT $3`,
    [...bounds, most],
  )
  return rows.map(({ value, blocks, bytes }) => ({
    term: termName(value),
    blocks: Number(blocks),
    bytes: Number(bytes),
  }))
}

/** Erases the oldest of what is dated before `floor`: blocks and stubs, or only stubs. */
export async function dropBelow(
  transaction: Transaction,
  tables: Tables,
  head: Head,
  { floor, limit, only }: { floor: number; limit: number; only: 'stubs' | undefined },
  vectors: VectorRows,
): Promise<ErasedBlock[]> {
  const part = (table: string) => `(SELECT digest, time FROM ${table} WHERE time < $1 ORDER BY time, digest LIMIT $2)`
  const parts = (only ? [tables.stub] : [tables.block, tables.stub]).map(part).join(' UNION ALL ')
  const most = Math.max(0, Math.min(Math.floor(limit), Number.MAX_SAFE_INTEGER))
  const rows = await transaction.query(`SELECT digest FROM (${parts}) below ORDER BY time, digest LIMIT $2`, [
    Math.max(0, Math.min(Math.ceil(floor), Number.MAX_SAFE_INTEGER)),
    most,
  ])
  const digests = rows.map(({ digest }) => digest as Uint8Array)
  return eraseRows(transaction, tables, head, { reason: 'below-floor', digests, retractions: true }, vectors)
}
