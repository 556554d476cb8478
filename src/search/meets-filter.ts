import type { EmbeddingBlock } from '../block/index'
import { withinCircle } from './circle'
import type { Predicate } from './entry'
import type { SearchFilter } from './search-filter'

/** Whether one block meets a checked filter: what the index decides for many at once. */
export function meetsFilter(
  block: EmbeddingBlock,
  { tags = [], predicates: asked = [], author, model, kind, since, until, near }: SearchFilter,
  predicates: Readonly<Record<string, Predicate>> = {},
): boolean {
  return (
    (author === undefined || block.author === author) &&
    (model === undefined || block.embedding.model === model) &&
    (kind === undefined || kind === block.kind) &&
    (since === undefined || block.time >= since) &&
    (until === undefined || block.time < until) &&
    (near === undefined || (block.place !== undefined && withinCircle(near)(block.place))) &&
    tags.every(tag => block.tags?.includes(tag)) &&
    asked.every(name => predicates[name]?.(block))
  )
}
