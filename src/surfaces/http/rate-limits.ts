import { CosmicError } from '../../base/index'

const BURST_SECONDS = 5

/** How many requests each caller may make. There are as many callers as tokens, and one without. */
export class RateLimits {
  readonly #rate: number
  readonly #left = new Map<string, { tokens: number; at: number }>()

  constructor(rate: number) {
    if (!(rate > 0 && rate < Infinity)) {
      throw new CosmicError({ code: 'out-of-range', field: 'requestsPerSecond', limit: '0 … finite' })
    }
    this.#rate = rate
  }

  /** Throws `limit` when the caller has none left. */
  take(caller: string): void {
    const now = performance.now()
    const most = Math.max(1, this.#rate * BURST_SECONDS)
    const { tokens, at } = this.#left.get(caller) ?? { tokens: most, at: now }
    const left = Math.min(most, tokens + ((now - at) * this.#rate) / 1_000)
    if (left < 1) throw new CosmicError({ code: 'limit', field: 'requests', limit: `${this.#rate} a second` })
    this.#left.set(caller, { tokens: left - 1, at: now })
  }
}
