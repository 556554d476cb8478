import { CosmicError, type Failure, type Random, type Timers } from '../base/index'
import type { SigningIdentity } from '../signer/index'
import type { ChannelCrypto } from './channel-crypto'
import { FrameAssembler, splitIntoFrames } from './frames'
import { MessageInbox } from './message-inbox'
import { shakeHands, type Secured } from './secure-handshake'
import type { Connection } from './transport'

/** Largest message of a secure channel, in bytes. */
export const MAX_CHANNEL_MESSAGE = 4 * 1024 * 1024

export interface SecureChannelOptions {
  /** Who we are. */
  readonly signer: SigningIdentity
  readonly random: Random
  readonly timers: Timers
  /** Id of the network, at most 255 bytes of UTF-8: sides of different networks refuse each other. */
  readonly network: string
  /** did:key that the other side must prove to be. */
  readonly expected?: string
  /** How long the handshake may take, in milliseconds: 10,000, which is also the most. */
  readonly handshakeMs?: number
  readonly signal?: AbortSignal
  /** For simulations. */
  readonly crypto?: ChannelCrypto
}

/** An authenticated, encrypted, ordered message channel between two identities. */
export interface SecureChannel {
  /** did:key that the other side has proven. */
  readonly remote: string
  /** The hash of the handshake: the same at both ends of this channel, and of no other (Noise section 11.2). */
  readonly binding: Uint8Array
  /** Resolves when the transport can take more. Rejects `too-large` over `MAX_CHANNEL_MESSAGE`, `peer-gone` once closed. */
  send(message: Uint8Array): Promise<void>
  /** At most one handler. Messages that arrive before it is set are kept, up to `MAX_CHANNEL_MESSAGE` bytes. */
  onMessage(handler: (message: Uint8Array) => void): void
  /**
   * Stops and restarts the handler's messages. What arrives meanwhile stays unread in the transport, where it can stop
   * reading, and is else kept, up to `MAX_CHANNEL_MESSAGE` bytes: more ends the channel as `limit`.
   */
  pause(): void
  resume(): void
  /** Ends the channel and its connection; never rejects. */
  close(): Promise<void>
  /**
   * Resolves once, when the channel has ended: `undefined` for an orderly end of the transport, else why. What went wrong below the
   * channel, where anybody on the way can cause it, has the field `connection`, unless it has another.
   */
  readonly closed: Promise<Failure | undefined>
}

/**
 * Secures a connection: Noise XX, then each side's Ed25519 identity, proven inside the encrypted handshake
 * (docs/spec/sync.md, "Secure channel"). Rejects with `handshake` (also for another network), `version`, `bad-author-key`,
 * `bad-signature`, `truncated` or `too-large` (what the other side sent), `timeout`, `peer-gone` or `aborted`;
 * the connection is closed then.
 *
 * @example
 * ```ts
 * const channel = await openSecureChannel(connection, { signer, random, timers, network: 'main', expected: 'did:key:z6Mk…' })
 * channel.onMessage(message => console.log(channel.remote, message.length))
 * await channel.send(bytes)
 * ```
 */
export async function openSecureChannel(connection: Connection, options: SecureChannelOptions): Promise<SecureChannel> {
  const inbox = new MessageInbox(connection, MAX_CHANNEL_MESSAGE)
  try {
    return new NoiseChannel(connection, inbox, await shakeHands(connection, inbox, options))
  } catch (error) {
    inbox.end()
    await connection.close()
    throw error
  }
}

/**
 * 1. Frames are encrypted in the order in which they are handed to the connection; messages never interleave.
 * 2. The first frame that does not decrypt, or breaks the framing, ends the channel; nothing after it is delivered.
 */
class NoiseChannel implements SecureChannel {
  readonly remote: string
  readonly binding: Uint8Array
  readonly closed: Promise<Failure | undefined>
  readonly #connection: Connection
  readonly #secured: Secured
  readonly #frames = new FrameAssembler(MAX_CHANNEL_MESSAGE)
  readonly #inbox: MessageInbox
  #handler: ((message: Uint8Array) => void) | undefined
  #sending: Promise<void> = Promise.resolve()
  #failure: Failure | undefined
  #ended = false

  constructor(connection: Connection, inbox: MessageInbox, secured: Secured) {
    this.remote = secured.remote
    this.binding = secured.binding
    this.#connection = connection
    this.#inbox = inbox
    this.#secured = secured
    this.closed = connection.closed.then(failure => {
      this.#ended = true
      return this.#failure ?? onTheWay(inbox.failure ?? failure)
    })
  }

  send(message: Uint8Array): Promise<void> {
    if (message.length > MAX_CHANNEL_MESSAGE)
      return Promise.reject(new CosmicError({ code: 'too-large', field: 'message', limit: MAX_CHANNEL_MESSAGE }))
    const sent = this.#sending.then(() => this.#sendFrames(message))
    // A later message finds out for itself that the channel is gone.
    this.#sending = sent.catch(() => {})
    return sent
  }

  onMessage(handler: (message: Uint8Array) => void): void {
    this.#handler = handler
    this.#inbox.drain(frame => this.#receive(frame))
  }

  pause(): void {
    this.#inbox.pause()
  }

  resume(): void {
    this.#inbox.resume()
  }

  async close(): Promise<void> {
    this.#ended = true
    this.#inbox.end()
    await this.#connection.close()
  }

  async #sendFrames(message: Uint8Array): Promise<void> {
    for (const frame of splitIntoFrames(message)) {
      if (this.#ended) throw new CosmicError({ code: 'peer-gone' })
      await this.#connection.send(this.#secured.send.encrypt(frame))
    }
  }

  #receive(frame: Uint8Array): void {
    if (this.#ended) return
    const plaintext = this.#secured.open(frame)
    const message = plaintext.ok ? this.#frames.push(plaintext.value) : plaintext
    if (!message.ok) return this.#fail(message.error)
    if (message.value !== undefined) this.#handler?.(message.value)
  }

  #fail(failure: Failure): void {
    this.#failure = failure
    void this.close()
  }
}

/** Nothing below the channel is proven to be the other side's doing. */
function onTheWay(failure: Failure | undefined): Failure | undefined {
  return failure && { field: 'connection', ...failure }
}
