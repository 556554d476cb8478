import type { Clock } from '../base/index'
import { sessionStatus, type SessionState, type SessionStatus } from '../sync/index'
import { Rate } from './rate'

/** Bytes of whole messages a second, over the last seconds. */
export interface ByteRates {
  readonly in: number
  readonly out: number
}

/** What a session's counters do not say by themselves. Times are milliseconds of the client's clock. */
export interface SessionFigures {
  readonly bytesPerSecond: ByteRates
  /** When the outstanding work last got on. */
  readonly lastProgress?: number
  /** How long what is known to be outstanding will take, in milliseconds; absent while that is not known, or nothing moves. */
  readonly timeLeft?: number
}

/** Slower than this, in blocks a second, is no pace to reckon with. */
const LEAST_PACE = 0.01

/** Follows the counters of one session, and says how fast they rise. */
export class SessionMeter {
  readonly #clock: Clock
  readonly #rates: { readonly [K in 'bytesIn' | 'bytesOut' | 'received' | 'sent']: Rate }
  readonly #seen = { bytesIn: 0, bytesOut: 0, received: 0, sent: 0 }
  #advances = 0
  #lastProgress: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    const rate = () => new Rate(clock)
    this.#rates = { bytesIn: rate(), bytesOut: rate(), received: rate(), sent: rate() }
  }

  /** After each step. */
  note(state: SessionState): void {
    for (const name of ['bytesIn', 'bytesOut', 'received', 'sent'] as const) {
      const risen = state[name] - this.#seen[name]
      if (risen === 0) continue
      this.#seen[name] = state[name]
      this.#rates[name].add(risen)
    }
    if (state.advances === this.#advances) return
    this.#advances = state.advances
    this.#lastProgress = this.#clock.now()
  }

  figures(state: SessionState): SessionFigures {
    const { bytesIn, bytesOut } = this.#rates
    const timeLeft = this.#timeLeft(sessionStatus(state))
    return {
      bytesPerSecond: { in: bytesIn.perSecond, out: bytesOut.perSecond },
      ...(this.#lastProgress !== undefined && { lastProgress: this.#lastProgress }),
      ...(timeLeft !== undefined && { timeLeft }),
    }
  }

  /** As long as the slower direction takes. While sets are compared nobody knows how much there is. */
  #timeLeft({ phase, stalled, need, inFlight, ingesting, have, wanted }: SessionStatus): number | undefined {
    if (phase === 'live') return 0
    if (phase !== 'transferring' || stalled) return undefined
    const left = [
      [need + inFlight + ingesting, this.#rates.received.perSecond],
      [have + wanted, this.#rates.sent.perSecond],
    ] as const
    if (left.some(([blocks, pace]) => blocks > 0 && pace < LEAST_PACE)) return undefined
    return Math.round(Math.max(...left.map(([blocks, pace]) => (blocks > 0 ? (blocks / pace) * 1_000 : 0))))
  }
}
