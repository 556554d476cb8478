import { random as platformRandom } from '#platform'
import { CosmicError, randomPort, record, type Random } from '../base/index'
import type { HpkeContext, HpkeMessage, KeyPair } from './hpke'
import { checkKeyStore, type KeyStore } from './key-store'

const SEED_LENGTH = 32
const readRandom = /* @__PURE__ */ record<{ random?: Random }>({ random: randomPort })

/** Whoever can read what was encrypted to a public key: what `openSealed` asks for. `EncryptionKey` is one; a hardware key could be another. */
export interface DecryptionKey {
  /** X25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array
  /** The plaintext of an HPKE message to this key, or `undefined` when it does not open. */
  decrypt(message: HpkeMessage, context: HpkeContext): Promise<Uint8Array | undefined>
}

/**
 * An X25519 key that opens sealed blocks, apart from the key that signs. The seed never leaves the object except through
 * `save`: neither inspection, nor JSON, nor errors show it.
 *
 * @example
 * ```ts
 * const key = await EncryptionKey.loadOrGenerate(fileKeyStore('agent.encryption.key'))
 * await client.publish(await createBlock({ profile: { encryption: [key.publicKey] } }, signer))
 * ```
 */
export class EncryptionKey implements DecryptionKey {
  readonly publicKey: Uint8Array
  readonly #seed: Uint8Array
  readonly #pair: KeyPair

  private constructor(seed: Uint8Array, pair: KeyPair) {
    this.#seed = seed
    this.#pair = pair
    this.publicKey = pair.publicKey
  }

  /** A new key. `random` defaults to the runtime's cryptographic randomness; give a seeded one in simulations only. */
  static async generate(options: { random?: Random } = {}): Promise<EncryptionKey> {
    const { random = platformRandom } = readRandom(options, '')
    return EncryptionKey.fromSeed(random.bytes(SEED_LENGTH))
  }

  /** The key of a 32-byte seed (DeriveKeyPair, RFC 9180 section 7.1.3), which is copied. Rejects `bad-seed` on another length. */
  static async fromSeed(seed: Uint8Array): Promise<EncryptionKey> {
    if (!(seed instanceof Uint8Array) || seed.length !== SEED_LENGTH) {
      throw new CosmicError({ code: 'bad-seed', limit: SEED_LENGTH, hint: 'a seed is 32 bytes' })
    }
    const { deriveKeyPair } = await import('./hpke')
    const copy = Uint8Array.from(seed)
    return new EncryptionKey(copy, deriveKeyPair(copy))
  }

  /** The key kept in a store of its own. Rejects `no-identity` when the store is empty, `bad-seed` when it is damaged. */
  static async load(keyStore: KeyStore): Promise<EncryptionKey> {
    const seed = await checkKeyStore(keyStore).load()
    if (seed !== undefined) return EncryptionKey.fromSeed(seed)
    throw new CosmicError({ code: 'no-identity', hint: 'generate a key with EncryptionKey.generate() and save it' })
  }

  /** The key kept in a store; a new one, saved there first, when the store is empty. */
  static async loadOrGenerate(keyStore: KeyStore, options: { random?: Random } = {}): Promise<EncryptionKey> {
    readRandom(options, '')
    const seed = await checkKeyStore(keyStore).load()
    if (seed !== undefined) return EncryptionKey.fromSeed(seed)
    const key = await EncryptionKey.generate(options)
    await key.save(keyStore)
    return key
  }

  async decrypt(message: HpkeMessage, context: HpkeContext): Promise<Uint8Array | undefined> {
    const { hpkeOpen } = await import('./hpke')
    try {
      return hpkeOpen(this.#pair, context, message)
    } catch {
      // What the primitives throw says no more than that it does not open.
      return undefined
    }
  }

  /** Keeps the key in a store of its own, apart from the signing key's; rejects `identity-exists` when that holds another one. */
  async save(keyStore: KeyStore): Promise<void> {
    await checkKeyStore(keyStore).save(this.#seed.slice())
  }
}

/**
 * Encrypts to an X25519 public key in HPKE base mode (RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305).
 * Rejects `bad-value` for a key that is no usable point.
 */
export async function encryptTo(
  publicKey: Uint8Array,
  context: HpkeContext,
  plaintext: Uint8Array,
  random: Random = platformRandom,
): Promise<HpkeMessage> {
  const { hpkeSeal } = await import('./hpke')
  const seed = random.bytes(SEED_LENGTH)
  try {
    return hpkeSeal(publicKey, context, plaintext, seed)
  } catch (cause) {
    throw new CosmicError({ code: 'bad-value', field: 'recipients', hint: 'no usable X25519 public key' }, { cause })
  }
}
