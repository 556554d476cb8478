import { crc32 } from '#platform'
import { attempt, equal } from '../base/index'
import type { StoreProgress, WaitOptions } from './block-store'
import { placedOf } from './holdings'
import type { KeyValueStorage } from './key-value-storage'
import { dictionaryKey, spaceRange } from './layout'
import { nextChain } from './chain'
import { decodeRun, ENTRY_BYTES, entryOf, readPosting } from './postings'
import type { PlaceFound } from './judge-place'
import { fieldsOf } from './repair-store'
import { scanPlaces } from './scan-places'
import { emptyState, readState, type StoreState } from './store-state'
import { decodeRow, type TermRow } from './term-row'
import { COUNTED, EVERY_BLOCK, EVERY_STUB } from './terms'
import { readUint32 } from './uint48'
import { Withdrawals } from './withdrawals'

const HINT = 'repair the store'

/** Counts and entries of a term: entries as the sum of their own sums, in which their order does not count. */
interface Tally extends Omit<TermRow, 'number'> {
  entries: number
}

type Rows = Map<number, { readonly term: string; readonly row?: TermRow }>

const emptyTally = (): Tally => ({ blocks: 0, admitted: 0, bytes: 0, waiting: 0, entries: 0 })

/**
 * Compares ids, log, postings, counts and state with what the records say, and tells each difference: what is written meanwhile may
 * look like one. Rejects `storage` when the storage itself fails.
 */
export async function* checkStore(
  storage: KeyValueStorage,
  { signal }: WaitOptions = {},
): AsyncGenerator<StoreProgress> {
  const expected = new Expected()
  const total = (await stateOr(storage)).seq
  const bad = new Set<string>()
  const withdrawn = new Withdrawals(storage)
  let done = 0
  for await (const run of scanPlaces(storage, signal)) {
    for (const place of run.places) {
      done = place.seq
      expected.add(place)
      withdrawn.note(place)
    }
    for (const field of [...fieldsOf(run), ...(await withdrawn.findings())])
      yield { stage: 'records', done, total, finding: { field, hint: HINT } }
    yield { stage: 'records', done, total }
  }
  for (const field of await withdrawn.findings(true))
    yield { stage: 'records', done, total, finding: { field, hint: HINT } }
  const rows = await readRows(storage)
  const indexed = await hasPostings(storage, rows, expected)
  if (!expected.hasTerms(rows)) bad.add('terms')
  for (const field of bad) yield { stage: 'counts', done: total, total, finding: { field, hint: HINT } }
  if (!indexed) yield { stage: 'indexes', done: total, total, finding: { field: 'indexes', hint: HINT } }
  if (!expected.isState(await stateOr(storage))) {
    yield { stage: 'counts', done: total, total, finding: { field: 'totals', hint: HINT } }
  }
  yield { stage: 'counts', done: total, total }
}

async function stateOr(storage: KeyValueStorage): Promise<StoreState> {
  try {
    return await readState(storage)
  } catch {
    return emptyState(new Uint8Array(16))
  }
}

/** What the dictionary says, by number; `undefined` where it cannot be read. */
async function readRows(storage: KeyValueStorage): Promise<Rows> {
  const rows: Rows = new Map([
    [EVERY_BLOCK, { term: '' }],
    [EVERY_STUB, { term: ' ' }],
  ])
  for await (const [key, value] of storage.range(spaceRange('dictionary'))) {
    const term = new TextDecoder().decode(key.subarray(dictionaryKey('').length))
    const row = attempt(() => decodeRow(key, value))
    // Of a number that no term has.
    rows.set(row.ok ? row.value.number : -rows.size, { term, ...(row.ok && { row: row.value }) })
  }
  return rows
}

