import { abortSignal, CosmicError, func, record, throwIfAborted } from '../base/index'
import type { BlockStore, LogCursor, LogEntry } from '../store/index'
import { Tally, type ImportReport } from './archive'
import { Batch, Feed } from './feed'
import { followLog, readLogCursor } from './follow-log'
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
  after: readLogCursor,
  onProgress: func,
  signal: abortSignal,
})

/** Blocks read from a source at once: 8 MiB at most. */
const READ_AT_ONCE = 32

/**
 * Everything that the source held when the copy began, in the order of its log, a batch at a time through the funnel.
 */
export async function copyFrom(intake: Intake, source: BlockStore, options: CopyOptions): Promise<CopyReport> {
  const { after, onProgress, signal } = readCopyOptions(options, '')
  throwIfAborted(signal)
  if (!isStore(source)) {
    throw new CosmicError({ code: 'bad-type', field: 'source', hint: 'a BlockStore, such as openBlockStore answers' })
  }
  const tally = new Tally()
  const feed = new Feed(intake, signal)
  let cursor!: LogCursor
  let [blocks, missing] = [0, 0]
  try {
    for await (const { entries, cursor: reached } of followLog(source, after, 'source.log')) {
      cursor = reached
      for await (const part of partsOf(source, entries)) {
        missing += part.missing
        await feed.add(part.batch, verdicts => {
          tally.judge(verdicts, i => part.ids[i]!)
          blocks += part.ids.length
          if (part.isLast) onProgress?.({ blocks, cursor: reached })
        })
        throwIfAborted(signal)
      }
    }
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

const isStore = (source: Partial<BlockStore> | null) => Boolean(source?.position && source.log && source.getMany)
