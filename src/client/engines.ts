import { func, loadOnce, record, type Clock, type Timers } from '../base/index'
import { openSearch, pushedSearch, SEARCH_PORTS, type VectorSearch } from '../search/index'
import type { BlockStore } from '../store/index'
import type { Hybrid } from './hybrid'
import type { SyncClientOptions } from './options'
import type { Running } from './running'
import { WORDS_SHARE } from './words-share'

/** What ranks by words too, made when it is asked for. */
export function wordsOf(
  store: BlockStore,
  { search }: SyncClientOptions,
  ports: Pick<EnginePorts, 'pause' | 'onError'>,
): Pick<Running, 'hybrid' | 'words'> {
  let made: Hybrid | undefined
  const open = async () => (made = await (await import('./hybrid')).Hybrid.open(store, search, ports))
  return { hybrid: loadOnce(open), words: () => made?.words }
}

const readSearchSettings = record<NonNullable<SyncClientOptions['search']>>({ ...SEARCH_PORTS, keywords: func })

/** The search of a store that brings its own, or one beside it. */
export async function openEngine(
  store: BlockStore,
  { search = {} }: SyncClientOptions,
  { clock, timers, pause, onError }: EnginePorts,
): Promise<VectorSearch> {
  const { keywords, ...given } = readSearchSettings(search, 'search')
  const asked = { clock, ...given }
  const { maxBytes } = asked
  const bounds = maxBytes && keywords && { maxBytes: maxBytes * (1 - WORDS_SHARE) }
  return pushedSearch(store, asked) ?? openSearch(store, { pause, timers, onError, ...asked, ...bounds })
}

interface EnginePorts {
  readonly clock: Clock
  readonly timers: Timers
  readonly pause: () => Promise<void>
  readonly onError: (error: unknown) => void
}
