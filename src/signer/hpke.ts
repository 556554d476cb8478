import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, utf8 } from '../base/index'
import { x25519 } from './x25519'

/** What HPKE makes of one plaintext: the encapsulated key, 32 bytes, and the ciphertext with its tag of 16. */
export interface HpkeMessage {
  readonly enc: Uint8Array
  readonly ciphertext: Uint8Array
}

/** What both sides must agree on beside the keys. */
export interface HpkeContext {
  readonly info: Uint8Array
  readonly aad: Uint8Array
}

export interface KeyPair {
  readonly secretKey: Uint8Array
  readonly publicKey: Uint8Array
}

const VERSION = utf8('HPKE-v1')
const EMPTY = new Uint8Array(0)
const MODE_BASE = 0
/** RFC 9180 sections 4.1 and 5.1: DHKEM(X25519, HKDF-SHA256) is 0x0020, HKDF-SHA256 0x0001, ChaCha20Poly1305 0x0003. */
const KEM = concat(utf8('KEM'), Uint8Array.of(0x00, 0x20))
const SUITE = concat(utf8('HPKE'), Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x03))

/** DeriveKeyPair (RFC 9180 section 7.1.3): the X25519 keys of at least 32 secret bytes. */
export function deriveKeyPair(seed: Uint8Array): KeyPair {
  const prk = labeledExtract(KEM, EMPTY, 'dkp_prk', seed)
  const secretKey = labeledExpand(KEM, prk, 'sk', EMPTY, 32)
  return { secretKey, publicKey: x25519.getPublicKey(secretKey) }
}

/**
 * Single-shot encryption in base mode (RFC 9180 section 6.1). `seed` is 32 fresh random bytes, from which the ephemeral key
 * is derived. Throws for a public key of small order.
 */
export function hpkeSeal(
  recipient: Uint8Array,
  { info, aad }: HpkeContext,
  plaintext: Uint8Array,
  seed: Uint8Array,
): HpkeMessage {
  const { secretKey, publicKey: enc } = deriveKeyPair(seed)
  const shared = sharedSecret(x25519.getSharedSecret(secretKey, recipient), enc, recipient)
  return { enc, ciphertext: cipher(shared, info, aad).encrypt(plaintext) }
}

/** Single-shot decryption; throws when anything differs from what was encrypted. */
export function hpkeOpen(
  { secretKey, publicKey }: KeyPair,
  { info, aad }: HpkeContext,
  { enc, ciphertext }: HpkeMessage,
): Uint8Array {
  const shared = sharedSecret(x25519.getSharedSecret(secretKey, enc), enc, publicKey)
  return cipher(shared, info, aad).decrypt(ciphertext)
}

/** ExtractAndExpand of DHKEM (RFC 9180 section 4.1). */
function sharedSecret(dh: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Uint8Array {
  const prk = labeledExtract(KEM, EMPTY, 'eae_prk', dh)
  return labeledExpand(KEM, prk, 'shared_secret', concat(enc, recipient), 32)
}

/** KeySchedule (RFC 9180 section 5.1) without a pre-shared key; the one message has number 0, so its nonce is the base nonce. */
function cipher(shared: Uint8Array, info: Uint8Array, aad: Uint8Array) {
  const pskIdHash = labeledExtract(SUITE, EMPTY, 'psk_id_hash', EMPTY)
  const infoHash = labeledExtract(SUITE, EMPTY, 'info_hash', info)
  const context = concat(Uint8Array.of(MODE_BASE), pskIdHash, infoHash)
  const secret = labeledExtract(SUITE, shared, 'secret', EMPTY)
  const key = labeledExpand(SUITE, secret, 'key', context, 32)
  return chacha20poly1305(key, labeledExpand(SUITE, secret, 'base_nonce', context, 12), aad)
}

function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, input: Uint8Array): Uint8Array {
  return extract(sha256, concat(VERSION, suite, utf8(label), input), salt)
}

function labeledExpand(
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const labeled = concat(Uint8Array.of(0, length), VERSION, suite, utf8(label), info)
  return expand(sha256, prk, labeled, length)
}
