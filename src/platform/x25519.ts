import crypto, { type KeyObject } from 'node:crypto'
import { equal, toBase64url } from '../base/index'
import type { X25519 } from './types'

/** Keys go in as JWK (RFC 8037): OpenSSL takes thirteen times as long over the same private key in DER. */
const KIND = { kty: 'OKP', crv: 'X25519' }
/** What a private key has to name and nothing reads: OpenSSL makes the public key itself. */
const UNREAD = toBase64url(new Uint8Array(32))

const openSsl: X25519 = {
  publicKey: secretKey => publicBytes(privateKeyOf(secretKey)),
  sharedSecret: (secretKey, publicKey) =>
    new Uint8Array(crypto.diffieHellman({ privateKey: privateKeyOf(secretKey), publicKey: publicKeyOf(publicKey) })),
}

function privateKeyOf(secretKey: Uint8Array): KeyObject {
  return crypto.createPrivateKey({ key: { ...KIND, x: UNREAD, d: toBase64url(secretKey) }, format: 'jwk' })
}

function publicKeyOf(publicKey: Uint8Array): KeyObject {
  return crypto.createPublicKey({ key: { ...KIND, x: toBase64url(publicKey) }, format: 'jwk' })
}

function publicBytes(privateKey: KeyObject): Uint8Array {
  const { x = '' } = crypto.createPublicKey(privateKey).export({ format: 'jwk' })
  return new Uint8Array(Buffer.from(x, 'base64url'))
}

let tested: { readonly agreement: X25519 | undefined } | undefined

/** Used only after it gave the known answer. */
export function nativeX25519(): X25519 | undefined {
  tested ??= { agreement: passes(openSsl) ? openSsl : undefined }
  return tested.agreement
}

const byCounting = (from: number) => Uint8Array.from({ length: 32 }, (_, i) => from + i)

/** What the secret keys 0, 1, … 31 and 32, 33, … 63 share, by an implementation that is tested on RFC 7748. */
const SHARED = [
  0x96, 0x63, 0xaa, 0x1d, 0xa9, 0x7e, 0x84, 0x8a, 0x91, 0x4a, 0x43, 0x6d, 0x04, 0x16, 0x3d, 0xfb, 0xb8, 0x91, 0x78,
  0xf1, 0x07, 0xf1, 0xb5, 0xb7, 0x7e, 0xd3, 0x85, 0x42, 0x03, 0x38, 0x28, 0x54,
]

function passes({ publicKey, sharedSecret }: X25519): boolean {
  try {
    return (
      equal(sharedSecret(byCounting(0), publicKey(byCounting(32))), Uint8Array.from(SHARED)) && refuses(sharedSecret)
    )
  } catch {
    return false
  }
}

/** A point of small order, which makes every secret the same (RFC 7748 section 6.1). */
function refuses(sharedSecret: X25519['sharedSecret']): boolean {
  try {
    sharedSecret(byCounting(0), new Uint8Array(32))
    return false
  } catch {
    return true
  }
}
