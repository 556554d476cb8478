import { mapList } from '../base/index'
import type { StoredBlock } from './block-store'
import { encodeIdEntry, type IdEntry } from './id-entry'
import type { BatchOperation, KeyValueStorage } from './key-value-storage'
import { dictionaryKey, idKey, logRunKey, recordKey, stateKey } from './layout'
import { nextChain } from './chain'
import { type Arrival, LogRun, type Mark, RUN_ENTRIES, runOf } from './log-run'
import { type Edit, entryOf } from './postings'
import type { PostingsWriter } from './postings-writer'
import { encodeRecord } from './record'
import { encodeState, type StoreState } from './store-state'
import { decodeRow, encodeRow, type TermRow } from './term-row'
import { COUNTED, EVERY_BLOCK, EVERY_STUB } from './terms'

/** A block and where it stands. */
export interface Placed extends StoredBlock {
  readonly digest: Uint8Array
  readonly seq: number
  /** Those of `termsOf`. */
  readonly terms: readonly string[]
}

interface Line {
  readonly key: Uint8Array
  readonly row: TermRow
  readonly isNew: boolean
}

/**
 * One batch in the making: what it writes, and the numbers as they will be. The caller lets no other writer in between.
 *
 * Invariants: (1) a block's record, id, postings, counts and log entry change together; (2) `state` is what the storage
 * will say; (3) a term's row is there exactly while a block has the term, or waits under it.
 */
export class Draft {
  readonly state: StoreState
  readonly operations: BatchOperation[] = []
  readonly #storage: KeyValueStorage
  readonly #firstNew: number
  readonly #rows = new Map<string, Line>()
  readonly #edits = new Map<number, Edit[]>()
  readonly #arrivals: Arrival[] = []
  /** Before each arrival. */
  readonly #chains: Uint8Array[] = []
  readonly #marks = new Map<number, Mark>()
  /** The end of the log before this batch. */
  readonly #logged: number

  constructor(storage: KeyValueStorage, state: StoreState) {
    this.#storage = storage
    this.state = state
    this.#firstNew = state.nextTerm
    this.#logged = state.seq
  }

