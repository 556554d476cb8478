import type { Block } from '../block/index'
import type { BlockTraits } from './interest'

/** What of a block decides which peers want it, and in which collections it is. */
export function traitsOf(block: Block): BlockTraits {
  const { version, kind, author, time } = block
  if (block.opaque) return { version, kind, author, time, opaque: true }
  const { tags, place } = block
  return {
    ...{ version, kind, author, time },
    ...(block.kind === 'embedding' && { model: block.embedding.model }),
    ...(tags && { tags }),
    ...(place && { place }),
  }
}
