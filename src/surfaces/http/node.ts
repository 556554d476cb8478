import { isObject, such } from '../../base/index'
import type { Embedder } from '../../block/index'
import type { SyncClient } from '../../client/index'
import type { SigningIdentity } from '../../signer/index'
import type { BlockStore } from '../../store/index'
import type { CosmicValidator } from '../../validate/index'

/** What the API serves; a node of `createNode` is one. */
export interface HttpNode {
  readonly client: SyncClient
  /** The client’s own. */
  readonly store: BlockStore
  readonly signer: SigningIdentity
  readonly validator: CosmicValidator
  /** Lets texts be remembered and searched. */
  readonly embedder?: Embedder
}

/** Throws `bad-type`. */
export const readNode = /* @__PURE__ */ such<HttpNode>(
  value => isObject(value) && [value.client, value.store, value.signer, value.validator].every(isObject),
  'a node: await createNode()',
)
