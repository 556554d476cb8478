import { random, timers } from '#platform'
import { onTestFinished } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { Signer } from '../../../src/signer/index'
import { decodeMessageOf, encodeMessageOf, type Message } from '../../../src/sync/session-messages'
import { openSecureChannel, type Connection, type SecureChannel, type Transport } from '../../../src/wire/index'
import { helloOf } from '../sync/session-harness'

/** A peer that the test plays by hand, message by message, over a real transport and a real secure channel. */
export class RawPeer {
  /** What the other side has sent and nobody has taken. */
  readonly received: Message[] = []
  #waiting: (() => void) | undefined

  private constructor(
    readonly connection: Connection,
    readonly channel: SecureChannel,
  ) {
    channel.onMessage(bytes => {
      this.received.push(unwrap(decodeMessageOf(bytes)))
      this.#waiting?.()
    })
    void channel.closed.then(() => this.#waiting?.())
  }

  static async dial(transport: Transport, address: string, signer?: Signer): Promise<RawPeer> {
    return RawPeer.over(await transport.dial(address), signer)
  }

  /** Greets at once. */
  static async over(connection: Connection, signer?: Signer): Promise<RawPeer> {
    onTestFinished(() => connection.close())
    const identity = signer ?? (await Signer.generate())
    const channel = await openSecureChannel(connection, { signer: identity, random, timers, network: 'cosmic' })
    const peer = new RawPeer(connection, channel)
    await peer.send(helloOf())
    return peer
  }

  send(message: Message): Promise<void> {
    return this.channel.send(encodeMessageOf(message))
  }

  /** Takes messages until one of this type. */
  async until<T extends Message['type']>(type: T): Promise<Message & { type: T }> {
    for (;;) {
      const next = this.received.shift()
      if (next?.type === type) return next as Message & { type: T }
      if (!next) await new Promise<void>(resolve => (this.#waiting = resolve))
    }
  }

  /** Plays the answering side of one audit in which both sides hold the same. */
  async answerAudit(): Promise<void> {
    await this.until('reconcile')
    await this.send({ type: 'reconcile', bytes: Uint8Array.of(0x61) })
    await this.until('done')
    await this.send({ type: 'done' })
  }
}
