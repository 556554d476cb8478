import type { Timers } from '../base/index'
import type { SecureChannel } from '../wire/index'

/** What one session holds for a peer that reads slowly, or not at all. */
export const OUTBOX_LIMITS = {
  /**
   * Unsent bytes above which no more blocks are read from the store, and above which no more of the peer's messages are
   * dealt with. All that a peer which keeps the protocol can cause at once (this many, one `blocks` message, 8,192 announced
   * items, 1,024 ids and one reconciliation) stays below the second bound: two such peers never stop reading each other.
   */
  loads: 1_048_576,
  answers: 3_145_728,
  /** What a message weighs beside its bytes. */
  message: 256,
  /** When nothing at all has left for so long, in milliseconds, while either bound is passed, the session ends as `limit`. */
  stallMs: 120_000,
} as const

/** The messages of one session that the channel has not taken yet, in their order. */
export class Outbox {
  readonly #channel: Pick<SecureChannel, 'send'>
  readonly #timers: Timers
  readonly #onLeft: () => void
  readonly #onStall: () => void
  readonly #queue: Uint8Array[] = []
  #bytes = 0
  #sending: Promise<void> | undefined
  #hasMoved = false
  #cancelStall: (() => void) | undefined

  /** `onLeft`: a message has left. `onStall`: none has for too long. */
  constructor(
    channel: Pick<SecureChannel, 'send'>,
    timers: Timers,
    on: { readonly left: () => void; readonly stall: () => void },
  ) {
    this.#channel = channel
    this.#timers = timers
    this.#onLeft = on.left
    this.#onStall = on.stall
  }

  /** What waits, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  get takesBlocks(): boolean {
    return this.#bytes <= OUTBOX_LIMITS.loads
  }

  get takesAnswers(): boolean {
    return this.#bytes <= OUTBOX_LIMITS.answers
  }

  push(message: Uint8Array): void {
    this.#queue.push(message)
    this.#bytes += weight(message)
    if (!this.takesBlocks && !this.#cancelStall) this.#watch()
    this.#sending ??= this.#send()
  }

  /** Resolves when everything has left, or after `ms`: a peer that does not read cannot hold a close up. */
  flushed(ms: number): Promise<void> {
    this.#unwatch()
    return new Promise(resolve => {
      const cancel = this.#timers.set(resolve, ms)
      void Promise.resolve(this.#sending).then(() => {
        cancel()
        resolve()
      })
    })
  }

  /** A failed send needs no handling here: the channel's `closed` tells of it. */
  async #send(): Promise<void> {
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      await this.#channel.send(next).catch(() => {})
      this.#queue.shift()
      this.#bytes -= weight(next)
      this.#hasMoved = true
      if (this.takesBlocks) this.#unwatch()
      this.#onLeft()
    }
    this.#sending = undefined
  }

  #watch(): void {
    this.#hasMoved = false
    this.#cancelStall = this.#timers.set(
      () => (this.#hasMoved ? this.#watch() : this.#onStall()),
      OUTBOX_LIMITS.stallMs,
    )
  }

  #unwatch(): void {
    this.#cancelStall?.()
    this.#cancelStall = undefined
  }
}

function weight(message: Uint8Array): number {
  return message.length + OUTBOX_LIMITS.message
}
