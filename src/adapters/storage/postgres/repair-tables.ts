import { CosmicError, equal, throwIfAborted } from '../../../base/index'
import { CHAIN_BYTES, type StoreChange, type StoreProgress } from '../../../store/index'
import { dropForeignVectors, mendSpaces } from './mend-vectors'
import type { Transaction } from './database'
import { type Head, renewEpoch } from './head'
import { mendBlocks } from './mend-blocks'
import { countErrors, mendTerms, mendTotals } from './mend-counts'
import { insertStubLines, mendLines, type LogEnd } from './mend-log'
import { BEFORE_ALL, dropForeignPostings, type PostingPlace } from './mend-postings'
import { dropDoubledStubs, mendWithdrawals } from './mend-withdrawals'
import type { StoreParts } from './store-parts'

/** What a slice found damaged, and made good. */
export interface Slice<T> {
  readonly answer: T
  readonly findings?: readonly string[]
  readonly change?: Partial<StoreChange>
}

/** One slice: a transaction under the lock of `head`, which is written back. */
export type Write = <T>(body: (transaction: Transaction, head: Head) => Promise<Slice<T>>) => Promise<Slice<T>>

export interface RepairParts extends Pick<StoreParts, 'db' | 'tables' | 'vectors'> {
  readonly write: Write
}

/** Where a walk over a table is; `undefined` once it is over. */
type Walk<P> = (transaction: Transaction, head: Head, place: P) => Promise<Slice<P | undefined>>

/** How often counts are compared anew because another repair came between. */
const ATTEMPTS = 5
/** Rows of terms that are corrected in one slice. */
const TERMS = 1_000

/**
 * Makes columns, terms, postings, counts, vectors, retractions and log anew from the records, in slices between which others read and write, and
 * begins a new epoch. What a slice made good stays so wherever the repair is stopped; nothing is ever short of what it was.
 *
 * Invariant: writers change counts and the chain by differences. So an error of theirs stays what it is, and is taken off later.
 */
export async function* repairTables(parts: RepairParts, signal?: AbortSignal): AsyncGenerator<StoreProgress> {
  const { tables, vectors, write } = parts
  const total = await begin(parts)
  const told = new Set<string>()
  const progress = function* (stage: StoreProgress['stage'], done: number, findings: readonly string[] = []) {
    for (const field of findings.filter(each => !told.has(each))) {
      told.add(field)
      yield { stage, done, total, finding: { field, hint: 'made anew, or set aside' } } as const
    }
    yield { stage, done, total } as const
  }
  const walk = async function* <P>(
    stage: StoreProgress['stage'],
    start: P,
    step: Walk<P>,
    doneOf: (place: P) => number,
  ) {
    for (let place: P | undefined = start; place !== undefined;) {
      throwIfAborted(signal)
      const at: P = place
      const { answer, findings } = await write((transaction, head) => step(transaction, head, at))
      yield* progress(stage, answer === undefined ? total : doneOf(answer), findings)
      place = answer
    }
  }
  const [all, end] = [() => total, ({ seq }: LogEnd) => seq]
  const blocks: Walk<number> = (transaction, head, at) => mendBlocks(transaction, tables, head, vectors, at)
  const postings: Walk<PostingPlace> = (transaction, _, at) => dropForeignPostings(transaction, tables, at)
  const stubs: Walk<0> = (transaction, head) => dropDoubledStubs(transaction, tables, head)
  const withdrawals: Walk<number> = (transaction, head, at) => mendWithdrawals(transaction, tables, head, vectors, at)
  const foreign: Walk<0> = (transaction, head) => dropForeignVectors(transaction, tables, head, vectors)
  const stubLines: Walk<0> = transaction => insertStubLines(transaction, tables)
  const lines: Walk<LogEnd> = (transaction, head, at) => mendLines(transaction, tables, head, at)
  yield* progress('counts', 0, await mendCounts(parts, signal))
  yield* walk('records', 0, blocks, Number)
  yield* walk('indexes', BEFORE_ALL, postings, all)
  yield* walk('indexes', 0, foreign, all)
  yield* walk('records', 0, stubs, all)
  yield* walk('records', 0, withdrawals, Number)
  yield* walk('log', 0, stubLines, all)
  yield* walk('log', { seq: 0, chain: new Uint8Array(CHAIN_BYTES) }, lines, end)
  yield* progress('counts', total, await mendCounts(parts, signal))
}

/** The end of the log is not before what lies there. Answers it. */
async function begin({ tables, write }: RepairParts): Promise<number> {
  const { answer } = await write(async (transaction, head) => {
    const { block, log, stub, change } = tables
    const ends = [log, block, stub].map(table => `coalesce((SELECT max(seq) FROM ${table}), 0)`)
    const [row] = await transaction.query(
      `SELECT greatest(${ends.join(', ')}) AS seq, coalesce((SELECT max(no) FROM ${change}), 0) AS change`,
    )
    head.seq = Number(row!.seq)
    head.change = Math.max(head.change, Number(row!.change))
    return { answer: head.seq }
  })
  return answer
}

/** Compares counts with one state of everything, and takes the errors off, under a new epoch; answers which there were. */
async function mendCounts({ db, tables, write }: RepairParts, signal?: AbortSignal): Promise<string[]> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { answer: epoch } = await write(async (_, head) => {
      renewEpoch(head)
      return { answer: head.epoch }
    })
    const errors = await db.read(transaction => countErrors(transaction, tables), { signal })
    const isOwn = (head: Head) => equal(head.epoch, epoch)
    let isDone = true
    for (let from = 0; isDone && from < errors.terms.length; from += TERMS) {
      throwIfAborted(signal)
      const slice = errors.terms.slice(from, from + TERMS)
      const { answer } = await write(async (transaction, head) => {
        if (isOwn(head)) await mendTerms(transaction, tables, head, slice)
        return { answer: isOwn(head) }
      })
      isDone = answer
    }
    const { answer } = await write(async (transaction, head) => {
      if (isDone && isOwn(head)) {
        mendTotals(head, errors.totals)
        await mendSpaces(transaction, tables, errors.spaces)
      }
      return { answer: isDone && isOwn(head) }
    })
    if (answer)
      return [
        ...(errors.terms.length > 0 ? ['terms'] : []),
        ...(errors.totals.size > 0 ? ['totals'] : []),
        ...(errors.spaces.length > 0 ? ['vectors'] : []),
      ]
  }
  throw new CosmicError({
    code: 'storage',
    field: 'totals',
    hint: 'another process repairs the same schema: let it end',
  })
}
