import type { Embedder } from '../block/index'
import type { SyncClient } from '../client/index'
import type { BlockStore } from '../store/index'
import type { CosmicValidator } from '../validate/index'

/**
 * Puts measuring stands before the parts of a node while it is made; each answers the part itself, or one that does the same and
 * counts. `cosmic-embeddings/telemetry` has one.
 */
export interface Instrumentation {
  validator?(validator: CosmicValidator): CosmicValidator
  /** `system` names the engine, such as `lmdb`. */
  store?(store: BlockStore, system: string): BlockStore
  embedder?(embedder: Embedder): Embedder
  client?(client: SyncClient): SyncClient
  /** Called when the node closes. */
  close?(): void
}
