import { func, record, type Read } from '../base/index'
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

const methods = record<Instrumentation>({ validator: func, store: func, embedder: func, client: func, close: func })

/** The thing itself, whose methods may need it. Throws `bad-type` or `unknown-field` with the field. */
export const readInstrumentation: Read<Instrumentation> = (value, path) => {
  methods(value, path)
  return value as Instrumentation
}
