import { loadPeer } from '../../base/index'
import type { KeywordIndex } from '../../search/index'

export type { KeywordIndex } from '../../search/index'

/**
 * Words by the optional package `minisearch` (BM25+), in memory, loaded on this call: for `search: { keywords: miniSearch }`. Words
 * match whole, or as the beginning of a longer one at a lower score. Rejects with `missing-peer`.
 *
 * @example
 * ```ts
 * const client = new SyncClient({ signer, embedder, search: { keywords: miniSearch } })
 * const { hits } = await client.search('error E1234', { hybrid: true })
 * ```
 */
export async function miniSearch(): Promise<KeywordIndex> {
  const { default: MiniSearch } = await loadPeer('minisearch', () => import('minisearch'))
  const index = new MiniSearch<{ id: string; text: string }>({ fields: ['text'] })
  return {
    add: (id, text) => index.add({ id, text }),
    remove(id) {
      if (index.has(id)) index.discard(id)
    },
    search: (text, limit) => {
      const found = index.search(text, { prefix: term => term.length > 3 })
      return found.slice(0, limit).map(({ id }) => id as string)
    },
  }
}
