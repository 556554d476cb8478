import { throwIfAborted } from '../../base/index'
import type { Block } from '../../block/index'
import type { BlockStore, StoredBlock } from '../block-store'

/** The most blocks that are read to learn whether one block is superseded, where its successors are not admitted. */
export const MAX_SUCCESSORS_READ = 256

const PAGE = 64

/**
 * Which of these blocks are superseded: a block of the same author that is admitted names it in `supersedes`, or a
 * retraction does, or one that is not admitted does and is itself superseded. One index lookup for each block that is not.
 */
export function supersededAmong(
  store: Pick<BlockStore, 'page' | 'pageIds'>,
  blocks: readonly Pick<Block, 'id' | 'author'>[],
  signal?: AbortSignal,
): Promise<boolean[]> {
  return Promise.all(blocks.map(block => isSuperseded(store, block, signal)))
}

/** Beyond `MAX_SUCCESSORS_READ` the author's word counts, whoever does not admit it: nobody is made to read on. */
async function isSuperseded(
  store: Pick<BlockStore, 'page' | 'pageIds'>,
  { id, author }: Pick<Block, 'id' | 'author'>,
  signal?: AbortSignal,
): Promise<boolean> {
  const any = { author, admittedOnly: false, ...(signal && { signal }) }
  const { items } = await store.pageIds({ ...any, supersedes: id, limit: 1 })
  if (items.length === 0) return false
  const seen = new Set([id])
  const waiting = [id]
  for (let supersedes = waiting.pop(); supersedes !== undefined; supersedes = waiting.pop()) {
    let cursor: string | undefined
    do {
      throwIfAborted(signal)
      const page = await store.page({ ...any, supersedes, limit: PAGE, ...(cursor !== undefined && { cursor }) })
      if (page.items.some(counts)) return true
      for (const { block } of page.items) if (!seen.has(block.id)) waiting.push(block.id)
      for (const { block } of page.items) seen.add(block.id)
      if (seen.size > MAX_SUCCESSORS_READ) return true
      cursor = page.cursor
    } while (cursor !== undefined)
  }
  return false
}

/** A retraction holds whether it is admitted or not. */
function counts({ block, admitted }: StoredBlock): boolean {
  return admitted || block.kind === 'retraction'
}
