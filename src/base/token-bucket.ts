import type { Clock, Timers } from './ports'

export interface TokenBucketOptions {
  readonly clock: Clock
  readonly timers: Timers
  /** Tokens a second, in the long run. */
  readonly rate: number
  /** Tokens that may be spent at once after a pause, at least 1. */
  readonly burst: number
}

/** Work that costs a token each. Whoever finds none waits; nobody is refused. */
export interface Budget {
  /** Resolves with a token, first come first served. */
  take(): Promise<void>
  /** A token without waiting, unless there is none or somebody waits. */
  tryTake(): boolean
}

/** A budget that is refilled at a steady rate. */
export class TokenBucket implements Budget {
  readonly #options: TokenBucketOptions
  readonly #waiting: (() => void)[] = []
  #tokens: number
  #filledAt: number
  #isTimed = false

  constructor(options: TokenBucketOptions) {
    this.#options = options
    this.#tokens = options.burst
    this.#filledAt = options.clock.now()
  }

  async take(): Promise<void> {
    if (this.tryTake()) return
    const turn = new Promise<void>(resolve => this.#waiting.push(resolve))
    this.#wake()
    await turn
  }

  tryTake(): boolean {
    this.#fill()
    if (this.#waiting.length > 0 || this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  #fill(): void {
    const { clock, rate, burst } = this.#options
    const now = clock.now()
    // A clock that was set back neither gives nor takes.
    const elapsed = Math.max(0, now - this.#filledAt)
    this.#tokens = Math.min(burst, this.#tokens + (elapsed * rate) / 1000)
    this.#filledAt = now
  }

  /** One timer at a time, set for the moment when the next token is there. Somebody waits for it: it keeps a process alive. */
  #wake(): void {
    if (this.#isTimed || this.#waiting.length === 0) return
    this.#isTimed = true
    const { timers, rate } = this.#options
    timers.set(() => this.#serve(), Math.ceil(((1 - this.#tokens) * 1000) / rate))
  }

  #serve(): void {
    this.#isTimed = false
    this.#fill()
    while (this.#tokens >= 1 && this.#waiting.length > 0) {
      this.#tokens--
      this.#waiting.shift()!()
    }
    this.#wake()
  }
}