  /** Reads what the dictionary says of these terms; before any of them is counted. */
  async load(terms: Iterable<string>): Promise<void> {
    const missing = [...new Set(terms)].filter(term => !this.#rows.has(term))
    const keys = mapList(missing, dictionaryKey)
    const values = await this.#storage.getMany(keys)
    for (const [i, term] of missing.entries()) {
      const [key, value] = [keys[i]!, values[i]]
      const row = value
        ? decodeRow(key, value)
        : { number: this.state.nextTerm++, blocks: 0, admitted: 0, bytes: 0, waiting: 0 }
      this.#rows.set(term, { key, row, isNew: value === undefined })
    }
  }

  /** A loaded term's row. */
  row(term: string): TermRow {
    return this.#rows.get(term)!.row
  }

  /** Nothing is written. */
  get isEmpty(): boolean {
    return this.operations.length === 0 && this.#marks.size === 0
  }

  /** The next place of the log. */
  log(arrival: Arrival): number {
    this.#arrivals.push(arrival)
    this.#chains.push(this.state.chain)
    this.state.chain = nextChain(this.state.chain, arrival.digest)
    return ++this.state.seq
  }

  /** What becomes of the log entry at a place of an earlier batch. */
  mark(seq: number, mark: Mark): void {
    this.#marks.set(seq, mark)
  }

  /** Nothing stands any more at a place of an earlier batch. */
  vacate(seq: number): void {
    this.operations.push({ type: 'delete', key: recordKey(seq) })
    this.mark(seq, { state: 'erased' })
  }

  id(digest: Uint8Array, entry: IdEntry): void {
    this.#put(idKey(digest), encodeIdEntry(digest, entry))
  }

  /** A place whose block is not to be had any more. */
  lose(digest: Uint8Array, time: number): void {
    const seq = this.log({ digest, time, expires: 0, state: 'lost' })
    this.id(digest, { seq, state: 'lost', admitted: false, waiting: false })
  }

  /** Writes a block's record, index entries and counts. Its terms are loaded. */
  add(placed: Placed): void {
    this.#put(recordKey(placed.seq), encodeRecord(placed, placed.digest))
    this.index(placed)
  }

  /** The same where the record is written already. */
  index(placed: Placed): void {
    this.#count(placed, 1)
    this.#post(placed, true)
  }

  /** Takes all of that out again. */
  remove(placed: Placed): void {
    this.operations.push({ type: 'delete', key: recordKey(placed.seq) })
    this.#count(placed, -1)
    this.#post(placed, false)
  }

  /** Writes a block under its new judgement; `before` is whether it was admitted. */
  rejudge(placed: Placed, before: boolean): void {
    const key = recordKey(placed.seq)
    this.operations.push({ type: 'delete', key })
    this.#put(key, encodeRecord(placed, placed.digest))
    if (before === placed.admitted) return
    const growth = placed.admitted ? 1 : -1
    this.state.admitted = grown(this.state.admitted, growth)
    for (const term of placed.terms) this.row(term).admitted = grown(this.row(term).admitted, growth)
    this.#post(placed, true)
  }

  stub(seq: number, time: number, digest: Uint8Array, record: Uint8Array | undefined): void {
    this.state.pruned = grown(this.state.pruned, record ? 1 : -1)
    this.#edit(EVERY_STUB, { entry: entryOf(time, digest, seq, false), add: record !== undefined })
    if (record) this.#put(recordKey(seq), record)
    else this.operations.push({ type: 'delete', key: recordKey(seq) })
  }

  /** A retraction begins to wait, or waits no more. Its author's term is loaded. */
  wait(author: string, growth: 1 | -1): void {
    this.state.waiting = grown(this.state.waiting, growth)
    const row = this.row(COUNTED.author + author)
    row.waiting = grown(row.waiting, growth)
  }

  /** Everything as one batch, and what to call once it was stored. */
  async finish(postings: PostingsWriter): Promise<{ operations: readonly BatchOperation[]; done: () => void }> {
    const runs = await postings.write(this.#edits, term => term >= this.#firstNew)
    for (const { key, row, isNew } of this.#rows.values()) {
      const isThere = row.blocks > 0 || row.waiting > 0
      if (isThere) this.#put(key, encodeRow(key, row))
      else if (!isNew) this.operations.push({ type: 'delete', key })
      if (this.state.terms !== undefined) this.state.terms += Number(isThere) - Number(!isNew)
    }
    const log = await this.#logOperations()
    this.#put(stateKey(), encodeState(this.state))
    return { operations: [...this.operations, ...runs.operations, ...log], done: runs.done }
  }

  #put(key: Uint8Array, value: Uint8Array): void {
    this.operations.push({ type: 'put', key, value })
  }

  #count({ block, admitted, terms }: Placed, by: 1 | -1): void {
    const count = (counts: StoreState | TermRow) => {
      counts.blocks = grown(counts.blocks, by)
      counts.bytes = grown(counts.bytes, by * block.bytes.length)
      if (admitted) counts.admitted = grown(counts.admitted, by)
    }
    count(this.state)
    for (const term of terms) count(this.row(term))
  }

  #post({ block, digest, seq, admitted, terms }: Placed, add: boolean): void {
    const edit = { entry: entryOf(block.time, digest, seq, admitted), add }
    this.#edit(EVERY_BLOCK, edit)
    for (const term of terms) this.#edit(this.row(term).number, edit)
  }

  #edit(term: number, edit: Edit): void {
    const edits = this.#edits.get(term)
    if (edits) edits.push(edit)
    else this.#edits.set(term, [edit])
  }

  async #logOperations(): Promise<BatchOperation[]> {
    const first = runOf(this.#logged + 1)
    const touched = new Set([...this.#marks.keys()].map(runOf))
    if (this.#arrivals.length > 0 && this.#logged % RUN_ENTRIES !== 0) touched.add(first)
    const numbers = [...touched]
    const values = await this.#storage.getMany(numbers.map(logRunKey))
    const runs = new Map(numbers.map((run, i) => [run, LogRun.read(run, values[i] ?? new Uint8Array(0))]))
    this.#append(runs, first)
    for (const [seq, mark] of this.#marks) runs.set(runOf(seq), runs.get(runOf(seq))!.mark(seq, mark))
    return [...runs.values()].map(run => ({ type: 'put', key: logRunKey(run.run), value: run.encode() }))
  }

  #append(runs: Map<number, LogRun>, first: number): void {
    let next = 0
    for (let number = first; next < this.#arrivals.length; number++) {
      const before = runs.get(number) ?? LogRun.empty(number, this.#chains[next]!)
      const run = before.append(this.#arrivals.slice(next))
      next += run.length - before.length
      runs.set(number, run)
    }
  }
}

const grown = (count: number, by: number) => Math.max(0, count + by)
