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

  /** Exponential backoff with jitter before the next attempt, cut short when `gone` fires. */
  wait(retryMs: number, gone: AbortSignal): Promise<void> {
    const step = retryMs * 2 ** Math.max(0, this.failures - 1)
    const delay = Math.min(MAX_RETRY_MS, step) * (0.5 + Math.random() / 2)
    this.#due = performance.now() + delay
    return new Promise(resolve => {
      const done = () => {
        this.#due = undefined
        clearTimeout(timer)
        gone.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, delay)
      gone.addEventListener('abort', done)
      if (gone.aborted) done()
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
