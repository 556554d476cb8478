import { CosmicError, type Failure } from '../../base/index'
import { MAX_MESSAGE_BYTES, type Connection } from '../../wire/index'

/** Senders wait while the pipe holds this many unsent bytes. */
export const HIGH_WATER_BYTES = 1_048_576
/** Waiting senders go on once the pipe holds at most this many. */
export const LOW_WATER_BYTES = 262_144
/** What `send` calls may hold in memory while they wait for the pipe; one more is refused as `limit`. */
export const MAX_OUTBOX_BYTES = 16 * 1_048_576
/** What may arrive before anyone handles it: beyond it reading stops, or the connection ends where it cannot stop. */
export const MAX_INBOX_BYTES = 4 * 1_048_576

/** What a waiting message weighs, so that a flood of empty ones is bounded too. */
export function weight(message: Uint8Array): number {
  return message.length + 64
}

/** The part of a connection that differs between transports. */
export interface MessagePipe {
  /** Bytes taken by `write` that have not left yet. */
  readonly buffered: number
  /** Takes one message at once. Called only below `HIGH_WATER_BYTES` and before `close`. */
  write(message: Uint8Array): void
  /** Calls back once, when `buffered` has fallen to `LOW_WATER_BYTES`. */
  whenDrained(notify: () => void): void
  /** Stop and restart reading, where the transport can. */
  pause?(): void
  resume?(): void
  /** Delivers what was written, ends the connection, and resolves in bounded time. `failure` is why, unless orderly. */
  close(failure: Failure | undefined): Promise<void>
}

interface Parcel {
  readonly message: Uint8Array
  sent(): void
  failed(error: CosmicError): void
}

/**
 * Everything that all connections have in common, over one `MessagePipe`. Invariants:
 * 1. messages leave in the order of the `send` calls, as they were at the call;
 * 2. the handler gets every message once, in the order of arrival, and none after `close` was called;
 * 3. `closed` settles once, and what arrived before the other side's end is still handed on;
 * 4. neither direction holds more than its bound.
 */
export class MessageConnection implements Connection {
  readonly remote: string
  readonly initiator: boolean
  readonly closed: Promise<Failure | undefined>
  readonly pause?: () => void
  readonly resume?: () => void

  readonly #pipe: MessagePipe
  readonly #outbox: Parcel[] = []
  #outboxBytes = 0
  readonly #inbox: Uint8Array[] = []
  #inboxBytes = 0
  #handler: ((message: Uint8Array) => void) | undefined
  #paused = false
  #reading = true
  #open = true
  #closing: Promise<void> | undefined
  #reason: Failure | undefined
  #settle!: (failure: Failure | undefined) => void

  constructor(pipe: MessagePipe, about: { remote: string; initiator: boolean }) {
    this.#pipe = pipe
    this.remote = about.remote
    this.initiator = about.initiator
    this.closed = new Promise(resolve => (this.#settle = resolve))
    if (pipe.pause && pipe.resume) {
      this.pause = () => this.#setPaused(true)
      this.resume = () => this.#setPaused(false)
    }
  }

  send(message: Uint8Array): Promise<void> {
    const refusal = this.#refusal(message)
    if (refusal) return Promise.reject(new CosmicError(refusal))
    return new Promise((sent, failed) => {
      this.#outbox.push({ message: message.slice(), sent, failed })
      this.#outboxBytes += weight(message)
      if (this.#outbox.length === 1) this.#flush()
    })
  }

  onMessage(handler: (message: Uint8Array) => void): void {
    this.#handler = handler
    queueMicrotask(() => this.#deliver())
  }

  close(): Promise<void> {
    return this.#shut(undefined)
  }

  /** For the adapter: a message arrived. */
  receive(message: Uint8Array): void {
    if (this.#closing || !this.#open) return
    if (message.length > MAX_MESSAGE_BYTES) return this.abort(tooLong)
    this.#inbox.push(message)
    this.#inboxBytes += weight(message)
    this.#deliver()
    if (this.#inboxBytes > MAX_INBOX_BYTES && !this.#pipe.pause) {
      this.abort({ code: 'limit', field: 'inbox', limit: MAX_INBOX_BYTES, hint: 'set onMessage' })
    }
    this.#regulate()
  }

  /** For the adapter: the other side broke the rules; the connection ends for that reason. */
  abort(failure: Failure): void {
    void this.#shut(failure)
  }

  /** For the adapter: the pipe is at its end, orderly without a `failure`. */
  end(failure?: Failure): void {
    if (!this.#open) return
    this.#open = false
    this.#dropOutbox()
    this.#settle(this.#closing ? this.#reason : failure)
  }

  #refusal(message: Uint8Array): Failure | undefined {
    if (this.#closing || !this.#open) return gone
    if (message.length > MAX_MESSAGE_BYTES) return tooLong
    if (this.#outboxBytes + weight(message) <= MAX_OUTBOX_BYTES) return undefined
    return { code: 'limit', field: 'outbox', limit: MAX_OUTBOX_BYTES, hint: 'await each send' }
  }

  #flush(): void {
    while (this.#outbox.length > 0 && this.#pipe.buffered < HIGH_WATER_BYTES) {
      const { message, sent } = this.#outbox.shift()!
      this.#outboxBytes -= weight(message)
      this.#pipe.write(message)
      sent()
    }
    if (this.#outbox.length > 0) this.#pipe.whenDrained(() => this.#flush())
  }

  #dropOutbox(): void {
    for (const parcel of this.#outbox.splice(0)) parcel.failed(new CosmicError(gone))
    this.#outboxBytes = 0
  }

  #deliver(): void {
    while (this.#handler && !this.#paused && !this.#closing && this.#inbox.length > 0) {
      const message = this.#inbox.shift()!
      this.#inboxBytes -= weight(message)
      try {
        this.#handler(message)
      } catch (error) {
        this.abort({ code: 'protocol', message: `message handler failed: ${String(error)}` })
      }
    }
    this.#regulate()
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused
    this.#deliver()
  }

  /** Reads from the pipe unless its user paused or the inbox is full. */
  #regulate(): void {
    const reading = this.#closing !== undefined || (!this.#paused && this.#inboxBytes <= MAX_INBOX_BYTES)
    if (reading === this.#reading || !this.#open) return
    this.#reading = reading
    if (reading) this.#pipe.resume?.()
    else this.#pipe.pause?.()
  }

  #shut(failure: Failure | undefined): Promise<void> {
    this.#inbox.length = this.#inboxBytes = 0
    if (!this.#open) return Promise.resolve()
    this.#closing ??= this.#finish(failure)
    return this.#closing
  }

  async #finish(failure: Failure | undefined): Promise<void> {
    this.#reason = failure
    await Promise.resolve()
    this.#dropOutbox()
    this.#regulate()
    await this.#pipe.close(failure)
    this.end()
  }
}

const gone: Failure = { code: 'peer-gone' }
const tooLong: Failure = { code: 'limit', field: 'message', limit: MAX_MESSAGE_BYTES }
