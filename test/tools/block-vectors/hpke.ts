import { createCipheriv, createHmac, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto'
import { hex, join, utf8 } from './raw-cbor'

/** HPKE in base mode (RFC 9180) on the primitives of `node:crypto`: shares nothing with `src/`, which uses noble's. */

export interface KeyPair {
  readonly secretKey: Uint8Array
  readonly publicKey: Uint8Array
}

const EMPTY = new Uint8Array(0)
const KEM = join([utf8('KEM'), hex('0020')])
const SUITE = join([utf8('HPKE'), hex('0020 0001 0003')])
/** What stands before the 32 bytes of an X25519 key in PKCS #8 and SPKI (RFC 8410). */
const PKCS8 = hex('302e020100300506032b656e04220420')
const SPKI = hex('302a300506032b656e032100')

const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(createHmac('sha256', key).update(join(parts)).digest())
const privateKey = (secret: Uint8Array) =>
  createPrivateKey({ key: Buffer.from(join([PKCS8, secret])), format: 'der', type: 'pkcs8' })
const publicKey = (bytes: Uint8Array) =>
  createPublicKey({ key: Buffer.from(join([SPKI, bytes])), format: 'der', type: 'spki' })

const extract = (suite: Uint8Array, salt: Uint8Array, label: string, input: Uint8Array): Uint8Array =>
  hmac(salt, utf8('HPKE-v1'), suite, utf8(label), input)
/** At most 32 bytes: one round of HKDF-Expand. */
const expand = (suite: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array =>
  hmac(prk, Uint8Array.of(0, length), utf8('HPKE-v1'), suite, utf8(label), info, Uint8Array.of(1)).slice(0, length)

/** DeriveKeyPair, section 7.1.3. */
export function deriveKeyPair(seed: Uint8Array): KeyPair {
  const secretKey = expand(KEM, extract(KEM, EMPTY, 'dkp_prk', seed), 'sk', EMPTY, 32)
  const spki = createPublicKey(privateKey(secretKey)).export({ format: 'der', type: 'spki' })
  return { secretKey, publicKey: Uint8Array.from(spki.subarray(-32)) }
}

/** Single-shot encryption, section 6.1, with the ephemeral key of `seed`. */
export function hpkeSeal(
  recipient: Uint8Array,
  { info, aad, seed }: { readonly info: Uint8Array; readonly aad: Uint8Array; readonly seed: Uint8Array },
  plaintext: Uint8Array,
): { readonly enc: Uint8Array; readonly key: Uint8Array } {
  const ephemeral = deriveKeyPair(seed)
  const dh = diffieHellman({ privateKey: privateKey(ephemeral.secretKey), publicKey: publicKey(recipient) })
  const exchanged = join([ephemeral.publicKey, recipient])
  const shared = expand(KEM, extract(KEM, EMPTY, 'eae_prk', dh), 'shared_secret', exchanged, 32)
  const hashes = [extract(SUITE, EMPTY, 'psk_id_hash', EMPTY), extract(SUITE, EMPTY, 'info_hash', info)]
  const context = join([Uint8Array.of(0), ...hashes])
  const secret = extract(SUITE, shared, 'secret', EMPTY)
  const [key, nonce] = [expand(SUITE, secret, 'key', context, 32), expand(SUITE, secret, 'base_nonce', context, 12)]
  return { enc: ephemeral.publicKey, key: encrypt(key, nonce, aad, plaintext) }
}

/** ChaCha20-Poly1305 (RFC 8439): the ciphertext and its tag. */
export function encrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 })
  cipher.setAAD(aad, { plaintextLength: plaintext.length })
  return join([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}
