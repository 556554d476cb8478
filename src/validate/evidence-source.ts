import type { VerifiedBlock } from '../block/index'

/**
 * Where a validator finds what other blocks say about a block. A `SyncClient` hands its validator one over its own
 * store. Answers hold verified blocks only, and may come in any order; whoever implements it bounds them.
 */
export interface EvidenceSource {
  /** Blocks of these authors that countersign the block `id`. */
  witnesses(id: string, authors: readonly string[]): Promise<readonly VerifiedBlock[]>
}

/** What any of these sources knows. */
export function allOf(...sources: readonly EvidenceSource[]): EvidenceSource {
  return {
    async witnesses(id, authors) {
      const answers = await Promise.all(sources.map(source => source.witnesses(id, authors)))
      return answers.flat()
    },
  }
}
