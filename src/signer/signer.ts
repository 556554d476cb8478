import { random as platformRandom } from '#platform'
import { binary, CosmicError, equal, oneOf, randomPort, record, unwrap, type Random } from '../base/index'
import { didKey } from './did-key'
import type { PrivateJwk, PrivateKeyFormats } from './key-formats'
import type { KeyRole } from './key-role'
import { checkKeyStore, type KeyStore } from './key-store'
import { testedNative } from './native'
import { noble } from './noble'
import type { SigningIdentity } from './signing-identity'

const SEED_LENGTH = 32

const readRandom = /* @__PURE__ */ record<{ random?: Random }>({ random: randomPort })
const readRole = /* @__PURE__ */ record<{ role?: KeyRole }>({ role: /* @__PURE__ */ oneOf('signing', 'recovery') })

/**
 * An Ed25519 signing key. The seed never leaves the object except through `save` and `exportKey`: neither inspection, nor
 * JSON, nor `structuredClone`, nor errors show it.
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
    const { random = platformRandom } = readRandom(options, '')
    return Signer.fromSeed(random.bytes(SEED_LENGTH))
  }

  /** The identity of a 32-byte seed (RFC 8032 section 5.1.5), which is copied. Rejects `bad-seed` on another length. */
  static async fromSeed(seed: Uint8Array): Promise<Signer> {
    if (!(seed instanceof Uint8Array) || seed.length !== SEED_LENGTH) {
      throw new CosmicError({ code: 'bad-seed', limit: SEED_LENGTH, hint: 'a seed is 32 bytes' })
    }
    return new Signer(Uint8Array.from(seed))
  }

  /**
   * A new recovery phrase of 24 English words (BIP-39, 256 bits), for `fromPhrase`. Whoever reads it owns every identity
   * that is made from it: show it once, to be written down.
   */
  static async generatePhrase(options: { random?: Random } = {}): Promise<string> {
    const { random = platformRandom } = readRandom(options, '')
    const { makePhrase } = await import('./phrase')
    return makePhrase(random)
  }

  /**
   * The identity of a 24-word recovery phrase, the same on every device (docs/spec/keys.md has the derivation). Case and
   * spacing do not matter. Rejects `bad-phrase` on another number of words, a word outside the list, or words that do not
   * fit their checksum.
   *
   * @example
   * ```ts
   * const phrase = await Signer.generatePhrase()
   * const signer = await Signer.fromPhrase(phrase)
   * ```
   */
  static async fromPhrase(phrase: string, options: { role?: KeyRole } = {}): Promise<Signer> {
    const { role = 'signing' } = readRole(options, '')
    const { seedOfPhrase } = await import('./phrase')
    return Signer.fromSeed(await seedOfPhrase(phrase, role))
  }

  /**
   * The identity of an Ed25519 private key that other software wrote: PKCS #8 (RFC 8410) as DER or PEM, or a JSON Web Key
   * (RFC 8037). Rejects `bad-key-format` on anything else, and when the document names another public key than its own.
   *
   * @example
   * ```ts
   * const signer = await Signer.importKey(await readFile('key.pem', 'utf8')) // openssl genpkey -algorithm ed25519
   * ```
   */
  static async importKey(key: Uint8Array | string | PrivateJwk): Promise<Signer> {
    const { readPrivateKey } = await import('./key-formats')
    const { seed, publicKey } = unwrap(readPrivateKey(key))
    const signer = await Signer.fromSeed(seed)
    if (publicKey === undefined || equal(publicKey, signer.publicKey)) return signer
    throw new CosmicError({ code: 'bad-key-format', hint: 'public and private key do not belong together' })
  }

  /** The identity kept in a store. Rejects `no-identity` when the store is empty, `bad-seed` when it is damaged. */
  static async load(keyStore: KeyStore): Promise<Signer> {
    const seed = await checkKeyStore(keyStore).load()
    if (seed !== undefined) return Signer.fromSeed(seed)
    throw new CosmicError({ code: 'no-identity', hint: 'generate one with Signer.generate() and save it' })
  }

  /** The identity kept in a store; a new one, saved there first, when the store is empty. */
  static async loadOrGenerate(keyStore: KeyStore, options: { random?: Random } = {}): Promise<Signer> {
    readRandom(options, '')
    const seed = await checkKeyStore(keyStore).load()
    if (seed !== undefined) return Signer.fromSeed(seed)
    const signer = await Signer.generate(options)
    await signer.save(keyStore)
    return signer
  }

  /** Signs with Ed25519 (RFC 8032 section 5.1.6). */
  async sign(message: Uint8Array): Promise<Uint8Array> {
    binary(message, 'message')
    const { sign } = await testedNative()
    return sign === undefined ? noble().sign(message, this.#seed) : sign(this.#seed, message)
  }

  /** Keeps the identity in a store; rejects `identity-exists` when the store holds another one. */
  async save(keyStore: KeyStore): Promise<void> {
    await checkKeyStore(keyStore).save(this.#seed.slice())
  }

  /**
   * The private key for other software: PKCS #8 as DER (`pkcs8`) or `pem`, or a JSON Web Key (`jwk`). What it returns is
   * the secret itself, unencrypted.
   */
  async exportKey<F extends keyof PrivateKeyFormats>(format: F): Promise<PrivateKeyFormats[F]> {
    const { writePrivateKey } = await import('./key-formats')
    return writePrivateKey({ seed: this.#seed, publicKey: this.publicKey }, format)
  }
}
