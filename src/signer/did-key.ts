import { base58 } from '@scure/base'
import { binary, concat, fail, KeyCache, ok, type Read, refuse, type Result, text } from '../base/index'

/** Multicodec ed25519-pub (0xed) as a varint. */
const ED25519_PUB = Uint8Array.of(0xed, 0x01)
const PREFIX = 'did:key:z'

/** base58 is quadratic, and one author writes many blocks. */
const names = new KeyCache(publicKey => PREFIX + base58.encode(concat(ED25519_PUB, publicKey)))

/**
 * The did:key name of an Ed25519 public key (https://w3c-ccg.github.io/did-key-spec/): `did:key:z6Mk…`.
 *
 * @example
 * ```ts
 * didKey(signer.publicKey) === signer.did // true
 * ```
 */
export function didKey(publicKey: Uint8Array): string {
  if (binary(publicKey, 'publicKey').length !== 32) refuse('wrong-length', 'publicKey', '32 bytes')
  return names.get(publicKey)
}

/** The 32-byte public key behind a did:key name; any other text or key type is `bad-did`. */
export function parseDidKey(did: string): Result<Uint8Array> {
  // 34 bytes whose first is 0xed always take 47 digits, so longer texts cost no decoding.
  if (typeof did !== 'string' || !did.startsWith(PREFIX) || did.length !== PREFIX.length + 47)
    return fail({ code: 'bad-did' })
  try {
    const bytes = base58.decode(did.slice(PREFIX.length))
    const isEd25519 = bytes.length === 34 && bytes[0] === ED25519_PUB[0] && bytes[1] === ED25519_PUB[1]
    return isEd25519 ? ok(bytes.slice(2)) : fail({ code: 'bad-did' })
  } catch {
    return fail({ code: 'bad-did' })
  }
}

/** Reads the did:key of an option. */
export const didText: Read<string> = (value, path) =>
  parseDidKey(text(value, path)).ok ? (value as string) : refuse('bad-did', path, 'did:key:z6Mk…')
