import { type CosmicError, loadOnce, type Random } from '../base/index'
import type { BlockStore } from './block-store'
import type { KeyValueStorage } from './key-value-storage'

/** The store is loaded when it is opened: whoever only makes or checks blocks never needs it. */
const loaded = /* @__PURE__ */ loadOnce(() => import('./kv-block-store'))

export interface BlockStoreOptions {
  /**
   * Told of what is damaged and was passed over, as `storage` with the field `blocks.<id>` (a record), `log.<seq>` (a run of
   * the log), `indexes`, `terms` or `totals` (counted anew). Only `get` of exactly that block rejects.
   */
  readonly onDamage?: (error: CosmicError) => void
  /** Bytes of decoded blocks that are kept in memory (default 8 MiB). */
  readonly cacheBytes?: number
  /** Retractions that may wait for a block that never came, in all (default 100,000) and of one author (default 10,000). */
  readonly waitingRetractions?: number
  readonly waitingRetractionsPerAuthor?: number
  /**
   * Opens a store of this library whose format value is damaged or gone, which is otherwise refused: when values in the storage bear
   * the sums of a block store, everything is made anew from the records, and `onDamage` is told `format`. Default false: a storage that
   * is not empty and does not say what it is may be somebody else's.
   */
  readonly recover?: boolean
  /** Where epochs come from (default: the platform's). */
  readonly random?: Random
}

/**
 * Opens the block store of a storage, which it then owns: closing the store closes the storage. An empty storage is
 * claimed by writing the format; open it before other rooms write to it. A store of format 1 is carried over first.
 *
 * Rejects with `storage` when the storage holds something else, or a format that this version does not know; with `bad-value`
 * when its calls do not answer as those of a `KeyValueStorage`.
 *
 * @example
 * ```ts
 * const store = await openBlockStore(memoryStorage())
 * for await (const { block } of store.query({ tags: ['physics'], reverse: true, limit: 10 })) console.log(block.id)
 * ```
 */
export async function openBlockStore(storage: KeyValueStorage, options: BlockStoreOptions = {}): Promise<BlockStore> {
  const { openKvBlockStore } = await loaded()
  return openKvBlockStore(storage, options)
}
