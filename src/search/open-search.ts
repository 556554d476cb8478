import { loadOnce } from '../base/index'
import type { BlockStore } from '../store/index'
import type { SearchEngine } from './search-engine'
import type { SearchOptions } from './search-ports'

/** The engine is loaded when it is needed: a good part of the library. */
const loaded = /* @__PURE__ */ loadOnce(() => import('./search-engine'))

/**
 * Brings the admitted embeddings of a store into memory and follows what is stored from then on. What was saved beside the
 * blocks is taken from there. Resolves when some thousands are there; while the rest comes, searches answer from what is there
 * and say so (`loading`). Rejects with `aborted`, and as the store does.
 *
 * @example
 * ```ts
 * const engine = await openSearch(store)
 * const { hits } = await engine.search({ vector, model: 'acme:embed-1', k: 10, where: { tags: ['physics'] } })
 * ```
 */
export async function openSearch(store: BlockStore, options: SearchOptions = {}): Promise<SearchEngine> {
  const { readSearchOptions, readStore, SearchEngine } = await loaded()
  const { signal, ...ports } = readSearchOptions(options, '')
  readStore(store, 'store')
  const remote = ports.worker && (await import('./worker/remote-core')).RemoteCore
  const engine = new SearchEngine(ports, remote)
  try {
    await engine.open(store, signal)
  } catch (error) {
    await engine.close().catch(() => undefined)
    throw error
  }
  return engine
}
