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
