import { attempt, Cid, CosmicError, throwIfAborted, toHex, unlessAborted } from '../base/index'
import type { LogCursor, LogEntry, LogOptions, SyncMember, WaitOptions } from './block-store'
import { checkLog } from './check-calls'
import { checkWait } from './check-storage-call'
import type { IndexGuard } from './index-guard'
import type { KeyValueStorage } from './key-value-storage'
import { logRunKey, spaceRange } from './layout'
import { type Arrival, firstOf, LogRun, runOf } from './log-run'
import { readState, type StoreState } from './store-state'
import { readUint48 } from './uint48'

type Indexes = Pick<IndexGuard, 'byId' | 'isMended' | 'settled' | 'whole'>

/** The arrival log as others read it. */
export class ArrivalLog {
  readonly #storage: KeyValueStorage
  readonly #indexes: Indexes

  constructor(storage: KeyValueStorage, indexes: Indexes) {
    this.#storage = storage
    this.#indexes = indexes
  }

  async *entries(options: LogOptions = {}): AsyncGenerator<LogEntry> {
    checkLog(options)
    const { after = 0, limit = Infinity, signal } = options
    throwIfAborted(signal)
    await this.#indexes.whole(signal)
    if (typeof after !== 'number')
      await unlessAborted(
        this.#indexes.byId(() => this.#assertOwn(after)),
        signal,
      )
    const seq = typeof after === 'number' ? after : after.seq
    let left = limit
    if (left <= 0) return
    for await (const { seq: at, digest, time, state } of this.#arrivals(Math.max(0, Math.floor(seq)) + 1, signal)) {
      yield { seq: at, id: Cid.textOf(digest), time, state }
      if (--left <= 0) return
    }
  }

  async *members(options: WaitOptions = {}): AsyncGenerator<readonly SyncMember[]> {
    checkWait(options)
    const { signal } = options
    throwIfAborted(signal)
    for await (const run of this.#runs(0, signal)) {
      const page: SyncMember[] = []
      for (let seq = firstOf(run.run); run.has(seq); seq++) {
        const { digest, time, expires, state } = run.at(seq)
        if (state !== 'held' && state !== 'pruned') continue
        page.push({ id: Cid.textOf(digest), time, ...(expires > 0 && { expires }) })
      }
      if (page.length > 0) yield page
    }
  }

  async *#arrivals(from: number, signal: AbortSignal | undefined): AsyncGenerator<Arrival & { seq: number }> {
    for await (const run of this.#runs(runOf(from), signal)) {
      for (let seq = Math.max(from, firstOf(run.run)); run.has(seq); seq++) {
        throwIfAborted(signal)
        yield { seq, ...run.at(seq) }
      }
    }
  }

  /** A run that is damaged or missing is made anew; where it cannot be, it is passed over. */
  async *#runs(from: number, signal: AbortSignal | undefined): AsyncGenerator<LogRun> {
    const { lt } = spaceRange('log')
    const { seq } = await this.#indexes.settled(() => this.#indexes.byId(() => readState(this.#storage)), signal)
    let next = from
    for (let isWhole = false; !isWhole;) {
      isWhole = true
      for await (const [key, value] of this.#storage.range({ gte: logRunKey(next), lt, ...(signal && { signal }) })) {
        const read = attempt(() => LogRun.read(next, value))
        const isNext = readUint48(key, 1) === next
        if (isNext && read.ok) {
          next++
          yield read.value
          continue
        }
        isWhole = firstOf(next) > seq
        break
      }
      if (isWhole && firstOf(next) > seq) return
      isWhole = !(await unlessAborted(this.#indexes.isMended(damagedAt(next)), signal)) && firstOf(++next) > seq
    }
  }

  async position(): Promise<LogCursor> {
    return cursorOf(await this.#indexes.settled(() => readState(this.#storage)))
  }

  /** Whether the log has this place with this chain, whatever its epoch. Rejects with `storage` where it is damaged. */
  async has({ seq, chain }: LogCursor, state: StoreState): Promise<boolean> {
    return seq <= state.seq && chain === (await this.#chainAt(seq))
  }

  async #assertOwn(cursor: LogCursor): Promise<void> {
    const state = await readState(this.#storage)
    if (cursor.epoch === toHex(state.epoch) && (await this.has(cursor, state))) return
    const hint = 'the log was restored or is another one: compare the whole set'
    throw new CosmicError({ code: 'stale-cursor', field: 'after', hint })
  }

  async #chainAt(seq: number): Promise<string | undefined> {
    if (!Number.isSafeInteger(seq) || seq < 0) return undefined
    const run = Math.max(0, runOf(seq))
    const value = await this.#storage.get(logRunKey(run))
    if (value === undefined) return seq === 0 ? toHex(new Uint8Array(16)) : undefined
    return toHex(LogRun.read(run, value).chainAt(seq))
  }
}

function damagedAt(run: number): CosmicError {
  return new CosmicError({ code: 'storage', field: `log.${firstOf(run)}`, hint: 'repair the store' })
}

export function cursorOf({ epoch, seq, chain }: StoreState): LogCursor {
  return { epoch: toHex(epoch), seq, chain: toHex(chain) }
}
