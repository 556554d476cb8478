import { abortSignal, CosmicError, fromHex, func, offset, record, text, throwIfAborted, toHex } from '../base/index'
import { CHAIN_BYTES, digestOf, nextChain, type BlockStore, type LogCursor, type LogEntry } from '../store/index'
import { Tally, type ImportReport } from './archive'
import { Batch, BATCH, Feed } from './feed'
import type { Intake } from './intake'

export interface CopyProgress {
  /** Blocks that went through the funnel so far, the refused among them. */
  readonly blocks: number
  /** Where an interrupted copy goes on: all before it is durable. */
  readonly cursor: LogCursor
}

export interface CopyOptions {
  /** Where an earlier copy of the same source came to (default: its beginning). Refused as `stale-cursor` by any other log. */
  readonly after?: LogCursor
  /** Called after each batch, once it is durable. */
  readonly onProgress?: (progress: CopyProgress) => void
  /** Fires between two batches: what was stored stays. */
  readonly signal?: AbortSignal
}

/** What became of the blocks of another store. */
export interface CopyReport extends ImportReport {
  /** Blocks that the source's log tells of and the source could not give: damaged, or erased meanwhile. */
  readonly missing: number
  /** From here a later copy fetches what has come since. */
  readonly cursor: LogCursor
}

const readCopyOptions = record<CopyOptions>({
  after: record<LogCursor>({ epoch: text, seq: offset, chain: text }, 'epoch', 'seq', 'chain'),
  onProgress: func,
  signal: abortSignal,
})

/** Blocks read from a source at once: 8 MiB at most. */
const READ_AT_ONCE = 32

/**
 * Everything that the source held when the copy began, in the order of its log, a batch at a time through the funnel. Each
 * batch names its place by a cursor, so that a log which becomes another one under way is noticed.
 */
export async function copyFrom(intake: Intake, source: BlockStore, options: CopyOptions): Promise<CopyReport> {
  const { after, onProgress, signal } = readCopyOptions(options, '')
  throwIfAborted(signal)
  const end = await positionOf(source)
  const tally = new Tally()
  const feed = new Feed(intake, signal)
  let cursor = after ?? { epoch: end.epoch, seq: 0, chain: '00'.repeat(CHAIN_BYTES) }
  let [blocks, missing] = [0, 0]
  try {
    do {
      const entries: LogEntry[] = []
      for await (const entry of source.log({ after: cursor, limit: BATCH })) entries.push(entry)
      const reached = (cursor = follow(cursor, entries, end))
      for await (const part of partsOf(source, entries)) {
        missing += part.missing
        await feed.add(part.batch, verdicts => {
          tally.judge(verdicts, i => part.ids[i]!)
          blocks += part.ids.length
          if (part.isLast) onProgress?.({ blocks, cursor: reached })
        })
        throwIfAborted(signal)
      }
    } while (cursor.seq < end.seq)
    await feed.end()
    throwIfAborted(signal)
  } finally {
    await feed.settled()
  }
  return { ...tally.report(), missing, cursor }
}

/** Some of the blocks that entries tell of; `isLast`: none comes after them. */
interface Part {
  readonly batch: Batch
  /** Of those in the batch. */
  readonly ids: readonly string[]
  readonly missing: number
  readonly isLast: boolean
}

/** Read a few at a time, since a source of large blocks would fill the memory. One part at least. */
async function* partsOf(source: BlockStore, entries: readonly LogEntry[]): AsyncGenerator<Part> {
  const asked = entries.filter(({ state }) => state === 'held' || state === 'lost').map(({ id }) => id)
  let [batch, ids, missing]: [Batch, string[], number] = [new Batch(), [], 0]
  for (let at = 0; at < asked.length; at += READ_AT_ONCE) {
    const some = asked.slice(at, at + READ_AT_ONCE)
    let full = false
    for (const [i, stored] of (await source.getMany(some)).entries()) {
      if (!stored) missing++
      else {
        ids.push(some[i]!)
        full = batch.add(stored.block.bytes)
      }
    }
    if (!full || at + READ_AT_ONCE >= asked.length) continue
    yield { batch, ids, missing, isLast: false }
    ;[batch, ids, missing] = [new Batch(), [], 0]
  }
  yield { batch, ids, missing, isLast: true }
}

async function positionOf(source: Partial<BlockStore> | null): Promise<LogCursor> {
  if (source?.position && source.log && source.getMany) return source.position()
  throw new CosmicError({ code: 'bad-type', field: 'source', hint: 'a BlockStore, such as openBlockStore answers' })
}

/** The place after these entries. A damaged log, which passes entries over, is no source: blocks would be left behind. */
function follow({ epoch, seq, chain }: LogCursor, entries: readonly LogEntry[], end: LogCursor): LogCursor {
  let bytes = fromHex(chain) ?? new Uint8Array()
  let at = seq
  for (const entry of entries) {
    const digest = digestOf(entry.id)
    if (entry.seq !== at + 1 || !digest) throw gapAfter(at)
    bytes = nextChain(bytes, digest)
    at = entry.seq
  }
  if (entries.length === 0 && at < end.seq) throw gapAfter(at)
  return { epoch, seq: at, chain: toHex(bytes) }
}

function gapAfter(seq: number): CosmicError {
  const hint = `entries after ${seq} are damaged: repair the source, then copy from its beginning`
  return new CosmicError({ code: 'storage', field: 'source.log', hint })
}
