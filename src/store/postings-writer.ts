import { concat } from '../base/index'
import type { BatchOperation, KeyValueStorage } from './key-value-storage'
import { postingsKey } from './layout'
import { applyEdits, compareEntries, cut, decodeRun, type Edit, encodeRun, ENTRY_BYTES } from './postings'

/** A run as it is stored: `start` is empty for the first run of a term, else the entry that it began with. */
interface Run {
  readonly start: Uint8Array
  readonly entries: Uint8Array
  /** It was read from the storage, or written there. */
  readonly stored: boolean
  /** The first entry of the next run; `undefined` for the last one. */
  readonly end: Uint8Array | undefined
}

/** Entry bytes of last runs that are remembered. */
const REMEMBERED_BYTES = 4 << 20

const EMPTY = new Uint8Array(0)
const START_AT = 5

/**
 * Writes entries of terms into runs.
 *
 * Invariants: (1) the runs of a term do not overlap, and the key of each but the first is at or before its first entry;
 * (2) a run is never empty and has at most `RUN_MAX` entries; (3) what is remembered is what the storage holds: it
 * changes only once the batch has.
 */
export class PostingsWriter {
  readonly #storage: KeyValueStorage
  /** The last run of a term, where most entries go. */
  readonly #last = new Map<number, Run>()
  #rememberedBytes = 0

  constructor(storage: KeyValueStorage) {
    this.#storage = storage
  }

  /** The operations of these edits, by number of term. Call `done` when their batch was stored. */
  async write(
    edits: ReadonlyMap<number, Edit[]>,
    isNew: (term: number) => boolean,
  ): Promise<{ operations: BatchOperation[]; done: () => void }> {
    const operations: BatchOperation[] = []
    const lasts: [number, Run | undefined][] = []
    for (const [term, unsorted] of edits) {
      const sorted = unsorted.sort((a, b) => compareEntries(a.entry, 0, b.entry, 0))
      for (let i = 0; i < sorted.length;) {
        const { entry } = sorted[i]!
        // Mostly there is nothing to wait for, as often as there are terms.
        const run = this.#known(term, entry, isNew(term)) ?? (await this.#find(term, entry))
        const from = i
        while (i < sorted.length && (!run.end || compareEntries(sorted[i]!.entry, 0, run.end, 0) < 0)) i++
        const last = rewrite(term, run, sorted.slice(from, i), operations)
        if (run.end === undefined) lasts.push([term, last])
      }
    }
    return { operations, done: () => lasts.forEach(([term, run]) => this.#remember(term, run)) }
  }

  /** Forgets everything: after another has written. */
  clear(): void {
    this.#last.clear()
    this.#rememberedBytes = 0
  }

  /** The run that an entry belongs into, as far as it need not be read; an earlier edit of the same batch never belongs into the same one. */
  #known(term: number, entry: Uint8Array, isNew: boolean): Run | undefined {
    if (isNew) return { start: EMPTY, entries: EMPTY, stored: false, end: undefined }
    const last = this.#last.get(term)
    return last && (last.start.length === 0 || compareEntries(last.start, 0, entry, 0) <= 0) ? last : undefined
  }

  async #find(term: number, entry: Uint8Array): Promise<Run> {
    const after = concat(postingsKey(term, entry), Uint8Array.of(0))
    const [found] = await firstOf(this.#storage, { gte: postingsKey(term), lt: after, reverse: true })
    const key = found?.[0] ?? postingsKey(term)
    const [next] = await firstOf(this.#storage, { gte: concat(key, Uint8Array.of(0)), lt: postingsKey(term + 1) })
    const entries = found ? decodeRun(key, found[1]) : EMPTY
    return { start: key.subarray(START_AT), entries, stored: found !== undefined, end: next?.[0].subarray(START_AT) }
  }

  #remember(term: number, run: Run | undefined): void {
    this.#rememberedBytes += (run?.entries.length ?? 0) - (this.#last.get(term)?.entries.length ?? 0)
    this.#last.delete(term)
    if (run) this.#last.set(term, run)
    if (this.#rememberedBytes <= REMEMBERED_BYTES) return
    for (const [oldest, { entries }] of this.#last) {
      if (this.#rememberedBytes <= REMEMBERED_BYTES) return
      this.#last.delete(oldest)
      this.#rememberedBytes -= entries.length
    }
  }
}

/** Answers the last of the runs that come of it. */
function rewrite(term: number, run: Run, edits: readonly Edit[], operations: BatchOperation[]): Run | undefined {
  const entries = applyEdits(run.entries, edits)
  const growing = run.end === undefined && isTail(run.entries, edits)
  const [first, ...more] = cut(entries, growing)
  const key = postingsKey(term, run.start)
  if (first === undefined) {
    if (run.stored) operations.push({ type: 'delete', key })
    return undefined
  }
  const write = (start: Uint8Array, part: Uint8Array): Run => {
    const at = postingsKey(term, start)
    operations.push({ type: 'put', key: at, value: encodeRun(at, part) })
    return { start, entries: part, stored: true, end: run.end }
  }
  let last = write(run.start, first)
  for (const part of more) last = write(startOf(part), part)
  return last
}

/** The key's part of a run: a bound of its first entry, which stays the same when that is judged anew. */
function startOf(entries: Uint8Array): Uint8Array {
  const start = entries.slice(0, ENTRY_BYTES)
  start[ENTRY_BYTES - 1]! &= 0xfe
  return start
}

function isTail(entries: Uint8Array, edits: readonly Edit[]): boolean {
  return entries.length === 0 || compareEntries(edits[0]!.entry, 0, entries, entries.length - ENTRY_BYTES) > 0
}

async function firstOf(storage: KeyValueStorage, range: { gte: Uint8Array; lt: Uint8Array; reverse?: boolean }) {
  const found = []
  for await (const entry of storage.range({ ...range, limit: 1 })) found.push(entry)
  return found
}
