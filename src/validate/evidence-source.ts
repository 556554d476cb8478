import type { VerifiedBlock } from '../block/index'

/** Which of the blocks about a block are asked for. */
export interface EvidenceQuery {
  /** `witness`, `inclusion`, `timeproof`. */
  readonly kind: string
  /** Only blocks of this did:key. */
  readonly author?: string
  /** The most that are answered, the earliest first. */
  readonly limit: number
}

/** Which of the blocks that supersede a block are asked for. */
export interface SuccessorQuery {
  /** Only those of this did:key: nobody else's count. */
  readonly author: string
  /** The most that are answered. */
  readonly limit: number
}

/**
 * Where a validator finds what other blocks say. A `SyncClient` hands its validator one over its own store; any other may
 * be a database, a service, or a list in memory. It answers verified blocks only, admitted or not: what they are worth is
 * the policy's to say, which names its witnesses.
 *
 * @example
 * ```ts
 * const evidence: EvidenceSource = {
 *   about: async (id, { kind, author, limit }) => (await findMine(id, kind, author)).slice(0, limit),
 *   get: async id => cache.get(id),
 * }
 * const validator = new CosmicValidator(policy, { evidence })
 * ```
 */
export interface EvidenceSource {
  /** Blocks about the block `id`, such as those that countersign it. */
  about(id: string, query: EvidenceQuery): Promise<readonly VerifiedBlock[]>
  /** Blocks of this author that name the block `id` in `supersedes`, retractions too. Without it no block counts as superseded. */
  successors?(id: string, query: SuccessorQuery): Promise<readonly VerifiedBlock[]>
  /** The block of an id that evidence names, such as the witness of a batch. */
  get(id: string): Promise<VerifiedBlock | undefined>
}

/** What any of these sources knows. */
export function allOf(...sources: readonly EvidenceSource[]): EvidenceSource {
  return {
    async about(id, query) {
      const answers = await Promise.all(sources.map(source => source.about(id, query)))
      return answers.flat()
    },
    ...(sources.some(source => source.successors) && {
      async successors(id, query) {
        const answers = await Promise.all(sources.map(async source => (await source.successors?.(id, query)) ?? []))
        return answers.flat()
      },
    }),
    async get(id) {
      for (const source of sources) {
        const found = await source.get(id)
        if (found) return found
      }
      return undefined
    },
  }
}
