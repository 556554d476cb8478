import { CosmicError, equal, text } from '../../../base/index'
import type { KeyStore } from '../../../signer/index'
import { openDatabase } from './database'

const KEY = 'seed'

/**
 * Keeps an identity in this origin's IndexedDB, in a database named `name`. Rejects `identity-exists` rather than replace
 * another identity, `bad-seed` when what it finds is no seed, `storage` when the browser refuses. Scripts of the same origin
 * can read the seed; the key of `indexedDbIdentity` they cannot.
 *
 * @example
 * ```ts
 * import { Signer } from 'cosmic-embeddings'
 * import { indexedDbKeyStore } from 'cosmic-embeddings/keystore/indexeddb'
 *
 * const signer = await Signer.loadOrGenerate(indexedDbKeyStore())
 * ```
 */
export function indexedDbKeyStore(name = 'cosmic-embeddings-identity'): KeyStore {
  const database = openDatabase(text(name, 'name'))
  return {
    load: async () => checkSeed(await database.get(KEY), name),
    save: seed => database.update(KEY, kept => keep(checkSeed(kept, name), seed, name)),
  }
}

function checkSeed(kept: unknown, name: string): Uint8Array | undefined {
  if (kept === undefined) return undefined
  if (kept instanceof Uint8Array && kept.length === 32) return kept
  throw new CosmicError({ code: 'bad-seed', field: name, hint: 'the database holds no seed' })
}

function keep(kept: Uint8Array | undefined, seed: Uint8Array, name: string): Uint8Array {
  if (kept === undefined || equal(kept, seed)) return seed.slice()
  throw new CosmicError({ code: 'identity-exists', field: name, hint: 'the database holds another identity' })
}
