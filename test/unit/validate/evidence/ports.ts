import type { Clock, Timers } from '../../../../src/base/index'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A clock that stands still until it is told, and the timers that follow it. */
export class ManualTime implements Clock, Timers {
  #now = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return this.#now
  }

  set(callback: () => void, milliseconds: number): () => void {
    const timer = { at: this.#now + milliseconds, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.size
  }

  /** Sets the clock without calling anyone, as an operator might. */
  turnTo(time: number): void {
    this.#now = time
  }

  /** Lets time pass, calling each timer when it is due, and whatever it started in between. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds
    for (;;) {
      await settle()
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
    }
    this.#now = end
  }
}

/** Lets everything run that waits for nothing but its turn. */
export function settle(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 0))
}
