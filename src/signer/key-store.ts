import { having } from '../base/index'

/** Where an identity outlives the process. One store holds one identity: the 32-byte seed of its signing key. */
export interface KeyStore {
  /** `undefined` when the store is empty; rejects `bad-seed` when what it holds is damaged. */
  load(): Promise<Uint8Array | undefined>
  /** Durable once resolved. Saving the identity that is there already is no change; rejects `identity-exists` on another. */
  save(seed: Uint8Array): Promise<void>
}

/** Throws `bad-type` for what is no key store. */
export const checkKeyStore = (keyStore: KeyStore): KeyStore => keyStores(keyStore, 'keyStore')
const keyStores = /* @__PURE__ */ having<KeyStore>("a KeyStore: fileKeyStore('agent.key')", 'load', 'save')
