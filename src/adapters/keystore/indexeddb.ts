export { indexedDbIdentity, type IndexedDbIdentityOptions, type KeptIdentity } from './indexeddb/identity'
export { indexedDbKeyStore } from './indexeddb/key-store'
