import { setImmediate, setTimeout } from 'node:timers/promises'
import { throwIfAborted, unlessAborted } from '../../../base/index'
import type { BatchOperation, CompactionOptions } from '../../../store/index'
import type { Compaction } from './compaction'
import type { LmdbEngine } from './engine'

/** The storage whose file is compacted. */
export interface CompactionHost {
  readonly engine: LmdbEngine
  /** Throws when the storage is closed. */
  assertOpen(): void
  begin(): Compaction
  /** Puts the new file in the place of the old one, at once; no range may be under way. */
  switchTo(compaction: Compaction): void
  /** Whether ranges are under way, which hold the old file. */
  isReading(): boolean
  /** When no range is under way. */
  idle(): Promise<void>
}

interface Pass {
  readonly compaction: Compaction
  /** What was deleted before these is not in its file. */
  readonly since: number
  failure?: unknown
}

/** Compacts within budgets: a pass over all entries may take many calls. */
export class Compactor {
  readonly #host: CompactionHost
  #pass: Pass | undefined
  /** Batches with deletions, counted from 1 when the file held some at its opening; and those of them that are gone for good. */
  #deletions: number
  #cleared = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(host: CompactionHost) {
    this.#host = host
    this.#deletions = host.engine.wantsCompaction ? 1 : 0
  }

  /** A batch that the old file has taken, and how many entries it deleted there. */
  follow(operations: readonly BatchOperation[], deleted: number): void {
    if (deleted > 0) this.#deletions++
    const pass = this.#pass
    if (pass === undefined) return
    try {
      pass.compaction.follow(operations)
    } catch (error) {
      pass.failure = error
      this.discard()
    }
  }

  discard(): void {
    this.#pass?.compaction.discard()
    this.#pass = undefined
  }

  /** One call after the other. */
  compact(options: CompactionOptions): Promise<boolean> {
    const done = this.#turn.then(() => this.#run(options))
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #run(options: CompactionOptions): Promise<boolean> {
    const { budgetMs = Infinity, signal } = options
    const end = performance.now() + budgetMs
    const wanted = this.#deletions
    while (this.#cleared < wanted) {
      this.#host.assertOpen()
      throwIfAborted(signal)
      const pass = (this.#pass ??= { compaction: this.#host.begin(), since: this.#deletions })
      try {
        await this.#copy(pass, end, options)
        if (!pass.compaction.copied || !(await this.#whenIdle(end, signal))) return false
        this.#finish(pass)
      } catch (error) {
        if (!signal?.aborted && this.#pass === pass) this.discard()
        throw pass.failure ?? error
      }
    }
    return true
  }

  async #copy(pass: Pass, end: number, { signal, onProgress }: CompactionOptions): Promise<void> {
    const { compaction } = pass
    while (!compaction.copied) {
      compaction.step()
      onProgress?.(...compaction.progress)
      await setImmediate()
      this.#assertUnderWay(pass)
      throwIfAborted(signal)
      if (performance.now() >= end) break
    }
    if (!compaction.copied) return
    await compaction.sync()
    this.#assertUnderWay(pass)
  }

  #assertUnderWay(pass: Pass): void {
    this.#host.assertOpen()
    if (pass.failure !== undefined) throw pass.failure
  }

  /** Ranges under way end when their consumers want; false when they do not in time. */
  async #whenIdle(end: number, signal: AbortSignal | undefined): Promise<boolean> {
    while (this.#host.isReading()) {
      const left = end - performance.now()
      if (left <= 0) return false
      const stop = new AbortController()
      const late = left === Infinity ? [] : [setTimeout(left, undefined, stop)]
      await unlessAborted(Promise.race([this.#host.idle(), ...late]), signal).finally(() => stop.abort())
    }
    return true
  }

  #finish(pass: Pass): void {
    this.#assertUnderWay(pass)
    this.#pass = undefined
    this.#host.switchTo(pass.compaction)
    this.#cleared = this.#host.engine.wantsCompaction ? pass.since : this.#deletions
  }
}
