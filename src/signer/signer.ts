import { random as platformRandom } from '#platform'
import { CosmicError, type Random } from '../base/index'
import { didKey } from './did-key'
import type { KeyStore } from './key-store'
import { testedNative } from './native'
import { noble } from './noble'

const SEED_LENGTH = 32

/** Whoever can sign: what `createBlock` asks for. `Signer` is one; a hardware key could be another. */
export interface SigningIdentity {
  /** Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array
  /** did:key name of `publicKey`. */
  readonly did: string
  /** Ed25519 signature (RFC 8032), 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>
}

/**
 * An Ed25519 signing key. The seed never leaves the object except through `save`: neither inspection, nor JSON, nor errors
 * show it.
 *
 * @example
 * ```ts
 * import { Signer } from 'cosmic-embeddings'
 * import { fileKeyStore } from 'cosmic-embeddings/keystore/file'
 *
 * const signer = await Signer.loadOrGenerate(fileKeyStore('agent.key'))
 * console.log(signer.did) // did:key:z6Mk…, the same after a restart
 * ```
 */
export class Signer implements SigningIdentity {
  readonly publicKey: Uint8Array
  readonly did: string
  readonly #seed: Uint8Array

  private constructor(seed: Uint8Array) {
    this.#seed = seed
    this.publicKey = noble().getPublicKey(seed)
    this.did = didKey(this.publicKey)
  }

  /** A new identity. `random` defaults to the runtime's cryptographic randomness; give a seeded one in simulations only. */
  static async generate(options: { random?: Random } = {}): Promise<Signer> {
    return Signer.fromSeed((options.random ?? platformRandom).bytes(SEED_LENGTH))
  }

  /** The identity of a 32-byte seed (RFC 8032 section 5.1.5), which is copied. Rejects `bad-seed` on another length. */
  static async fromSeed(seed: Uint8Array): Promise<Signer> {
    if (!(seed instanceof Uint8Array) || seed.length !== SEED_LENGTH) {
      throw new CosmicError({ code: 'bad-seed', limit: SEED_LENGTH, hint: 'a seed is 32 bytes' })
    }
    return new Signer(Uint8Array.from(seed))
  }

  /** The identity kept in a store. Rejects `no-identity` when the store is empty, `bad-seed` when it is damaged. */
  static async load(keyStore: KeyStore): Promise<Signer> {
    const seed = await keyStore.load()
    if (seed !== undefined) return Signer.fromSeed(seed)
    throw new CosmicError({ code: 'no-identity', hint: 'generate one with Signer.generate() and save it' })
  }

  /** The identity kept in a store; a new one, saved there first, when the store is empty. */
  static async loadOrGenerate(keyStore: KeyStore, options: { random?: Random } = {}): Promise<Signer> {
    const seed = await keyStore.load()
    if (seed !== undefined) return Signer.fromSeed(seed)
    const signer = await Signer.generate(options)
    await signer.save(keyStore)
    return signer
  }

  /** Signs with Ed25519 (RFC 8032 section 5.1.6). */
  async sign(message: Uint8Array): Promise<Uint8Array> {
    const { sign } = await testedNative()
    return sign === undefined ? noble().sign(message, this.#seed) : sign(this.#seed, message)
  }

  /** Keeps the identity in a store; rejects `identity-exists` when the store holds another one. */
  async save(keyStore: KeyStore): Promise<void> {
    await keyStore.save(this.#seed.slice())
  }
}
