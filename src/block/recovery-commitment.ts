import { sha256 } from '@noble/hashes/sha2.js'
import { CosmicError } from '../base/index'

/**
 * What a profile says of its recovery key: the SHA-256 of the 32-byte public key. The key itself stays unknown until it
 * signs. Throws `wrong-length` for anything but 32 bytes.
 *
 * @example
 * ```ts
 * const recovery = await Signer.fromPhrase(phrase, { role: 'recovery' })
 * const profile = await createBlock({ profile: { recovery: recoveryCommitment(recovery.publicKey) } }, signer)
 * ```
 */
export function recoveryCommitment(publicKey: Uint8Array): Uint8Array {
  if (!(publicKey instanceof Uint8Array) || publicKey.length !== 32) {
    throw new CosmicError({ code: 'wrong-length', field: 'publicKey', limit: 32, hint: 'recovery.publicKey' })
  }
  return sha256(publicKey)
}
