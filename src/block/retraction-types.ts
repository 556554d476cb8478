import type { BlockBase, CommonFields } from './types'

/** What its author withdraws. */
export interface Retraction {
  /** Id of the block, which need not be at hand. It counts only when its author is the retraction's. */
  readonly block: string
}

/**
 * The withdrawal of a block: whoever holds the block, and honours its author, erases it. `supersedes` repeats what the
 * withdrawn block superseded, so that the versions before it do not become current again when it is gone.
 */
export interface RetractionBlock extends BlockBase, CommonFields {
  readonly kind: 'retraction'
  readonly opaque?: undefined
  readonly retraction: Retraction
}
