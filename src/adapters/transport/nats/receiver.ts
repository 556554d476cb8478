import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream'
import type { CarrierHost } from '../../../wire/index'
import { backoff, Budget, pause } from './waits'

/** Blocks that go through the funnel at once. */
const BATCH = 64
/** When the node's own storage failed, its blocks come again after so long. */
const AGAIN_MS = 2_000
/** After so many failures in a row nothing comes. */
const STUCK = 2
/** Invalid blocks cost a verification each, and nobody is there to be parted from: so many at once, and so many a second. */
const INVALID = { burst: 64, perSecond: 8 } as const

export interface ReceiverEvents {
  received(blocks: number, invalid: number): void
  failed(error: unknown): void
  /** Whether its consumer is there. */
  follows(follows: boolean): void
}

/**
 * Takes what the durable consumer brings through the node's funnel.
 *
 * 1. A message is acknowledged once the funnel has dealt with its block, never before: a crash brings it again.
 * 2. At most `max_ack_pending` messages of the consumer are unacknowledged, and so held here: a slow node slows its consumer down.
 * 3. What is held here is said to be in work again and again, so that the server brings only that again which was lost on its
 *    way. What comes again nevertheless is held once.
 * 4. Invalid blocks beyond their budget delay everything that comes after them; none is stored.
 */
export class Receiver {
  readonly #host: CarrierHost
  readonly #events: ReceiverEvents
  readonly #ended: AbortSignal
  /** By their place in the stream. */
  readonly #waiting = new Map<number, JsMsg>()
  #inWork: readonly JsMsg[] = []
  readonly #signMs: number
  readonly #invalid = new Budget(INVALID.burst, INVALID.perSecond)
  #working: Promise<void> | undefined

  /** `signMs`: how long the server hears nothing of what is held. */
  constructor(host: CarrierHost, events: ReceiverEvents, ended: AbortSignal, signMs: number) {
    this.#signMs = signMs
    this.#host = host
    this.#events = events
    this.#ended = ended
  }

  /** Follows a consumer, opened anew when it is gone, until the end. */
  async follow(open: (callback: (message: JsMsg) => void) => Promise<ConsumerMessages>): Promise<void> {
    for (let failures = 0; !this.#ended.aborted;) {
      try {
        const messages = await open(message => this.#arrive(message))
        failures = 0
        this.#events.follows(true)
        const stop = () => void messages.close()
        this.#ended.addEventListener('abort', stop)
        if (this.#ended.aborted) stop()
        const error = await messages.closed()
        this.#ended.removeEventListener('abort', stop)
        if (error) throw error
      } catch (error) {
        if (!this.#ended.aborted) this.#events.failed(error)
      }
      if (++failures >= STUCK) this.#events.follows(false)
      await pause(backoff(failures), this.#ended)
    }
    await this.#working
  }

  #arrive(message: JsMsg): void {
    if (this.#ended.aborted || this.#inWork.some(({ seq }) => seq === message.seq)) return
    this.#waiting.set(message.seq, message)
    this.#working ??= this.#work().finally(() => (this.#working = undefined))
  }

  async #work(): Promise<void> {
    const signs = setInterval(() => {
      for (const message of [...this.#inWork, ...this.#waiting.values()]) tell(() => message.working())
    }, this.#signMs)
    try {
      // What arrives in the same turn goes through the funnel together.
      await Promise.resolve()
      while (this.#waiting.size > 0 && !this.#ended.aborted) {
        this.#inWork = [...this.#waiting.values()].slice(0, BATCH)
        for (const { seq } of this.#inWork) this.#waiting.delete(seq)
        const wait = await this.#take(this.#inWork)
        this.#inWork = []
        if (wait > 0) await pause(wait, this.#ended)
      }
    } finally {
      clearInterval(signs)
    }
    if (this.#ended.aborted) this.#waiting.clear()
  }

  /** Answers how long to wait before the next ones, in milliseconds. */
  async #take(batch: readonly JsMsg[]): Promise<number> {
    try {
      const outcomes = await this.#host.take(batch.map(({ data }) => data.slice()))
      batch.forEach((message, i) => tell(() => (outcomes[i]!.invalid ? message.term() : message.ack())))
      const invalid = outcomes.filter(outcome => outcome.invalid).length
      this.#events.received(batch.length, invalid)
      return invalid > 0 ? this.#invalid.take(invalid) : 0
    } catch (error) {
      for (const message of batch) tell(() => message.nak(AGAIN_MS))
      this.#events.failed(error)
      return AGAIN_MS
    }
  }
}

/** A connection that has ended for good takes nothing any more: what it was not told comes again in the next one. */
function tell(sign: () => void): void {
  try {
    sign()
  } catch (error) {
    if ((error as Error).name !== 'ClosedConnectionError' && (error as Error).name !== 'DrainingConnectionError')
      throw error
  }
}
