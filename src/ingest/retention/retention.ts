import { throwIfAborted, type Clock, type Timers } from '../../base/index'
import type { BlockStore } from '../../store/index'
import type { Ingest } from '../ingest'
import { Expiries } from './expiries'
import { STEP_INTERVAL, SWEEP_DELAY, SWEEP_INTERVAL } from './intervals'
import { pinsOf } from './pinned'
import type { RetentionData } from './retention-policy'
import { nextSweep, sweep, type Swept, type SweepParts } from './sweep'
import { type CompactionProgress, Tidying } from './tidying'
import { type ClockDoubt, TrustedTime } from './trusted-time'

export interface RetentionParts {
  readonly store: BlockStore
  readonly ingest: Ingest
  readonly clock: Clock
  readonly timers: Timers
  readonly policy: RetentionData
  /** did:key of this agent. */
  readonly self: string
  readonly onFloor: (floor: number) => void
  readonly onError: (error: unknown) => void
  readonly onSweep?: (report: RetentionReport) => void
  readonly onCompaction?: (progress: CompactionProgress) => void
}

/** What a sweep removed. */
export interface RetentionReport {
  readonly expired: number
  readonly pruned: number
  readonly belowFloor: number
  /** When it ended, in milliseconds. */
  readonly time: number
  /** The clock went far ahead at once: what it says is too old, or has expired, stays for now. */
  readonly doubt?: ClockDoubt
}

/**
 * Removes in the background what a policy does not keep, and what has expired.
 *
 * Invariants: (1) one bounded step runs at a time, `STEP_INTERVAL` after the one before; (2) a sweep that fails is begun
 * anew, after twice as long each time, and finds what it had left; (3) nothing runs after `close`.
 */
export class Retention {
  readonly #parts: RetentionParts
  readonly #sweepParts: SweepParts
  readonly #expiries = new Expiries()
  readonly #time: TrustedTime
  readonly #tidying: Tidying | undefined
  #steps: AsyncGenerator<Swept> | undefined
  #counts = { expired: 0, pruned: 0, belowFloor: 0 }
  #last: RetentionReport | undefined
  #read = false
  /** Something was added while a sweep ran, which may have passed its place. */
  #grown = false
  /** Sweeps that failed since one ended. */
  #failures = 0
  #cancel: (() => void) | undefined
  #due = Infinity
  #step: Promise<void> | undefined
  #stop: (() => void) | undefined
  #closed = false

  constructor(parts: RetentionParts) {
    this.#parts = parts
    const isPinned = pinsOf(parts.policy.pins, parts.self)
    parts.ingest.pin(isPinned)
    this.#time = new TrustedTime(parts.store, parts.clock, parts.policy.trustClock)
    this.#sweepParts = { ...parts, isPinned, expiries: this.#expiries, clock: this.#time }
    const { compactWithin: within } = parts.policy
    const { onCompaction: onProgress, ...rest } = parts
    if (within !== false) this.#tidying = new Tidying({ ...rest, within, ...(onProgress && { onProgress }) })
  }

  open(): void {
    this.#stop = this.#parts.store.onChange(({ added }) => {
      for (const { block } of added) {
        if (!block.opaque && block.expires !== undefined) this.#expiries.add({ id: block.id, expires: block.expires })
      }
      if (added.length > 0) this.#grow()
    })
    this.#schedule(0)
    this.#tidying?.open()
  }

  /** What the last sweep removed, if one has ended. */
  get last(): RetentionReport | undefined {
    return this.#last
  }

  /** Runs until nothing is left to remove. Rejects with `aborted`, and as the store does; what is left goes in the background. */
  async run({ signal }: { readonly signal?: AbortSignal } = {}): Promise<RetentionReport> {
    await this.#step
    this.#cancel?.()
    this.#cancel = undefined
    this.#steps ??= this.#begin()
    try {
      while (this.#steps) {
        throwIfAborted(signal)
        await this.#once(this.#steps)
      }
    } finally {
      this.#again()
    }
    return this.#last!
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#stop?.()
    this.#cancel?.()
    await this.#step
    await this.#steps?.return(undefined)
    await this.#tidying?.close()
  }

  async *#begin(): AsyncGenerator<Swept> {
    this.#counts = { expired: 0, pruned: 0, belowFloor: 0 }
    await this.#time.look()
    if (!this.#read) for await (const _ of this.#expiries.read(this.#parts.store)) yield { count: 0 }
    this.#read = true
    yield* sweep(this.#sweepParts)
  }

  async #once(steps: AsyncGenerator<Swept>): Promise<void> {
    try {
      const { done, value } = await steps.next()
      if (done) return this.#ended()
      if (value.reason === 'below-floor') this.#counts.belowFloor += value.count
      else if (value.reason) this.#counts[value.reason] += value.count
    } catch (error) {
      this.#steps = undefined
      this.#failures++
      // What was to be erased is not remembered any more.
      this.#read = false
      throw error
    }
  }

  #ended(): void {
    this.#steps = undefined
    this.#failures = 0
    const { doubt } = this.#time
    this.#last = { ...this.#counts, time: this.#parts.clock.now(), ...(doubt && { doubt }) }
    this.#parts.onSweep?.(this.#last)
  }

  #grow(): void {
    if (this.#steps) this.#grown = true
    else this.#schedule(this.#wait())
  }

  /** What is added waits a moment for more; an expiry that is due earlier does not. */
  #wait(): number {
    const { maxAge, maxBlocks, maxBytes, perAuthor, perTag } = this.#parts.policy
    const bounded = [maxAge, maxBlocks, maxBytes, perAuthor, perTag].some(bound => bound !== undefined)
    return Math.min(this.#until(this.#expiries.next), bounded ? SWEEP_DELAY : SWEEP_INTERVAL)
  }

  /** Nothing is due by a clock that is not believed. */
  #until(time: number): number {
    return this.#time.doubt ? SWEEP_INTERVAL : Math.max(0, time - this.#time.now())
  }

  /** Sets the timer, unless an earlier one is set. */
  #schedule(wait: number): void {
    const { clock, timers } = this.#parts
    const due = clock.now() + wait
    if (this.#closed || this.#step || (this.#cancel && this.#due <= due)) return
    this.#cancel?.()
    this.#due = due
    const start = () => {
      this.#cancel = undefined
      this.#steps ??= this.#begin()
      this.#step = this.#once(this.#steps)
        .catch((error: unknown) => this.#parts.onError(error))
        .finally(() => this.#again())
    }
    this.#cancel = timers.set(start, Math.min(wait, SWEEP_INTERVAL), { unref: true })
  }

  #again(): void {
    this.#step = undefined
    if (this.#steps) return this.#schedule(STEP_INTERVAL)
    if (this.#failures > 0) return this.#schedule(Math.min(SWEEP_DELAY * 2 ** this.#failures, SWEEP_INTERVAL))
    const next = this.#until(nextSweep(this.#sweepParts))
    this.#schedule(Math.max(SWEEP_DELAY, Math.min(next, this.#grown ? this.#wait() : SWEEP_INTERVAL)))
    this.#grown = false
  }
}
