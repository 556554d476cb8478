import { CosmicError, type Failure } from '../base/index'
import type { Connection } from './transport'

/** What a kept message weighs, so that a flood of empty ones is bounded too. */
const weight = (message: Uint8Array) => Math.max(message.length, 64)

/**
 * The messages of a connection, first taken one by one (the handshake), later streamed, with pauses. Holds at most
 * `maxBytes` that nobody has taken; more ends the connection.
 */
export class MessageInbox {
  failure: Failure | undefined
  readonly #connection: Connection
  readonly #maxBytes: number
  #queue: Uint8Array[] = []
  #bytes = 0
  #ended = false
  #waiting: { resolve(message: Uint8Array): void; reject(error: CosmicError): void } | undefined
  #paused = false
  #sink: ((message: Uint8Array) => void) | undefined

  constructor(connection: Connection, maxBytes: number) {
    this.#connection = connection
    this.#maxBytes = maxBytes
    connection.onMessage(message => this.#arrive(message))
    void connection.closed.then(failure => this.end(failure))
  }

  /** The next message. Rejects when the connection ends: with its failure, or `peer-gone`. */
  take(): Promise<Uint8Array> {
    if (this.#queue.length > 0) return Promise.resolve(this.#shift())
    if (this.#ended) return Promise.reject(this.#gone())
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }))
  }

  /** From now on messages go to `sink`, the kept ones first. */
  drain(sink: (message: Uint8Array) => void): void {
    this.#sink = sink
    this.#flow()
  }

  /** Nothing goes to the sink until `resume`; where the connection can stop reading, it does. */
  pause(): void {
    this.#paused = true
    this.#connection.pause?.()
  }

  /** Hands over what was kept, as long as the sink does not pause again, then all that comes. */
  resume(): void {
    this.#paused = false
    this.#flow()
    if (!this.#paused) this.#connection.resume?.()
  }

  /** Takes nothing more; whoever waits learns why. */
  end(failure?: Failure): void {
    if (this.#ended) return
    this.#ended = true
    this.failure ??= failure
    this.#waiting?.reject(this.#gone())
    this.#waiting = undefined
  }

  #arrive(message: Uint8Array): void {
    if (this.#ended) return
    if (this.#sink && !this.#paused) return this.#sink(message)
    if (this.#waiting) {
      this.#waiting.resolve(message)
      this.#waiting = undefined
      return
    }
    this.#bytes += weight(message)
    this.#queue.push(message)
    if (this.#bytes <= this.#maxBytes) return
    this.end({ code: 'limit', field: 'unread', limit: this.#maxBytes })
    this.#queue = []
    void this.#connection.close()
  }

  #flow(): void {
    while (this.#sink && !this.#paused && this.#queue.length > 0) this.#sink(this.#shift())
  }

  #shift(): Uint8Array {
    const message = this.#queue.shift()!
    this.#bytes -= weight(message)
    return message
  }

  #gone(): CosmicError {
    return new CosmicError(this.failure ?? { code: 'peer-gone' })
  }
}
