import { abortSignal, CosmicError, func, offset, record, throwIfAborted, unwrap, type Failure } from '../base/index'
import {
  cidOf,
  exportCar,
  importCar,
  openEnvelope,
  type Block,
  type ByteSource,
  type CarProgress,
} from '../block/index'
import type { BlockStore, LogCursor } from '../store/index'
import type { Verdict } from '../validate/index'
import { readFilter } from './check-options'
import type { Intake } from './intake'
import { Batch, Feed } from './feed'
import { followLog, readLogCursor } from './follow-log'
import { failureOf, isRefused } from './refusal'
import { matches, type BlockFilter } from './subscription'

export interface ExportOptions {
  /** Only these blocks; default: all that are stored, admitted or not. */
  readonly where?: BlockFilter
  /**
   * Goes on where an earlier export of the same store came to, without a header: append it to the bytes up to that place.
   * Refused as `stale-cursor` by any other log.
   */
  readonly after?: LogCursor
  /** Called when all chunks up to a place were taken, every 256 entries of the log and at the end. */
  readonly onProgress?: (progress: ExportProgress) => void
  /** Fires between two blocks: the iteration rejects with `aborted`. */
  readonly signal?: AbortSignal
}

/** A place in the log and in the archive, where an interrupted export goes on, and a finished one with what has come since. */
export interface ExportProgress {
  /** Blocks written by this export. */
  readonly blocks: number
  /** Bytes written by this export, its header included. */
  readonly offset: number
  /** Entries of the log whose blocks the store could not give: damaged, or erased meanwhile. Mended ones come again in the log. */
  readonly missing: number
  /** What is held and came before this is written; erasing moves no place. */
  readonly cursor: LogCursor
}

export interface ImportOptions {
  /** The source begins at this byte of the archive (default 0). */
  readonly offset?: number
  /** Called after each batch, once it is durable; `offset` is where an interrupted import goes on. */
  readonly onProgress?: (progress: CarProgress) => void
  /** Fires between two batches: what was stored stays. */
  readonly signal?: AbortSignal
}

/** Why a section or a block was refused: a section has an `offset`, a block its `id`. */
export interface ImportRefusal extends Failure {
  readonly id?: string
}

/** What became of the sections and blocks of an archive. */
export interface ImportReport {
  /** Valid blocks, which are stored here now, admitted or not, those known before included. */
  readonly stored: number
  /** Blocks dated a little ahead, which wait for their time. */
  readonly deferred: number
  /** Sections that make no block, and blocks that are invalid or dated too far ahead. */
  readonly refused: number
  /** Why, for the first hundred that were refused. */
  readonly refusals: readonly ImportRefusal[]
}

const MAX_REFUSALS = 100

const readExportOptions = record<ExportOptions>({
  where: readFilter,
  after: readLogCursor,
  onProgress: func,
  signal: abortSignal,
})
const readImportOptions = record<ImportOptions>({ offset, onProgress: func, signal: abortSignal })

/** In the order of arrival. Places are those of the log: bytes would move with whatever is erased meanwhile. */
export async function* exportArchive(
  store: BlockStore,
  given: ExportOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { where = {}, after, onProgress, signal } = readExportOptions(given, '')
  throwIfAborted(signal)
  let [blocks, offset, missing, isHeader] = [0, 0, 0, true]
  const arrived = arrivals(store, where, after, (cursor, left) => {
    missing += left
    onProgress?.({ blocks, offset, missing, cursor })
  })
  for await (const chunk of exportCar(arrived, signal ? { signal } : {})) {
    if (!(isHeader && after)) yield chunk
    // The archive's writer asks for the next block once this one was taken.
    offset += isHeader && after ? 0 : chunk.length
    blocks += isHeader ? 0 : 1
    isHeader = false
  }
}

async function* arrivals(
  store: BlockStore,
  where: BlockFilter,
  after: LogCursor | undefined,
  onPlace: (cursor: LogCursor, missing: number) => void,
): AsyncGenerator<Block> {
  for await (const { entries, cursor } of followLog(store, after, 'log')) {
    const asked = entries.filter(({ state }) => state === 'held' || state === 'lost').map(({ id }) => id)
    let missing = 0
    for (const stored of await store.getMany(asked)) {
      if (!stored) missing++
      else if (matches(stored.block, where)) yield stored.block
    }
    onPlace(cursor, missing)
  }
}

/** Every block goes through the funnel, a batch at a time. A fault of the archive itself rejects, after what was whole is stored. */
export async function importArchive(intake: Intake, source: ByteSource, given: ImportOptions): Promise<ImportReport> {
  const { onProgress, ...options } = readImportOptions(given, '')
  const tally = new Tally()
  const feed = new Feed(intake, options.signal)
  let reached: CarProgress = { blocks: 0, offset: options.offset ?? 0 }
  let batch = new Batch()
  const flush = async () => {
    const [{ envelopes }, at] = [batch, reached]
    const added = feed.add(batch, verdicts => {
      tally.judge(verdicts, i => idOf(envelopes[i]!))
      onProgress?.(at)
    })
    batch = new Batch()
    await added
    throwIfAborted(options.signal)
  }
  try {
    for await (const read of importCar(source, { ...options, onProgress: progress => (reached = progress) })) {
      if (read.ok) {
        if (batch.add(read.value)) await flush()
      } else if (read.error.field !== 'archive') tally.refuse(read.error)
      else {
        await flush()
        await feed.end()
        throw new CosmicError(read.error)
      }
    }
    await flush()
    await feed.end()
  } finally {
    await feed.settled()
  }
  return tally.report()
}

/** Of an envelope that the archive's reader put together. */
function idOf(envelope: Uint8Array): string {
  return cidOf(unwrap(openEnvelope(envelope)).payload)
}

/** Counts what became of blocks and of sections that are none. */
export class Tally {
  #stored = 0
  #deferred = 0
  #refused = 0
  readonly #refusals: ImportRefusal[] = []

  judge(verdicts: readonly Verdict[], idOf: (i: number) => string): void {
    for (const [i, verdict] of verdicts.entries()) {
      if (isRefused(verdict)) this.refuse({ ...failureOf(verdict), id: idOf(i) })
      else if (verdict.status === 'valid') this.#stored++
      else this.#deferred++
    }
  }

  refuse(failure: ImportRefusal): void {
    this.#refused++
    if (this.#refusals.length < MAX_REFUSALS) this.#refusals.push(failure)
  }

  report(): ImportReport {
    return { stored: this.#stored, deferred: this.#deferred, refused: this.#refused, refusals: this.#refusals }
  }
}
