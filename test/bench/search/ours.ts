import {
  memoryStorage,
  openBlockStore,
  openSearch,
  type SearchEngine,
  type SearchQuery,
  type SearchResult,
} from 'cosmic-embeddings'
import { rowOf, type Dataset } from './data'
import { blockOf, MODEL } from './block-of'
import { K, processorTime } from './peer'

/** As many as a store tells of at once. */
const BATCH = 256
const FIRST = 8 * BATCH

/** Our engine with every vector of a data set. */
export interface Ours {
  readonly engine: SearchEngine
  /** Processor time of one insertion, with its share of the making of clusters, in microseconds. */
  readonly insertion: number
  /** Bytes of memory a vector, exact vectors included where they are kept. */
  readonly bytes: number
  search(query: Float32Array, asked?: Partial<SearchQuery>): Promise<SearchResult>
}

/**
 * `flat`: no clusters are made. `stored`: exact vectors stay in the store, as in an engine that follows one; the blocks are
 * handed to the engine only, made beforehand, since signing and storing have benchmarks of their own.
 */
export async function fillOurs(data: Dataset, { flat = false, stored = false } = {}): Promise<Ours> {
  const store = await openBlockStore(memoryStorage())
  const engine = await openSearch(store, {
    persist: false,
    ...(!stored && { vectors: 'memory' }),
    ...(flat && { clustersFrom: Infinity }),
  })
  let time = 0
  for (let first = 0; first < data.count; first += BATCH) {
    const length = Math.min(BATCH, data.count - first)
    const blocks = Array.from({ length }, (_, i) => blockOf(first + i, rowOf(data, first + i)))
    const start = processorTime()
    engine.add(...blocks)
    // From so few on codes are made: the rest then need not be moved to them.
    if (first === FIRST) await engine.settled()
    time += processorTime() - start
  }
  const start = processorTime()
  await engine.settled()
  const insertion = (1000 * (time + processorTime() - start)) / data.count
  return {
    engine,
    insertion,
    bytes: engine.spaces[0]!.bytes / data.count,
    search: (vector, asked) => engine.search({ vector, model: MODEL, k: K, ...asked }),
  }
}
