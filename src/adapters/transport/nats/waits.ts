/** For waits that nothing cuts short. */
export const NEVER: AbortSignal = new AbortController().signal

/** A wait that an end cuts short. */
export function pause(milliseconds: number, ended: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      ended.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    ended.addEventListener('abort', done)
    if (ended.aborted) done()
  })
}

/** Exponential backoff with jitter, in milliseconds; the first `attempt` is 1. */
export function backoff(attempt: number): number {
  return Math.min(2_000, 100 * 2 ** attempt) * (0.5 + Math.random() / 2)
}

/** A budget that fills again: `take` answers how many milliseconds to wait before what it was asked for may be done. */
export class Budget {
  readonly #capacity: number
  readonly #perSecond: number
  #left: number
  #at = performance.now()

  constructor(capacity: number, perSecond: number) {
    this.#capacity = this.#left = capacity
    this.#perSecond = perSecond
  }

  take(count: number): number {
    const now = performance.now()
    this.#left = Math.min(this.#capacity, this.#left + ((now - this.#at) / 1_000) * this.#perSecond) - count
    this.#at = now
    return this.#left >= 0 ? 0 : (-this.#left / this.#perSecond) * 1_000
  }
}
