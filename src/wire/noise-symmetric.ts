import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, CosmicError, utf8 } from '../base/index'
import { CHANNEL_CRYPTO, type ChannelCipher } from './channel-crypto'

/** Largest Noise message, and the authentication tag at its end (Noise revision 34, sections 3 and 12.3). */
export const MAX_NOISE_MESSAGE = 65_535
export const TAG_BYTES = 16
/** Largest plaintext of a transport message. */
export const MAX_PLAINTEXT = MAX_NOISE_MESSAGE - TAG_BYTES
/** Bytes of keys and hashes. */
export const KEY_BYTES = 32

/** Nonces are u64 in Noise; counting stops where a number is no longer exact, 2¹¹ times sooner. */
const MAX_NONCE = Number.MAX_SAFE_INTEGER

/** Messages of a direction under one key: at most 64 MiB. */
export const REKEY_MESSAGES = 1_024
/** The nonce that no message has, 2⁶⁴ − 1, makes the next key (Noise section 4.2). */
const REKEY_NONCE = Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255)

const EMPTY = new Uint8Array(0)

/**
 * One direction's key and nonce (Noise section 5.1). A failed decryption leaves it as it was. After every `REKEY_MESSAGES` messages the
 * key gives way to the next one, from which it cannot be found again (section 11.3); nonces go on.
 */
export class CipherState {
  #key: Uint8Array
  readonly #cipher: ChannelCipher
  #nonce: number

  constructor(key: Uint8Array, nonce = 0, cipher = CHANNEL_CRYPTO.cipher) {
    this.#key = key
    this.#cipher = cipher
    this.#nonce = nonce
  }

  /** Throws `handshake` when nonces are spent, `too-large` over `MAX_PLAINTEXT`. */
  encrypt(plaintext: Uint8Array, associated: Uint8Array = EMPTY): Uint8Array {
    if (plaintext.length > MAX_PLAINTEXT)
      throw new CosmicError({ code: 'too-large', field: 'noise', limit: MAX_PLAINTEXT })
    const message = this.#cipher.seal(this.#key, this.#nextNonce(), associated, plaintext)
    this.#renew()
    return message
  }

  /** Throws `handshake` for anything that is not the next message of the other side: forged, cut, replayed or out of order. */
  decrypt(message: Uint8Array, associated: Uint8Array = EMPTY): Uint8Array {
    if (message.length < TAG_BYTES) throw new CosmicError({ code: 'truncated', field: 'noise', limit: TAG_BYTES })
    if (message.length > MAX_NOISE_MESSAGE)
      throw new CosmicError({ code: 'too-large', field: 'noise', limit: MAX_NOISE_MESSAGE })
    const nonce = this.#nextNonce()
    try {
      const plaintext = this.#cipher.open(this.#key, nonce, associated, message)
      this.#renew()
      return plaintext
    } catch (cause) {
      this.#nonce--
      throw new CosmicError({ code: 'handshake', field: 'noise', hint: 'decryption failed' }, { cause })
    }
  }

  #renew(): void {
    if (this.#nonce % REKEY_MESSAGES !== 0) return
    const next = this.#cipher.seal(this.#key, REKEY_NONCE, EMPTY, new Uint8Array(KEY_BYTES))
    this.#key.fill(0)
    this.#key = next.slice(0, KEY_BYTES)
  }

  /** 32 zero bits, then the little-endian counter (Noise section 12.3). */
  #nextNonce(): Uint8Array {
    if (this.#nonce >= MAX_NONCE) throw new CosmicError({ code: 'handshake', field: 'noise', hint: 'nonces are spent' })
    const nonce = new Uint8Array(12)
    new DataView(nonce.buffer).setBigUint64(4, BigInt(this.#nonce++), true)
    return nonce
  }
}

/** Chaining key and handshake hash (Noise section 5.2). */
export class SymmetricState {
  #chainingKey: Uint8Array
  #hash: Uint8Array
  #state: CipherState | undefined
  readonly #cipher: ChannelCipher

  /** A protocol name of at most 32 bytes is padded with zeros, a longer one hashed. */
  constructor(protocolName: string, prologue: Uint8Array, cipher = CHANNEL_CRYPTO.cipher) {
    const name = utf8(protocolName)
    const start = new Uint8Array(KEY_BYTES)
    if (name.length <= KEY_BYTES) start.set(name)
    else start.set(sha256(name))
    this.#chainingKey = start
    this.#hash = start
    this.#cipher = cipher
    this.mixHash(prologue)
  }

  get handshakeHash(): Uint8Array {
    return this.#hash
  }

  mixHash(data: Uint8Array): void {
    this.#hash = sha256(concat(this.#hash, data))
  }

  mixKey(input: Uint8Array): void {
    const [chainingKey, key] = this.#derive(input)
    this.#chainingKey = chainingKey
    this.#state = new CipherState(key, 0, this.#cipher)
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const message = this.#state ? this.#state.encrypt(plaintext, this.#hash) : plaintext
    this.mixHash(message)
    return message
  }

  decryptAndHash(message: Uint8Array): Uint8Array {
    const plaintext = this.#state ? this.#state.decrypt(message, this.#hash) : message
    this.mixHash(message)
    return plaintext
  }

  /** The transport ciphers: initiator to responder, and back. */
  split(): [CipherState, CipherState] {
    const [first, second] = this.#derive(EMPTY)
    return [new CipherState(first, 0, this.#cipher), new CipherState(second, 0, this.#cipher)]
  }

  /** Noise's HKDF with two outputs is RFC 5869's with the chaining key as salt and no info. */
  #derive(input: Uint8Array): [Uint8Array, Uint8Array] {
    const output = hkdf(sha256, input, this.#chainingKey, undefined, 2 * KEY_BYTES)
    return [output.subarray(0, KEY_BYTES), output.subarray(KEY_BYTES)]
  }
}
