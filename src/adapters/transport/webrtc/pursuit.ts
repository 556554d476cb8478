import type { CosmicError } from '../../../base/index'
import type { OwnAttempt } from '../../../wire/index'

/** A connection that was of use for so long, in milliseconds, makes the waits short again. */
const STEADY_MS = 30_000
const MAX_RETRY_MS = 30_000

/** What became of the attempts to reach somebody. */
export class Pursuit {
  /** Attempts that failed, and connections that ended, since one was of use for long. */
  failures = 0
  #isMet = false
  readonly #address: string
  #last: { readonly error: CosmicError; readonly at: number } | undefined
  #due: number | undefined
  #isOver = false
  #wake = () => {}

  constructor(address: string) {
    this.#address = address
  }

  /** Somebody is there until `use` resolves. */
  async meets<T>(use: Promise<T>): Promise<T> {
    const start = performance.now()
    this.#isMet = true
    try {
      const result = await use
      if (performance.now() - start >= STEADY_MS) this.failures = 0
      this.failures++
      return result
    } finally {
      this.#isMet = false
    }
  }

  get isMet(): boolean {
    return this.#isMet
  }

  failed(error: CosmicError): void {
    this.failures++
    this.#last = { error, at: performance.now() }
  }

  /** Ends the wait under way, and every later one at once. One signal for all members would warn of a leak of listeners. */
  stop(): void {
    this.#isOver = true
    this.#wake()
  }

  /** Exponential backoff with jitter before the next attempt. */
  wait(retryMs: number): Promise<void> {
    if (this.#isOver) return Promise.resolve()
    const step = retryMs * 2 ** Math.max(0, this.failures - 1)
    const delay = Math.min(MAX_RETRY_MS, step) * (0.5 + Math.random() / 2)
    this.#due = performance.now() + delay
    return new Promise(resolve => {
      const timer = setTimeout(() => this.#wake(), delay)
      this.#wake = () => {
        this.#due = undefined
        clearTimeout(timer)
        resolve()
      }
    })
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
