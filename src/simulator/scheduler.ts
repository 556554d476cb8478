import { nextTurn } from '#platform'
import { CosmicError } from '../base/index'
import { EventQueue, type QueuedEvent } from './event-queue'

/**
 * Virtual time. Nothing happens but what was scheduled, in the order of (time, scheduling).
 *
 * 1. Time moves only between two events, and never waits for the real clock.
 * 2. Events happen one at a time; after each, every microtask runs before the next begins. Computation therefore takes no
 *    virtual time, and a chain of promises has no influence on order by its length.
 * 3. What an event does may depend on nothing that ends in another turn of the event loop: no real timer, no thread, no
 *    native promise, but what it has the scheduler wait for (`hold`). The ports handed to the nodes see to that; lazy modules
 *    are loaded before the first event.
 * 4. Of equal times, what was scheduled first happens first.
 */
export class Scheduler {
  #now = 0
  #order = 0
  #queue = new EventQueue()
  /** The record that the event under way comes from; the recorder moves it on. */
  cause = 0
  /** Told of what an event throws; without it the run ends so. */
  onError: ((error: unknown) => void) | undefined
  /** Events that have happened. */
  count = 0
  /** How many let time go by at this moment. */
  runners = 0
  /** Beyond it no time goes by: who asks for more is refused. */
  until = Infinity
  #broken: CosmicError | undefined
  /** Work in turns of the event loop, which takes no virtual time. */
  #held: Promise<void> | undefined

  /** Milliseconds since the beginning, in whole microseconds. */
  get now(): number {
    return this.#now
  }

  /** Events that wait. */
  get pending(): number {
    return this.#queue.size
  }

  /** Calls back after `ms` of virtual time; the returned function cancels. */
  schedule(callback: () => void, ms: number): () => void {
    const at = Math.round((this.#now + Math.max(0, ms)) * 1000) / 1000
    const event: QueuedEvent = { at, order: this.#order++, cause: this.cause, callback }
    this.#queue.push(event)
    return () => this.#queue.cancel(event)
  }

  /** Lets everything happen up to a time, which it then is; ends early when `isDone` says so after an event. */
  async runUntil(time: number, isDone: () => boolean = () => false): Promise<void> {
    const end = Math.min(time, this.until)
    this.runners++
    try {
      await this.#settle()
      for (let next = this.#queue.peek(); next && next.at <= end && !isDone(); next = this.#queue.peek()) {
        this.#queue.pop()
        this.#now = next.at
        this.cause = next.cause
        this.count++
        this.#happen(next.callback!)
        await this.#settle()
      }
    } finally {
      this.runners--
    }
    if (isDone()) return
    this.#now = Math.max(this.#now, end)
    if (end < time) throw new CosmicError({ code: 'timeout', field: 'simulation', limit: end })
  }

  /** Something outside the simulated world went wrong: whoever lets time go by is rejected so. The first stays. */
  break(error: CosmicError): void {
    this.#broken ??= error
  }

  throwIfBroken(): void {
    if (this.#broken) throw this.#broken
  }

  /** Nothing happens before this has settled: it may wait for no event. */
  hold(work: Promise<unknown>): void {
    const held = Promise.allSettled([this.#held, work]).then(() => {
      if (this.#held === held) this.#held = undefined
    })
    this.#held = held
  }

  async #settle(): Promise<void> {
    await settleMicrotasks()
    for (let held; (held = this.#held); await settleMicrotasks()) await held
    this.throwIfBroken()
  }

  #happen(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      if (!this.onError) throw error
      this.onError(error)
    }
  }

  /** Resolves after `ms` of virtual time, for code inside the simulation. */
  sleep(ms: number): Promise<void> {
    return new Promise(resolve => this.schedule(resolve, ms))
  }

  /**
   * Runs until a promise of the simulated world has settled, and answers as it does. Rejects with `timeout` when it has not
   * within `ms` of virtual time.
   */
  async complete<T>(work: Promise<T>, ms = 3_600_000): Promise<T> {
    if (await this.settles(work, ms)) return work
    throw new CosmicError({ code: 'timeout', field: 'simulation', limit: ms })
  }

  /** Runs until a promise of the simulated world has settled, for `ms` of virtual time at most; answers whether it has. */
  async settles(work: Promise<unknown>, ms: number): Promise<boolean> {
    let settled = false
    const mark = () => void (settled = true)
    work.then(mark, mark)
    await this.runUntil(this.#now + ms, () => settled)
    return settled
  }
}

/** Resolves once the queue of microtasks has run dry. */
export function settleMicrotasks(): Promise<void> {
  return new Promise(nextTurn)
}
