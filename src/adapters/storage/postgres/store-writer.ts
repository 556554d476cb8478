import { throwIfAborted, toHex } from '../../../base/index'
import { GroupCommit } from '../../../store/for-adapters'
import {
  type CursorNotice,
  digestOf,
  type ErasedBlock,
  leavesStub,
  type LogCursor,
  type PutBlock,
  type PutOutcome,
  type Rejudgement,
  type StoreChange,
  type StoreProgress,
  type WaitOptions,
  type EraseReason,
} from '../../../store/index'
import { type ChangeFeed, placeOf } from './change-feed'
import type { Transaction } from './database'
import { eraseRows } from './erase-rows'
import { type Head, readHead, renewEpoch, writeHead } from './head'
import { dropBelow, hasPlace } from './lists'
import { quarantineRows } from './quarantine-rows'
import { repairTables, type Write } from './repair-tables'
import type { StoreParts } from './store-parts'
import type { Tables } from './tables'
import { writeJudgements } from './write-judgements'
import { writePut } from './write-put'

/** What a write answers, and what it changed; `changed` where nobody is told. */
interface Written<T> {
  readonly answer: T
  readonly change: Partial<StoreChange>
  readonly changed?: boolean
}

type Body<T> = (transaction: Transaction, head: Head) => Promise<Written<T>>

/**
 * Invariants: (1) a writer locks the row of `store` from before its first read to its commit, so that seq and changes are
 * numbered in the order of commits, without a gap; (2) what one call changes is one transaction; (3) writes of this process
 * and the reading of others' take turns, writes in the order of their calls, so that changes are told in the order of commits.
 */
export class StoreWriter {
  readonly #parts: StoreParts
  readonly #feed: ChangeFeed
  readonly #onAdded: (blocks: number) => void
  readonly #commits = new GroupCommit(
    write => this.#inTurn(write),
    blocks => this.#put(blocks),
  )
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: StoreParts, feed: ChangeFeed, onAdded: (blocks: number) => void) {
    this.#parts = parts
    this.#feed = feed
    this.#onAdded = onAdded
  }

  async put(blocks: readonly PutBlock[], { signal }: WaitOptions = {}): Promise<readonly PutOutcome[]> {
    throwIfAborted(signal)
    return this.#commits.add(blocks)
  }

  #put(blocks: readonly PutBlock[]): Promise<readonly PutOutcome[]> {
    return this.#committed(async (transaction, head) => {
      const { outcomes, ...change } = await writePut(transaction, this.#parts.tables, head, blocks, this.#parts)
      return { answer: outcomes, change }
    })
  }

  async judge(judgements: readonly Rejudgement[]): Promise<readonly string[]> {
    if (judgements.length === 0) return []
    const { tables, vectors } = this.#parts
    return this.#write(async (transaction, head) => {
      const judged = await writeJudgements(transaction, tables, head, judgements, vectors)
      return { answer: judged.map(({ block }) => block.id), change: { judged } }
    })
  }

  async erase(ids: readonly string[], reason: EraseReason): Promise<readonly string[]> {
    const digests = [...new Set(ids)].map(digestOf).filter(digest => digest !== undefined)
    const { tables, vectors } = this.#parts
    const erased = await this.#erase((transaction, head) =>
      eraseRows(transaction, tables, head, { reason, digests, leaveStubs: leavesStub(reason) }, vectors),
    )
    return erased.map(({ id }) => id)
  }

  async dropBelow(floor: number, limit: number, only?: 'stubs'): Promise<number> {
    const { tables, vectors } = this.#parts
    const erased = await this.#erase((transaction, head) =>
      dropBelow(transaction, tables, head, { floor, limit, only }, vectors),
    )
    return erased.length
  }

  #erase(body: (transaction: Transaction, head: Head) => Promise<readonly ErasedBlock[]>) {
    return this.#write(async (transaction, head) => {
      const erased = await body(transaction, head)
      return { answer: erased, change: { erased } }
    })
  }

  async raiseFloor(time: number): Promise<void> {
    await this.#write(async (_, head) => {
      const changed = time > head.floor
      if (changed) head.floor = Math.ceil(time)
      return { answer: undefined, change: {}, changed }
    })
  }

  /** A new epoch, unless `cursor` gives no reason for one. Answers what is so now. */
  renewEpoch(cursor?: LogCursor): Promise<{ readonly notice: CursorNotice; readonly head: Head }> {
    return this.#write(async (transaction, head) => {
      const notice = cursor ? await noticeOf(transaction, this.#parts.tables, head, cursor) : 'renewed'
      if (notice === 'renewed') renewEpoch(head)
      return { answer: { notice, head }, change: {}, changed: notice === 'renewed' }
    })
  }

  /** Sets those of these aside whose records are damaged. */
  async quarantine(ids: readonly string[]): Promise<void> {
    const digests = ids.map(id => digestOf(id)!)
    const { tables, vectors } = this.#parts
    await this.#write(async (transaction, head) => {
      const lost = await quarantineRows(transaction, tables, head, digests, vectors)
      return { answer: undefined, change: lost.length > 0 ? { lost } : {}, changed: lost.length > 0 }
    })
  }

  /** Everything that is not a record, made anew from the records, in slices. */
  repair(signal: AbortSignal): AsyncGenerator<StoreProgress> {
    const { db, tables, vectors } = this.#parts
    const write: Write = body =>
      this.#write(async (transaction, head) => {
        const slice = await body(transaction, head)
        return { answer: slice, change: slice.change ?? {}, changed: true }
      })
    return repairTables({ db, tables, vectors, write }, signal)
  }

  /** Tells what others changed since. */
  catchUp(): Promise<void> {
    return this.#inTurn(() => this.#feed.catchUp())
  }

  /** Resolves when no write is under way. */
  async idle(): Promise<void> {
    await this.#turn
  }

  /** In the order of the calls: puts asked for before are written before. */
  #write<T>(body: Body<T>): Promise<T> {
    this.#commits.end()
    return this.#inTurn(() => this.#committed(body))
  }

  /** One transaction under the lock; tells what it changed once it is committed. */
  async #committed<T>(body: Body<T>): Promise<T> {
    const { db, tables, notice } = this.#parts
    const { before, after, answer, change } = await db.transaction(async transaction => {
      const head = await readHead(transaction, tables, { lock: true })
      const before = placeOf(head)
      const { answer, change, changed = (change.added?.length ?? 0) > 0 } = await body(transaction, head)
      const after = placeOf(head)
      const moved = after.seq > before.seq || after.change > before.change
      if (changed || moved) await writeHead(transaction, tables, head, notice)
      return { before, after, answer, change }
    })
    this.#onAdded(change.added?.length ?? 0)
    await this.#feed.announce(before, after, { added: [], judged: [], erased: [], ...change })
    return answer
  }

  #inTurn<T>(body: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(body)
    this.#turn = done.catch(() => undefined)
    return done
  }
}

async function noticeOf(
  transaction: Transaction,
  tables: Tables,
  { epoch }: Head,
  cursor: LogCursor,
): Promise<CursorNotice> {
  if (cursor.epoch !== toHex(epoch)) return 'stale'
  return (await hasPlace(transaction, tables, cursor)) ? 'known' : 'renewed'
}
