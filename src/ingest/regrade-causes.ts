import type { VerifiedBlock } from '../block/index'
import type { StoredBlock } from '../store/index'

/** Tells which blocks may be judged otherwise now that another is here; `CosmicValidator` does. */
export interface EvidenceReader {
  /** Ids of the blocks whose verdict this block may change: none unless the policy counts on its author. */
  affectedBy(evidence: VerifiedBlock): readonly string[]
  /** False when no block ever affects another (default true). */
  readonly usesEvidence?: boolean
}

/** Tells whose blocks are to be judged anew, because what is known of their authors is not what it was. */
export interface AuthorWatch {
  /** Whether `next` may find one. */
  readonly hasWork: boolean
  /** Stored blocks that are due. Looks at a bounded number of authors; `undefined` when none of these has any. */
  next(): Promise<DueBlocks | undefined>
  /** Whether a block that was just stored may have been judged by what was known before. */
  isStale(stored: StoredBlock): boolean
  /** A round failed: whatever was answered and not settled is due again. */
  reset(): void
}

export interface DueBlocks {
  /** Which they are: those of an author, or of one kind. */
  readonly blocks: readonly { readonly author: string; readonly kind?: string }[]
  /** All their stored blocks were judged anew. */
  settle(): Promise<void>
}
