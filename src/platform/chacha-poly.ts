import crypto from 'node:crypto'
import { equal } from '../base/index'
import type { ChaChaPoly } from './types'

const NAME = 'chacha20-poly1305'
const TAG_BYTES = 16

/** OpenSSL's, ten times as fast as one in JavaScript. */
const openSsl: ChaChaPoly = {
  seal(key, nonce, associated, plaintext) {
    const cipher = crypto.createCipheriv(NAME, key, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(associated, { plaintextLength: plaintext.length })
    const message = new Uint8Array(plaintext.length + TAG_BYTES)
    message.set(cipher.update(plaintext))
    cipher.final()
    message.set(cipher.getAuthTag(), plaintext.length)
    return message
  },
  open(key, nonce, associated, message) {
    const end = message.length - TAG_BYTES
    const decipher = crypto.createDecipheriv(NAME, key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(associated, { plaintextLength: end })
    decipher.setAuthTag(message.subarray(end))
    const { buffer, byteOffset, length } = decipher.update(message.subarray(0, end))
    decipher.final()
    return new Uint8Array(buffer, byteOffset, length)
  },
}

let tested: { readonly cipher: ChaChaPoly | undefined } | undefined

/** Used only after it gave a known answer: OpenSSL can be built without it, and others stand in for it elsewhere. */
export function nativeChaChaPoly(): ChaChaPoly | undefined {
  tested ??= { cipher: passes(openSsl) ? openSsl : undefined }
  return tested.cipher
}

const byCounting = (from: number, length: number) => Uint8Array.from({ length }, (_, i) => from + i)

/** A message of one byte and one of associated data, sealed by an implementation that the Noise vectors are tested on. */
const [KEY, NONCE, ASSOCIATED, PLAINTEXT] = [
  [0, 32],
  [64, 12],
  [96, 1],
  [112, 1],
] as const
const SEALED = [0x88, 0x5f, 0x5d, 0x40, 0x98, 0x99, 0xea, 0xc6, 0x9d, 0x6a, 0x58, 0x12, 0x93, 0x14, 0x9d, 0x21, 0x99]

function passes({ seal, open }: ChaChaPoly): boolean {
  try {
    const [key, nonce, associated] = [byCounting(...KEY), byCounting(...NONCE), byCounting(...ASSOCIATED)]
    const [plaintext, sealed] = [byCounting(...PLAINTEXT), Uint8Array.from(SEALED)]
    if (!equal(seal(key, nonce, associated, plaintext), sealed)) return false
    return equal(open(key, nonce, associated, sealed), plaintext) && refuses(open, key, nonce, sealed)
  } catch {
    return false
  }
}

/** Other associated data make it another message. */
function refuses(open: ChaChaPoly['open'], key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): boolean {
  try {
    open(key, nonce, new Uint8Array(0), sealed)
    return false
  } catch {
    return true
  }
}
