import type { BlockStore } from '../store/index'
import type { EvidenceSource } from '../validate/index'

/** What the blocks of a store say about one another, whether or not they are admitted. */
export function storeEvidence(store: BlockStore): EvidenceSource {
  return {
    async about(id, query) {
      const blocks = []
      for await (const { block } of store.query({ about: id, admittedOnly: false, ...query })) blocks.push(block)
      return blocks
    },
    async successors(supersedes, query) {
      const { items } = await store.page({ supersedes, admittedOnly: false, ...query })
      return items.map(({ block }) => block)
    },
    // A damaged record is no evidence.
    get: async id => (await store.getMany([id]))[0]?.block,
  }
}
