import { sha256 } from '#platform'
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { attempt, Cid, concat, decodeCanonical, encodeCanonical, fail, unwrap, utf8, type Result } from '../base/index'
import type { HpkeContext } from '../signer/index'
import { EMBEDDING_FIELDS } from './kinds/embedding'
import { record } from './fields/record'
import { LIMITS } from './limits'
import { pad, unpad } from './padding'
import type { SealedContent } from './sealed-types'

export const CONTENT_KEY_LENGTH = 32

const CONTENT_LABEL = utf8('cosmic-embeddings/sealed/1')
const WRAP_LABEL = utf8('cosmic-embeddings/wrap/1')
const EMPTY = new Uint8Array(0)

/** A content key encrypts one content and nothing else, so one nonce will do. */
const NONCE = new Uint8Array(12)

const content = record<SealedContent>(EMBEDDING_FIELDS)

/** What a payload says about its content key. */
export function commitmentTo(contentKey: Uint8Array): Uint8Array {
  return sha256(contentKey)
}

/** Canonical, padded, and encrypted for the author, under whose name alone it opens again. Throws what `createBlock` refuses. */
export function encryptContent(contentKey: Uint8Array, author: Uint8Array, of: SealedContent): Uint8Array {
  const bytes = encodeCanonical(content.write(of, ''))
  unwrap(readContent(bytes))
  return contentCipher(contentKey, author).encrypt(pad(bytes))
}

/** The content; `bad-ciphertext` when it does not open, else the first fault of what was sealed. */
export function decryptContent(contentKey: Uint8Array, author: Uint8Array, data: Uint8Array): Result<SealedContent> {
  let padded: Uint8Array
  try {
    padded = contentCipher(contentKey, author).decrypt(data)
  } catch {
    return fail({ code: 'bad-ciphertext', field: 'sealed.data', hint: 'altered, or sealed by another author' })
  }
  const bytes = unpad(padded)
  return bytes.ok ? readContent(bytes.value) : bytes
}

/**
 * What binds a wrap: the author and the commitment, so that nobody passes it off as another author's or another content's;
 * for a keywrap also the sealed block.
 */
export function wrapContext(author: Uint8Array, commitment: Uint8Array, block?: string): HpkeContext {
  const aad = block === undefined ? EMPTY : unwrap(Cid.parse(block)).bytes
  return { info: concat(WRAP_LABEL, author, commitment), aad }
}

function contentCipher(contentKey: Uint8Array, author: Uint8Array) {
  return chacha20poly1305(contentKey, NONCE, concat(CONTENT_LABEL, author))
}

function readContent(bytes: Uint8Array): Result<SealedContent> {
  const limits = { maxBytes: LIMITS.envelope, maxDepth: LIMITS.depth }
  return attempt(() => content.read(unwrap(decodeCanonical(bytes, limits)), ''))
}
