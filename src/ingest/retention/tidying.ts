import { type Clock, type Timers, utf8 } from '../../base/index'
import type { BlockStore } from '../../store/index'
import { STEP_INTERVAL, SWEEP_INTERVAL } from './intervals'

/** How far a compaction is, in units of the store; `done` equals `total` once erased bytes are gone. */
export interface CompactionProgress {
  readonly done: number
  readonly total: number
  /** Nothing is left to do. */
  readonly ended: boolean
}

export interface TidyingParts {
  readonly store: BlockStore
  readonly clock: Clock
  readonly timers: Timers
  /** Milliseconds from an erasure until its bytes are out of the files. */
  readonly within: number
  readonly onProgress?: (progress: CompactionProgress) => void
  readonly onError: (error: unknown) => void
}

/** Milliseconds that one step may take where the engine can stop. */
const STEP_BUDGET = 40

/** Longest wait for the next step, in milliseconds, where steps do not move on. */
const MOST_WAIT = 60_000

/** When the oldest erasure happened whose bytes are still there, in milliseconds, as text. */
const SINCE = utf8('retention/erased')

/**
 * Compacts the store in the background after something was erased from it.
 *
 * Invariants: (1) it begins when half of the time allowed has passed since the oldest erasure, across restarts too, so that
 * many erasures share one compaction; (2) one bounded step runs at a time; (3) nothing runs after `close`, which stops the
 * step under way; (4) what needs it is looked for when it is opened and every `SWEEP_INTERVAL`; (5) after a failure it is tried
 * again, no sooner than after the time that it waited before; (6) a step that did not move on is repeated after twice as long
 * each time, up to `MOST_WAIT`.
 */
export class Tidying {
  readonly #parts: TidyingParts
  readonly #abort = new AbortController()
  #since: number | undefined
  #due = Infinity
  #cancel: (() => void) | undefined
  #step: Promise<void> | undefined
  #stop: (() => void) | undefined
  #progress: readonly [done: number, total: number] = [0, 0]
  /** Steps in a row that did not move on. */
  #stuck = 0
  /** When this process brought the last of them out. */
  #tidied = 0

  constructor(parts: TidyingParts) {
    this.#parts = parts
  }

  open(): void {
    const { store } = this.#parts
    if (!store.compact || !store.needsCompaction) return
    this.#stop = store.onChange(({ erased }) => void (erased.length > 0 && this.#note()))
    this.#run(() => this.#look())
  }

  /** What something else than a change of this store erased is found here: a repair, another process, an earlier run. */
  async #look(): Promise<void> {
    const { store } = this.#parts
    if (await store.needsCompaction!()) {
      const since = Number(new TextDecoder().decode(await store.side.get(SINCE)))
      if (since > this.#tidied) this.#since = Math.min(since, this.#since ?? this.#parts.clock.now())
      this.#since ??= await this.#remember()
    }
    this.#schedule()
  }

  async close(): Promise<void> {
    this.#stop?.()
    this.#abort.abort()
    this.#cancel?.()
    await this.#step
  }

  #note(): void {
    if (this.#since !== undefined) return
    this.#since = this.#parts.clock.now()
    const before = this.#step
    this.#run(async () => {
      await before
      await this.#remember()
      this.#schedule()
    })
  }

  async #remember(): Promise<number> {
    const since = this.#since ?? this.#parts.clock.now()
    await this.#parts.store.side.batch([{ type: 'put', key: SINCE, value: utf8(`${since}`) }])
    return since
  }

  #schedule(wait = 0): void {
    if (this.#abort.signal.aborted) return
    const { clock, timers, within } = this.#parts
    const isIdle = this.#since === undefined
    this.#due = isIdle ? clock.now() + SWEEP_INTERVAL : Math.max(clock.now() + wait, this.#since! + within / 2)
    this.#cancel?.()
    const left = Math.max(0, this.#due - clock.now())
    this.#cancel = timers.set(() => this.#wake(), Math.min(left, SWEEP_INTERVAL), { unref: true })
  }

  /** A timer is never set for longer than an interval. */
  #wake(): void {
    this.#cancel = undefined
    if (this.#due > this.#parts.clock.now()) this.#schedule()
    else this.#run(() => (this.#since === undefined ? this.#look() : this.#compact()))
  }

  async #compact(): Promise<void> {
    const { store, onProgress } = this.#parts
    const before = String(this.#progress)
    let [done, total] = [0, this.#progress[1]]
    const ended = await store.compact!({
      budgetMs: STEP_BUDGET,
      signal: this.#abort.signal,
      onProgress: (...progress) => ([done, total] = progress),
    })
    onProgress?.({ done: ended ? total : done, total, ended })
    this.#progress = ended ? [0, 0] : [done, total]
    this.#stuck = ended || String(this.#progress) !== before ? 0 : this.#stuck + 1
    if (!ended) return this.#schedule(Math.min(STEP_INTERVAL * 2 ** this.#stuck, MOST_WAIT))
    this.#since = undefined
    this.#tidied = this.#parts.clock.now()
    // What was erased while it ended.
    if (await store.needsCompaction!()) this.#note()
    else this.#schedule()
  }

  #run(body: () => Promise<void>): void {
    const step: Promise<void> = body()
      .catch((error: unknown) => {
        if (this.#abort.signal.aborted) return
        this.#parts.onError(error)
        this.#since ??= this.#parts.clock.now()
        this.#schedule(Math.min(SWEEP_INTERVAL, Math.max(1_000, this.#parts.within / 2)))
      })
      .finally(() => {
        if (this.#step === step) this.#step = undefined
      })
    this.#step = step
  }
}
