import type { CosmicError } from '../../../base/index'
import type { RetractionLimits } from '../../../store/for-adapters'
import type { Database } from './database'
import type { Head, Notice } from './head'
import type { Tables } from './tables'
import type { VectorRows } from './vector-rows'
import type { VectorTypes } from './vector-schema'

/** What a store is made of. */
export interface StoreParts {
  readonly db: Database
  readonly tables: Tables
  /** As it is when the store is opened. */
  readonly head: Head
  readonly vectors: VectorRows
  readonly limits: RetractionLimits
  /** Where the server compares vectors, and from how many on by an index. */
  readonly pgvector: { readonly types: VectorTypes; readonly indexFrom: number } | undefined
  readonly notice: Notice
  readonly onDamage: (error: CosmicError) => void
}
