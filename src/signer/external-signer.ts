import { binary, CosmicError, fields, func } from '../base/index'
import { didKey } from './did-key'
import { isAcceptableIdentity } from './identity'
import type { SigningIdentity } from './signing-identity'
import { verifySignature } from './verify-signature'

/** A key that lives elsewhere: in a hardware token, a key service, another thread. */
export interface ExternalKey {
  /** Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array
  /** Asks the holder for an Ed25519 signature of the message, 64 bytes. A rejection reaches whoever wanted to sign. */
  sign(message: Uint8Array): Promise<Uint8Array>
}

/**
 * The signing identity of a key that lives elsewhere. Its answers are checked, so that a confused device or an impostor in
 * its place cannot make this agent publish what nobody accepts. Throws `bad-author-key` for a key that cannot stand for
 * anybody; `sign` rejects `bad-signature` for a wrong answer.
 *
 * @example
 * ```ts
 * const signer = externalSigner({ publicKey, sign: message => token.signEd25519(message) })
 * await createBlock({ embedding, model: 'acme:embed-1' }, signer)
 * ```
 */
export function externalSigner(key: ExternalKey): SigningIdentity {
  const { publicKey: given, sign } = fields(key, 'key') as unknown as ExternalKey
  const publicKey = Uint8Array.from(binary(given, 'publicKey'))
  func(sign, 'sign')
  if (!isAcceptableIdentity(publicKey)) throw new CosmicError({ code: 'bad-author-key', field: 'publicKey' })
  return {
    publicKey,
    did: didKey(publicKey),
    async sign(message) {
      const signature = await key.sign(message)
      if (signature instanceof Uint8Array && (await verifySignature(publicKey, message, signature))) return signature
      throw new CosmicError({ code: 'bad-signature', hint: 'the holder of the key answered with no signature of it' })
    },
  }
}
