import type { Failure, Timers } from '../base/index'
import type { SecureChannel } from '../wire/index'

/** How fast one session deals with what its peer sends. */
export const READING_LIMITS = {
  /** Messages in one turn of the event loop: other sessions and timers come between. */
  messages: 8,
  /** Unread bytes above which the channel is paused; what a message weighs beside its bytes. */
  bytes: 1_048_576,
  message: 64,
} as const

export interface MessageReaderOptions {
  /** Whether the next message may be dealt with; `goOn` tells when that changes. */
  readonly isReady: () => boolean
  readonly onMessage: (message: Uint8Array) => void
  /** The channel has ended, and every message that had come was dealt with. */
  readonly onGone: (failure: Failure | undefined) => void
}

/** Takes messages from a channel in their order, a few in a turn, and stops the channel when too many wait. */
export class MessageReader {
  readonly #channel: SecureChannel
  readonly #timers: Timers
  readonly #options: MessageReaderOptions
  readonly #unread: Uint8Array[] = []
  #bytes = 0
  #paused = false
  #readInTurn = 0
  #cancelTurn: (() => void) | undefined
  #end: { readonly failure: Failure | undefined } | undefined
  #stopped = false

  constructor(channel: SecureChannel, timers: Timers, options: MessageReaderOptions) {
    this.#channel = channel
    this.#timers = timers
    this.#options = options
  }

  /** What waits to be dealt with, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  start(): void {
    void this.#channel.closed.then(failure => {
      this.#end = { failure }
      this.goOn()
    })
    this.#channel.onMessage(message => this.#receive(message))
  }

  /** Drops what is unread; nothing more is told. */
  stop(): void {
    this.#stopped = true
    this.#unread.length = 0
    this.#cancelTurn?.()
  }

  /** Deals with what waits, as far as this turn and `isReady` allow. */
  goOn(): void {
    while (!this.#stopped && this.#unread.length > 0 && this.#mayRead()) {
      const message = this.#unread.shift()!
      this.#bytes -= weight(message)
      this.#readInTurn++
      this.#options.onMessage(message)
    }
    if (this.#stopped) return
    if (this.#readInTurn > 0) this.#cancelTurn ??= this.#timers.set(() => this.#nextTurn(), 0)
    if (this.#unread.length > 0) return
    if (this.#end) this.#options.onGone(this.#end.failure)
    else this.#setPaused(false)
  }

  #mayRead(): boolean {
    return this.#readInTurn < READING_LIMITS.messages && this.#options.isReady()
  }

  #receive(message: Uint8Array): void {
    if (this.#stopped) return
    this.#unread.push(message)
    this.#bytes += weight(message)
    this.goOn()
    if (this.#bytes > READING_LIMITS.bytes) this.#setPaused(true)
  }

  #nextTurn(): void {
    this.#cancelTurn = undefined
    this.#readInTurn = 0
    this.goOn()
  }

  #setPaused(paused: boolean): void {
    if (this.#paused === paused) return
    this.#paused = paused
    if (paused) this.#channel.pause()
    else this.#channel.resume()
  }
}

function weight(message: Uint8Array): number {
  return message.length + READING_LIMITS.message
}
