import type { Clock, Random, Timers } from '../base/index'

/** First wait, and the longest one, in milliseconds. */
export const REDIAL_FIRST_MS = 250
export const REDIAL_MAX_MS = 30_000

/** A session that has stood for so long, in milliseconds, makes the waits short again. */
export const STEADY_MS = 30_000

/** When an address is not worth an attempt every half minute any more. */
export const CIRCUIT = {
  /** After so many failures in a row, some two minutes, it is only tried now and then. */
  failures: 12,
  /** The wait then, in milliseconds. */
  retryMs: 120_000,
  /** Where the other side broke the protocol: the first wait, doubling up to the longest. */
  faultMs: 300_000,
  faultMaxMs: 3_600_000,
} as const

/** What redialling reads of its surroundings. */
export interface RedialPorts {
  readonly timers: Timers
  readonly random: Random
  readonly clock: Clock
}

/**
 * Exponential backoff with equal jitter (each wait is drawn evenly between half and all of its step), and a circuit breaker:
 * an address that fails again and again, or whose peer broke the protocol, is suspended, which means that a single attempt
 * now and then finds out whether it is well again. One `Redial` belongs to one address that the user wants to be connected to.
 */
export class Redial {
  readonly #ports: RedialPorts
  readonly #dial: () => void
  #failures = 0
  #faults = 0
  #next: number | undefined
  #cancel: (() => void) | undefined

  constructor(ports: RedialPorts, dial: () => void) {
    this.#ports = ports
    this.#dial = dial
  }

  /** Attempts and sessions that failed since one stood. */
  get failures(): number {
    return this.#failures
  }

  /** When it dials next, in milliseconds of the clock; `undefined` while it does not wait. */
  get next(): number | undefined {
    return this.#next
  }

  get isSuspended(): boolean {
    return this.#faults > 0 || this.#failures >= CIRCUIT.failures
  }

  /** The next wait is the first one again. A connection that merely stood is no reason: the other side may hang up on each. */
  reset(): void {
    this.#failures = 0
    this.#faults = 0
  }

  /** Dials again after the next wait; answers how long that is. */
  schedule(): number {
    const step = Math.min(REDIAL_MAX_MS, REDIAL_FIRST_MS * 2 ** this.#failures++)
    if (this.#faults > 0) return this.#wait(faultWait(this.#faults))
    return this.#wait(this.isSuspended ? CIRCUIT.retryMs : step)
  }

  /** The other side broke the protocol: dials again after a long wait; answers how long that is. */
  suspend(): number {
    this.#failures++
    return this.#wait(faultWait(++this.#faults))
  }

  cancel(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#next = undefined
  }

  #wait(step: number): number {
    const { timers, random, clock } = this.#ports
    const draw = random.bytes(1)[0]! / 255
    const wait = Math.round(step * (0.5 + 0.5 * draw))
    this.cancel()
    this.#next = clock.now() + wait
    this.#cancel = timers.set(() => {
      this.#next = undefined
      this.#dial()
    }, wait)
    return wait
  }
}

function faultWait(faults: number): number {
  return Math.min(CIRCUIT.faultMaxMs, CIRCUIT.faultMs * 2 ** (faults - 1))
}
