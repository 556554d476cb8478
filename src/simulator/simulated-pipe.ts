import { LOW_WATER_BYTES, MessageConnection, type MessagePipe, weight } from '../adapters/transport/message-connection'
import type { Failure } from '../base/index'

/** What one end of a connection asks of the network that it lies in. */
export interface PipeHost {
  /** A message leaves `from`; `arrive` is called when it is there, in order, or never. */
  carry(from: SimulatedPipe, bytes: number, arrive: () => void): void
  /** What is done to a message on its way; usually nothing. */
  alter(from: SimulatedPipe, message: Uint8Array): readonly Uint8Array[]
  forget(pipe: SimulatedPipe): void
}

const nothing = () => {}
const ENDED: Failure = { code: 'peer-gone', message: 'the connection was reset' }

/**
 * One end of a simulated connection.
 *
 * 1. Messages arrive in the order in which they were written, whole, once, unless somebody on the way changes that.
 * 2. An orderly end arrives behind what was written before it; a reset at once.
 * 3. An end whose host is gone hears and says nothing any more.
 */
export class SimulatedPipe implements MessagePipe {
  readonly connection: MessageConnection
  other!: SimulatedPipe
  buffered = 0
  /** When the last message of this end arrives: none overtakes another. */
  lastArrival = 0
  /** Its host is gone without a word. */
  dead = false
  /** A message of it is lost for good: nothing behind that arrives. */
  broken = false
  /** What waits because the way is closed. */
  readonly stuck: (() => void)[] = []
  #unread: { readonly message: Uint8Array; readonly left: () => void }[] = []
  #reading = true
  #ending: { readonly failure: Failure | undefined } | undefined
  #notify: (() => void) | undefined

  constructor(
    readonly network: PipeHost,
    readonly from: string,
    readonly to: string,
    initiator: boolean,
  ) {
    this.connection = new MessageConnection(this, { remote: `sim://${to}`, initiator })
  }

  write(message: Uint8Array): void {
    if (this.broken) return
    this.buffered += weight(message)
    this.network.carry(this, message.length, () => this.#arrive(message))
  }

  whenDrained(notify: () => void): void {
    this.#notify = notify
  }

  pause(): void {
    this.#reading = false
  }

  resume(): void {
    this.#reading = true
    this.#hand()
  }

  async close(failure: Failure | undefined): Promise<void> {
    if (this.dead || this.broken) return
    const reason = failure && { code: failure.code, message: 'the other side ended the connection' }
    this.network.carry(this, 0, () => this.other.end(reason))
    this.network.forget(this)
  }

  /** The other side's orderly end has arrived, behind its messages. */
  end(failure: Failure | undefined): void {
    if (this.dead) return
    this.#ending = { failure }
    this.#hand()
  }

  /** Broken off: what is under way is lost. */
  reset(failure: Failure = ENDED): void {
    if (this.dead) return
    this.#unread = []
    this.network.forget(this)
    this.connection.end(failure)
  }

  /** The host of this end is no more. */
  kill(): void {
    this.dead = true
    this.#unread = []
    this.network.forget(this)
  }

  #arrive(message: Uint8Array): void {
    if (this.dead) return
    this.other.#take(this.network.alter(this, message), () => this.#left(message))
  }

  /** What is handed over has left the sender: a reader that pauses holds the writer up. */
  #take(messages: readonly Uint8Array[], left: () => void): void {
    if (this.dead) return
    messages.forEach((message, i) => this.#unread.push({ message, left: i === 0 ? left : nothing }))
    if (messages.length === 0) left()
    this.#hand()
  }

  #left(message: Uint8Array): void {
    this.buffered -= weight(message)
    if (this.buffered > LOW_WATER_BYTES) return
    const notify = this.#notify
    this.#notify = undefined
    notify?.()
  }

  /** An end does not wait for a paused reader: what was sent before it is handed over with it. */
  #hand(): void {
    while (this.#unread.length > 0 && (this.#reading || this.#ending)) {
      const { message, left } = this.#unread.shift()!
      left()
      this.connection.receive(message)
    }
    if (!this.#ending) return
    this.network.forget(this)
    this.connection.end(this.#ending.failure)
  }
}
