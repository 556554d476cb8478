import type { Clock } from '../base/index'

/** What happened so long ago counts 1/e, in milliseconds. */
const MEMORY_MS = 5_000

/** A rate is never taken over less than this, in milliseconds. */
const SHORTEST_MS = 1_000

/** How fast something goes on, as an exponentially weighted mean over the clock that is given. */
export class Rate {
  readonly #clock: Clock
  #sum = 0
  #begun: number | undefined
  #at = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(amount: number): void {
    const now = this.#clock.now()
    this.#begun ??= now
    this.#fade(now)
    this.#sum += amount
  }

  /** 0 before the first `add`. */
  get perSecond(): number {
    if (this.#begun === undefined) return 0
    const now = this.#clock.now()
    this.#fade(now)
    const filled = 1 - Math.exp(-Math.max(SHORTEST_MS, now - this.#begun) / MEMORY_MS)
    return (this.#sum * 1_000) / (MEMORY_MS * filled)
  }

  /** A clock that jumps back makes nothing older. */
  #fade(now: number): void {
    if (now > this.#at) this.#sum *= Math.exp((this.#at - now) / MEMORY_MS)
    this.#at = now
  }
}