/** Whether the postings are those expected, in order, each of a known term. Those of lost blocks are counted apart. */
async function hasPostings(storage: KeyValueStorage, rows: Rows, expected: Expected): Promise<boolean> {
  const found = new Map<number, number>()
  for await (const [key, value] of storage.range(spaceRange('postings'))) {
    const run = attempt(() => decodeRun(key, value))
    if (!run.ok) return false
    const term = readUint32(key, 1)
    let sum = found.get(term) ?? 0
    for (let at = 0; at < run.value.length; at += ENTRY_BYTES) {
      if (expected.isLost(rows.get(term)?.term, run.value, at)) continue
      sum = (sum + sumOf(run.value.subarray(at, at + ENTRY_BYTES))) % 2 ** 48
    }
    found.set(term, sum)
  }
  for (const [number, { term }] of rows) if ((found.get(number) ?? 0) !== expected.of(term).entries) return false
  return [...found.keys()].every(term => rows.has(term))
}

const sumOf = (entry: Uint8Array) => crc32(entry) + 1

/** What all should be, by the records. */
class Expected {
  readonly #tallies = new Map<string, Tally>()
  /** Places of blocks that were set aside, while indexes and counts still have them. */
  readonly #lost = new Set<number>()
  /** What their postings say, by term; nothing else is known of them. */
  readonly #strays = new Map<string, { blocks: number; admitted: number }>()
  #chain: Uint8Array = new Uint8Array(16)
  #seq = 0
  #pruned = 0

  add({ seq, arrival, entry, stored, stub }: PlaceFound): void {
    const { digest, time } = arrival
    this.#chain = nextChain(this.#chain, digest)
    this.#seq = seq
    if (stub) {
      this.#pruned++
      this.#enter(' ', entryOf(time, digest, seq, false))
    }
    if (entry?.state === 'lost' && entry.counted) this.#lost.add(seq)
    if (!stored) return
    const { terms, admitted, block } = placedOf(stored, digest, seq)
    const posting = entryOf(time, digest, seq, admitted)
    for (const term of ['', ...terms]) {
      const tally = this.#enter(term, posting)
      tally.blocks++
      tally.bytes += block.bytes.length
      if (admitted) tally.admitted++
    }
    if (!entry?.waiting) return
    this.of('').waiting++
    this.of(COUNTED.author + block.author).waiting++
  }

  #enter(term: string, posting: Uint8Array): Tally {
    const tally = this.of(term)
    this.#tallies.set(term, tally)
    tally.entries = (tally.entries + sumOf(posting)) % 2 ** 48
    return tally
  }

  of(term: string): Tally {
    return this.#tallies.get(term) ?? emptyTally()
  }

  /** Whether a posting is of a lost block; then it is counted as that. */
  isLost(term: string | undefined, entries: Uint8Array, at: number): boolean {
    if (term === undefined || this.#lost.size === 0 || !this.#lost.has(readPosting(entries, at).seq)) return false
    const strays = this.#strays.get(term) ?? { blocks: 0, admitted: 0 }
    strays.blocks++
    strays.admitted += entries[at + ENTRY_BYTES - 1]! & 1
    this.#strays.set(term, strays)
    return true
  }

  /** Whether the dictionary has the terms that it should, each with its counts. */
  hasTerms(rows: Rows): boolean {
    const named = new Map([...rows.values()].map(({ term, row }) => [term, row]))
    const known = [...this.#tallies.keys()].every(term => named.has(term))
    const isTrue = ([term, row]: [string, TermRow | undefined]) =>
      row !== undefined && (this.#tallies.has(term) || this.#strays.has(term)) && this.#agrees(term, row)
    return known && [...named].filter(([term]) => term.trim() !== '').every(isTrue)
  }

  #agrees(term: string, row: Omit<TermRow, 'number'>): boolean {
    const { blocks, admitted, bytes, waiting } = this.of(term)
    const strays = this.#strays.get(term)
    if (!strays) {
      return row.blocks === blocks && row.admitted === admitted && row.bytes === bytes && row.waiting === waiting
    }
    const counted = row.blocks === blocks + strays.blocks && row.admitted === admitted + strays.admitted
    return counted && row.bytes >= bytes && row.waiting >= waiting
  }

  isState(state: StoreState): boolean {
    const { seq, chain, pruned } = state
    return this.#agrees('', state) && pruned === this.#pruned && seq === this.#seq && equal(chain, this.#chain)
  }
}
