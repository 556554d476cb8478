import { clock, timers } from '#platform'
import { CosmicError, TokenBucket } from '../../base/index'

const BURST_SECONDS = 5

/** How many requests each caller may make. There are as many callers as tokens, and one without. */
export class RateLimits {
  readonly #rate: number
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(rate: number) {
    if (!(rate > 0 && rate < Infinity)) {
      throw new CosmicError({ code: 'out-of-range', field: 'requestsPerSecond', limit: '0 … finite' })
    }
    this.#rate = rate
  }

  /** Throws `limit` when the caller has none left. */
  take(caller: string): void {
    let bucket = this.#buckets.get(caller)
    if (!bucket) {
      bucket = new TokenBucket({ clock, timers, rate: this.#rate, burst: Math.max(1, this.#rate * BURST_SECONDS) })
      this.#buckets.set(caller, bucket)
    }
    if (!bucket.tryTake()) {
      throw new CosmicError({ code: 'limit', field: 'requests', limit: `${this.#rate} a second` })
    }
  }
}
