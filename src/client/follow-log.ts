import { CosmicError, fromHex, offset, record, text, toHex } from '../base/index'
import { CHAIN_BYTES, digestOf, nextChain, type BlockStore, type LogCursor, type LogEntry } from '../store/index'
import { BATCH } from './feed'

export const readLogCursor = record<LogCursor>({ epoch: text, seq: offset, chain: text }, 'epoch', 'seq', 'chain')

/** Entries of a log, and the place after them. */
export interface Followed {
  readonly entries: readonly LogEntry[]
  readonly cursor: LogCursor
}

/**
 * Everything that a log held when this began, a batch at a time, after a place. Each batch names its place by a cursor, so that
 * a log which becomes another one under way is noticed. Rejects with `stale-cursor`, and with `storage` where entries are damaged:
 * blocks would be left behind. `field` names the log in errors.
 */
export async function* followLog(
  store: Pick<BlockStore, 'log' | 'position'>,
  after: LogCursor | undefined,
  field: string,
): AsyncGenerator<Followed> {
  const end = await store.position()
  let cursor = after ?? { epoch: end.epoch, seq: 0, chain: '00'.repeat(CHAIN_BYTES) }
  do {
    const entries: LogEntry[] = []
    for await (const entry of store.log({ after: cursor, limit: BATCH })) entries.push(entry)
    cursor = placeAfter(cursor, entries, end, field)
    yield { entries, cursor }
  } while (cursor.seq < end.seq)
}

function placeAfter(
  { epoch, seq, chain }: LogCursor,
  entries: readonly LogEntry[],
  end: LogCursor,
  field: string,
): LogCursor {
  let bytes = fromHex(chain) ?? new Uint8Array()
  let at = seq
  for (const entry of entries) {
    const digest = digestOf(entry.id)
    if (entry.seq !== at + 1 || !digest) throw gapAfter(at, field)
    bytes = nextChain(bytes, digest)
    at = entry.seq
  }
  if (entries.length === 0 && at < end.seq) throw gapAfter(at, field)
  return { epoch, seq: at, chain: toHex(bytes) }
}

function gapAfter(seq: number, field: string): CosmicError {
  const hint = `entries after ${seq} are damaged: repair the store, then begin anew`
  return new CosmicError({ code: 'storage', field, hint })
}
