import { having } from '../../base/index'
import { type Block, createBlock, LIMITS, type VectorFields } from '../../block/index'
import type { SigningIdentity } from '../../signer/index'
import { decodeMessageOf, encodeMessageOf, type Message, SESSION_LIMITS } from '../../sync/index'
import { type Connection, openSecureChannel, type SecureChannel } from '../../wire/index'
import type { Life } from '../life'
import type { SeededRandom } from '../seeded-random'
import type { World } from '../world'

/** What an attack is given: a hostile machine that has dialled a target. */
export interface Visit {
  readonly world: World
  readonly random: SeededRandom
  readonly life: Life
  /** Who it is this time: the same at every target. */
  readonly signer: SigningIdentity
  readonly connection: Connection
  /** Opens the secure channel, as an honest peer would, over its connection or one that does something to it. */
  secure(connection?: Connection): Promise<HostileSession>
  /** A session over a connection of its own, as whoever `signer` says that it is. */
  secureAs(signer: SigningIdentity): Promise<HostileSession>
  /** Who one of the honest is, the target where there is no other. */
  honest(): { readonly did: string; readonly publicKey: Uint8Array }
  /** Another session with the same target, as somebody else. */
  secureAsAnother(): Promise<HostileSession>
  /** Another connection to the same target, raw. */
  dial(): Promise<Connection>
  /** Ids that no honest node may ever store. */
  forbid(...ids: readonly string[]): void
  /** Resolves after so much virtual time, or when the connection has ended. */
  wait(ms: number): Promise<void>
  /** A block of the hostile's own, signed rightly. */
  sign(fields?: Partial<VectorFields>): Promise<Block>
  /** Its own retraction of any block. */
  signRetraction(block: string): Promise<Block>
}

const readChannel = having<SecureChannel>('a SecureChannel', 'onMessage', 'send')

/** The other side of a secure channel, played message by message. */
export class HostileSession {
  readonly received: Message[] = []
  ended = false
  #waiting: (() => void)[] = []

  constructor(readonly channel: SecureChannel) {
    readChannel(channel, 'channel')
    channel.onMessage(bytes => {
      const message = decodeMessageOf(bytes)
      if (message.ok) this.received.push(message.value)
      this.#wake()
    })
    void channel.closed.then(() => {
      this.ended = true
      this.#wake()
    })
  }

  static async open({
    world,
    life,
    signer,
    connection,
    random,
  }: Pick<Visit, 'world' | 'life' | 'signer' | 'connection' | 'random'>): Promise<HostileSession> {
    const { channel: crypto } = world.crypto
    const channel = await openSecureChannel(connection, { signer, random, timers: life, network: 'cosmic', crypto })
    return new HostileSession(channel)
  }

  /** Failures show in `ended`. */
  async send(...messages: readonly Message[]): Promise<void> {
    for (const message of messages) await this.raw(encodeMessageOf(message))
  }

  async raw(bytes: Uint8Array): Promise<void> {
    await this.channel.send(bytes).catch(() => {})
  }

  hello(more: Partial<Extract<Message, { type: 'hello' }>> = {}): Promise<void> {
    const { message: maxMessage, window, items } = SESSION_LIMITS
    const kinds = [{ version: 1, kind: 'embedding' }]
    return this.send({
      type: 'hello',
      maxMessage,
      window,
      items,
      kinds,
      software: 'hostile/1',
      floor: 0,
      ceiling: LIMITS.time,
      ...more,
    })
  }

  /** The next message of one of these types; `undefined` once the session has ended. */
  async next<T extends Message['type']>(...types: readonly T[]): Promise<Extract<Message, { type: T }> | undefined> {
    for (;;) {
      const message = this.received.shift()
      if (message && (types as readonly string[]).includes(message.type))
        return message as Extract<Message, { type: T }>
      if (message) continue
      if (this.ended) return undefined
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }

  /** Answers whatever an honest peer needs to go on: pings, audits without a difference of its own, credit. */
  async answer(message: Message, credit = 1_000_000): Promise<void> {
    if (message.type === 'ping') await this.send({ type: 'pong' })
    if (message.type === 'blocks') await this.send({ type: 'credit', bytes: credit, items: 0 })
    if (message.type === 'announce') await this.send({ type: 'credit', bytes: 0, items: message.items.length })
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** A block of this identity; `time` is the world's true time. */
export async function signBlock(
  world: World,
  signer: SigningIdentity,
  now: number,
  fields: Partial<VectorFields> = {},
): Promise<Block> {
  return createBlock({ embedding: [1, 2], model: 'sim:two', time: now, tags: ['hostile'], ...fields }, signer)
}

/** The item of an announcement. */
export const itemOf = ({ id, time }: Block) => ({ id, time })

/** The block's bytes with another signature that is wrong. */
export function forge(good: Uint8Array, random: SeededRandom): Uint8Array {
  const bytes = good.slice()
  // The signature is the last 64 bytes of the envelope.
  bytes[bytes.length - 1 - random.below(32)]! ^= 1 << random.below(8)
  return bytes
}
