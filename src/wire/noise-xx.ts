import { attempt, concat, CosmicError, type Random, type Result } from '../base/index'
import { CHANNEL_CRYPTO, type ChannelCrypto } from './channel-crypto'
import { type CipherState, KEY_BYTES, MAX_NOISE_MESSAGE, SymmetricState } from './noise-symmetric'

const PROTOCOL_NAME = 'Noise_XX_25519_ChaChaPoly_SHA256'

type Token = 'e' | 's' | 'ee' | 'es' | 'se'

/** The XX pattern (Noise section 7.5): the initiator writes the first and the last message. */
const MESSAGES: readonly (readonly Token[])[] = [['e'], ['e', 'ee', 's', 'es'], ['s', 'se']]

export interface NoiseKeyPair {
  readonly secretKey: Uint8Array
  readonly publicKey: Uint8Array
}

export interface NoiseOptions {
  readonly initiator: boolean
  /** What both sides must agree on before the first message. */
  readonly prologue: Uint8Array
  readonly random: Random
  /** Default: a fresh one. */
  readonly staticKey?: NoiseKeyPair
  readonly crypto?: NoiseCrypto
}

type NoiseCrypto = Omit<ChannelCrypto, 'verify'>

/** An X25519 key pair from 32 random bytes (RFC 7748). */
export function noiseKeyPair(random: Random, { agreement } = CHANNEL_CRYPTO as NoiseCrypto): NoiseKeyPair {
  const secretKey = random.bytes(KEY_BYTES)
  return { secretKey, publicKey: agreement.publicKey(secretKey) }
}

/**
 * One side of a `Noise_XX_25519_ChaChaPoly_SHA256` handshake (https://noiseprotocol.org/noise.html, revision 34), without
 * any input or output of its own.
 *
 * 1. Messages alternate; the initiator writes the first. `turn` tells whose it is.
 * 2. After the third, `split` gives the transport ciphers once; `remoteStatic` is then proven to be the other side's.
 * 3. After any failure the object is of no further use.
 */
export class NoiseHandshake {
  readonly staticKey: NoiseKeyPair
  /** Known after the message that carries it. */
  remoteStatic: Uint8Array | undefined
  readonly #options: NoiseOptions
  readonly #crypto: NoiseCrypto
  readonly #symmetric: SymmetricState
  #ephemeral: NoiseKeyPair | undefined
  #remoteEphemeral: Uint8Array | undefined
  #next = 0

  constructor(options: NoiseOptions) {
    this.#options = options
    this.#crypto = options.crypto ?? CHANNEL_CRYPTO
    this.staticKey = options.staticKey ?? noiseKeyPair(options.random, this.#crypto)
    this.#symmetric = new SymmetricState(PROTOCOL_NAME, options.prologue, this.#crypto.cipher)
  }

  get turn(): 'write' | 'read' | 'done' {
    if (this.#next === MESSAGES.length) return 'done'
    return (this.#next % 2 === 0) === this.#options.initiator ? 'write' : 'read'
  }

  /** Binds both sides to this very handshake. */
  get handshakeHash(): Uint8Array {
    return this.#symmetric.handshakeHash
  }

  /** The next handshake message. Throws `handshake` out of turn, `too-large` over 65,535 bytes. */
  write(payload: Uint8Array): Uint8Array {
    const parts = this.#take('write').map(token => this.#writeToken(token))
    const message = concat(...parts, this.#symmetric.encryptAndHash(payload))
    if (message.length > MAX_NOISE_MESSAGE)
      throw new CosmicError({ code: 'too-large', field: 'noise', limit: MAX_NOISE_MESSAGE })
    return message
  }

  /** The payload of the other side's next message: `handshake`, `truncated` or `too-large` when it is not that. */
  read(message: Uint8Array): Result<Uint8Array> {
    return attempt(() => {
      if (message.length > MAX_NOISE_MESSAGE)
        throw new CosmicError({ code: 'too-large', field: 'noise', limit: MAX_NOISE_MESSAGE })
      let rest = message
      const take = (length: number): Uint8Array => {
        if (rest.length < length) throw new CosmicError({ code: 'truncated', field: 'noise', limit: length })
        const taken = rest.slice(0, length)
        rest = rest.subarray(length)
        return taken
      }
      for (const token of this.#take('read')) this.#readToken(token, take)
      return this.#symmetric.decryptAndHash(rest)
    })
  }

  /** Ciphers for sending and receiving. Throws `handshake` before the end. */
  split(): { readonly send: CipherState; readonly receive: CipherState } {
    if (this.turn !== 'done')
      throw new CosmicError({ code: 'handshake', field: 'noise', hint: 'the handshake is not over' })
    const [first, second] = this.#symmetric.split()
    return this.#options.initiator ? { send: first, receive: second } : { send: second, receive: first }
  }

  #take(turn: 'write' | 'read'): readonly Token[] {
    if (this.turn !== turn) throw new CosmicError({ code: 'handshake', field: 'noise', hint: `cannot ${turn} now` })
    return MESSAGES[this.#next++]!
  }

  #writeToken(token: Token): Uint8Array {
    if (token === 's') return this.#symmetric.encryptAndHash(this.staticKey.publicKey)
    if (token !== 'e') return this.#mixShared(token)
    this.#ephemeral = noiseKeyPair(this.#options.random, this.#crypto)
    this.#symmetric.mixHash(this.#ephemeral.publicKey)
    return this.#ephemeral.publicKey
  }

  #readToken(token: Token, take: (length: number) => Uint8Array): void {
    if (token === 'e') {
      this.#remoteEphemeral = take(KEY_BYTES)
      this.#symmetric.mixHash(this.#remoteEphemeral)
    } else if (token === 's') {
      this.remoteStatic = this.#symmetric.decryptAndHash(take(KEY_BYTES + 16))
    } else this.#mixShared(token)
  }

  /** `es`: the initiator's ephemeral with the responder's static key; `se` the other way round. */
  #mixShared(token: 'ee' | 'es' | 'se'): Uint8Array {
    const [mine, theirs] = this.#options.initiator ? token : [token[1], token[0]]
    const local = mine === 'e' ? this.#ephemeral : this.staticKey
    const remote = theirs === 'e' ? this.#remoteEphemeral : this.remoteStatic
    this.#symmetric.mixKey(this.#sharedSecret(local!.secretKey, remote!))
    return new Uint8Array(0)
  }

  /** Refuses public keys of small order, whose secret would be all zeros (RFC 7748 section 6.1). */
  #sharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
    try {
      return this.#crypto.agreement.sharedSecret(secretKey, publicKey)
    } catch (cause) {
      throw new CosmicError({ code: 'handshake', field: 'noise', hint: 'the key agreement failed' }, { cause })
    }
  }
}
