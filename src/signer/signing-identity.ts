/**
 * Whoever can sign: the port that `createBlock` and `SyncClient` ask for. `Signer` keeps its key in memory;
 * `indexedDbIdentity` of `cosmic-embeddings/keystore/indexeddb` one that no script can read; `externalSigner` stands for one
 * that lives elsewhere.
 */
export interface SigningIdentity {
  /** Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array
  /** did:key name of `publicKey`. */
  readonly did: string
  /** Ed25519 signature (RFC 8032), 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>
}
