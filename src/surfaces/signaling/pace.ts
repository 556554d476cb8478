/**
 * How long to wait before taking more, so that a long-run rate holds and short bursts pass: the generic cell rate
 * algorithm (ITU-T I.371 annex A), in virtual scheduling form.
 */
export class Pace {
  readonly #intervalMs: number
  readonly #toleranceMs: number
  #due = 0

  constructor(ratePerSecond: number, burst: number) {
    this.#intervalMs = 1_000 / ratePerSecond
    this.#toleranceMs = burst * this.#intervalMs
  }

  /** Counts one event at `now` (ms) and answers the delay in ms that it has run into; 0 within the rate. */
  count(now: number): number {
    this.#due = Math.max(this.#due, now) + this.#intervalMs
    return Math.max(0, this.#due - now - this.#toleranceMs)
  }
}
