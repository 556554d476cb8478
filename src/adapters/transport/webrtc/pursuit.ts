import type { CosmicError } from '../../../base/index'
import type { OwnAttempt } from '../../../wire/index'

/** A connection that was of use for so long, in milliseconds, makes the waits short again. */
const STEADY_MS = 30_000

/** What became of the attempts to reach somebody. */
export class Pursuit {
  /** Attempts that failed, and connections that ended, since one was of use for long. */
  failures = 0
  #isMet = false
  readonly #address: string
  #last: { readonly error: CosmicError; readonly at: number } | undefined
  #due: number | undefined

  constructor(address: string) {
    this.#address = address
  }

  /** Somebody is there until `use` resolves. */
  async meets<T>(use: Promise<T>): Promise<T> {
    const start = performance.now()
    this.#isMet = true
    try {
      return await use
    } finally {
      this.#isMet = false
      if (performance.now() - start >= STEADY_MS) this.failures = 0
      this.failures++
    }
  }

  get isMet(): boolean {
    return this.#isMet
  }

  failed(error: CosmicError): void {
    this.failures++
    this.#last = { error, at: performance.now() }
  }

  /** Before the next attempt: in so many milliseconds. */
  waits(ms: number | undefined): void {
    this.#due = ms === undefined ? undefined : performance.now() + ms
  }

  get attempt(): OwnAttempt {
    const [now, last, due] = [performance.now(), this.#last, this.#due]
    return {
      address: this.#address,
      failures: this.failures,
      ...(last && { lastError: last.error, lastErrorAge: now - last.at }),
      ...(due !== undefined && { wait: Math.max(0, due - now) }),
    }
  }
}
