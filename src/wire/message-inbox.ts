import { CosmicError, type Failure } from '../base/index'
import type { Connection } from './transport'

/**
 * The messages of a connection, first taken one by one (the handshake), later streamed. Holds at most `maxBytes` that
 * nobody has taken; more ends the connection.
 */
export class MessageInbox {
  failure: Failure | undefined
  readonly #connection: Connection
  readonly #maxBytes: number
  #queue: Uint8Array[] = []
  #bytes = 0
  #ended = false
  #waiting: { resolve(message: Uint8Array): void; reject(error: CosmicError): void } | undefined
  #sink: ((message: Uint8Array) => void) | undefined

  constructor(connection: Connection, maxBytes: number) {
    this.#connection = connection
    this.#maxBytes = maxBytes
    connection.onMessage(message => this.#arrive(message))
    void connection.closed.then(failure => this.end(failure))
  }

  /** The next message. Rejects when the connection ends: with its failure, or `peer-gone`. */
  take(): Promise<Uint8Array> {
    const next = this.#queue.shift()
    if (next !== undefined) {
      this.#bytes -= next.length
      return Promise.resolve(next)
    }
    if (this.#ended) return Promise.reject(this.#gone())
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }))
  }

  /** From now on messages go to `sink`, the kept ones first. */
  drain(sink: (message: Uint8Array) => void): void {
    this.#sink = sink
    const kept = this.#queue
    this.#queue = []
    this.#bytes = 0
    for (const message of kept) sink(message)
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
    if (this.#sink) return this.#sink(message)
    if (this.#waiting) {
      this.#waiting.resolve(message)
      this.#waiting = undefined
      return
    }
    this.#bytes += message.length
    this.#queue.push(message)
    if (this.#bytes <= this.#maxBytes) return
    this.end({ code: 'limit', field: 'unread', limit: this.#maxBytes })
    this.#queue = []
    void this.#connection.close()
  }

  #gone(): CosmicError {
    return new CosmicError(this.failure ?? { code: 'peer-gone' })
  }
}
