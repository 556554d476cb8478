import { CosmicError } from '../../base/index'
import type { BlockStore } from '../block-store'
import { retractedBy } from '../retracted-by'
import { BlockHistory } from './block-history'
import { HistoryWalk, type WalkOptions } from './history-walk'

export interface HistoryOptions extends WalkOptions {
  /** Whose history (did:key) where the block is not held: anyone can claim to have withdrawn it. */
  readonly author?: string
}

/** Authors whose retractions of an id that is not held are followed. */
const MAX_CLAIMS = 8

/**
 * The history of a block: of one that is held, of one that its author withdrew, or of the target of a retraction.
 * `undefined` for an id of which nothing is known here. Rejects with `out-of-range`, `aborted`.
 */
export async function readHistory(
  store: Pick<BlockStore, 'getMany' | 'page'>,
  id: string,
  options: HistoryOptions = {},
): Promise<BlockHistory | undefined> {
  const { limit = 1, admittedOnly = false, author } = options
  if (!Number.isInteger(limit) || limit < 1)
    throw new CosmicError({ code: 'out-of-range', field: 'limit', limit: '1 …' })
  const read = async (of: string, by: string) => {
    const walk = new HistoryWalk(store, by, options)
    await walk.from(of)
    return new BlockHistory(store, walk, admittedOnly)
  }
  const block = (await store.getMany([id]))[0]?.block
  if (block) return read(retractedBy(block) ?? id, block.author)
  const claims = { about: id, kind: 'retraction', admittedOnly: false, limit: 100 }
  const { items } = await store.page(author === undefined ? claims : { ...claims, author })
  const authors = [...new Set(items.map(({ block }) => block.author))].slice(0, MAX_CLAIMS)
  const histories = []
  for (const by of authors) histories.push(await read(id, by))
  return histories.find(({ versions }) => versions.some(({ state }) => state === 'held')) ?? histories[0]
}
