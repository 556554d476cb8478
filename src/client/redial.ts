import type { Random, Timers } from '../base/index'

/** First wait, and the longest one, in milliseconds. */
export const REDIAL_FIRST_MS = 250
export const REDIAL_MAX_MS = 30_000

/** A session that has stood for so long, in milliseconds, makes the waits short again. */
export const STEADY_MS = 30_000

/**
 * Exponential backoff with equal jitter (the wait is drawn evenly between half and all of the doubled step).
 * One `Redial` belongs to one address that the user wants to be connected to.
 */
export class Redial {
  readonly #timers: Timers
  readonly #random: Random
  readonly #dial: () => void
  #attempt = 0
  #cancel: (() => void) | undefined

  constructor(timers: Timers, random: Random, dial: () => void) {
    this.#timers = timers
    this.#random = random
    this.#dial = dial
  }

  /** The next wait is the first one again. A connection that merely stood is no reason: the other side may hang up on each. */
  reset(): void {
    this.#attempt = 0
  }

  /** Dials again after the next wait; answers how long that is. */
  schedule(): number {
    const step = Math.min(REDIAL_MAX_MS, REDIAL_FIRST_MS * 2 ** this.#attempt++)
    const draw = this.#random.bytes(1)[0]! / 255
    const wait = Math.round(step * (0.5 + 0.5 * draw))
    this.cancel()
    this.#cancel = this.#timers.set(this.#dial, wait)
    return wait
  }

  cancel(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
