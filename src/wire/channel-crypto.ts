import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { nativeChaChaPoly, nativeX25519 } from '#platform'
import { x25519 } from '../signer/for-wire'
import { verifySignature } from '../signer/index'

/** Seals and opens one message under a key and a nonce of 12 bytes. `open` throws for what was not sealed so. */
export type ChannelCipher = NonNullable<ReturnType<typeof nativeChaChaPoly>>

/**
 * The cryptography of the secure channel. Only simulations hand in another one: to check signatures without leaving the
 * thread, or cheap stand-ins for runs of thousands of nodes, which protect nothing.
 */
export interface ChannelCrypto {
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>
  /** X25519 (RFC 7748): both throw or refuse as `sharedSecret` of noble does. */
  readonly agreement: {
    publicKey(secretKey: Uint8Array): Uint8Array
    sharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array
  }
  readonly cipher: ChannelCipher
}

const plain: ChannelCipher = {
  seal: (key, nonce, associated, plaintext) => chacha20poly1305(key, nonce, associated).encrypt(plaintext),
  open: (key, nonce, associated, message) => chacha20poly1305(key, nonce, associated).decrypt(message),
}

export const CHANNEL_CRYPTO: ChannelCrypto = {
  verify: verifySignature,
  agreement: {
    publicKey: secretKey => nativeX25519()?.publicKey(secretKey) ?? x25519.getPublicKey(secretKey),
    sharedSecret: (...keys) => nativeX25519()?.sharedSecret(...keys) ?? x25519.getSharedSecret(...keys),
  },
  cipher: {
    seal: (...sealing) => (nativeChaChaPoly() ?? plain).seal(...sealing),
    open: (...opening) => (nativeChaChaPoly() ?? plain).open(...opening),
  },
}
