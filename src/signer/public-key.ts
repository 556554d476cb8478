import type { Result } from '../base/index'
import type { PublicJwk, PublicKeyFormats } from './key-formats'

/**
 * Writes a 32-byte Ed25519 public key for other software: SubjectPublicKeyInfo as DER (`spki`) or `pem`, or a JSON Web Key.
 * Rejects `wrong-length` for another key, `bad-value` for another format.
 *
 * @example
 * ```ts
 * await exportPublicKey(signer.publicKey, 'jwk') // { kty: 'OKP', crv: 'Ed25519', x: '…' }
 * ```
 */
export async function exportPublicKey<F extends keyof PublicKeyFormats>(
  publicKey: Uint8Array,
  format: F,
): Promise<PublicKeyFormats[F]> {
  const { writePublicKey } = await import('./key-formats')
  return writePublicKey(publicKey, format)
}

/**
 * The 32 bytes of an Ed25519 public key in DER, PEM or JWK form; anything else is `bad-key-format`. Whether the key may stand
 * for somebody is another question, which `CosmicValidator` asks.
 */
export async function importPublicKey(key: Uint8Array | string | PublicJwk): Promise<Result<Uint8Array>> {
  const { readPublicKey } = await import('./key-formats')
  return readPublicKey(key)
}
