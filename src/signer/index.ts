export { didKey, parseDidKey } from './did-key'
export { decryptSeed, encryptSeed, type EncryptionOptions } from './encrypted-seed'
export { externalSigner, type ExternalKey } from './external-signer'
export { isAcceptableIdentity } from './identity'
export {
  exportPublicKey,
  importPublicKey,
  type PrivateJwk,
  type PrivateKeyFormats,
  type PublicJwk,
  type PublicKeyFormats,
} from './key-formats'
export type { KeyRole } from './key-role'
export type { KeyStore } from './key-store'
export { Signer } from './signer'
export type { SigningIdentity } from './signing-identity'
export { verifySignature, verifySignatureInPool } from './verify-signature'
