import { CosmicError } from '../base/index'
import type { KernelName } from './kernels/kernels'
import type { SearchPorts, SearchSpace } from './search-engine'
import type { SearchQuery } from './search-query'
import type { SearchResult } from './search-result'

/** What finds the nearest vectors: the engine of this process, or a store whose server compares them. */
export interface VectorSearch {
  /** What compares vectors, and every model and length of vector that has blocks. */
  look(): Promise<{ readonly kernels: KernelName | 'pgvector'; readonly spaces: readonly SearchSpace[] }>
  /** As `SearchEngine.search`. */
  search(query: SearchQuery): Promise<SearchResult>
  close(): void | Promise<void>
}

/** What a search in a store needs of its surroundings. */
export type VectorSearchPorts = Pick<SearchPorts, 'clock' | 'predicates'>

/** A store that can search: it keeps the vectors of admitted blocks itself, so that no process loads them. */
export interface SearchingStore {
  /** `undefined` where the server cannot compare vectors. */
  vectorSearch(ports: VectorSearchPorts): VectorSearch | undefined
}

/** The search of a store that can; `undefined` of others. */
export function pushedSearch(store: object, ports: VectorSearchPorts): VectorSearch | undefined {
  return 'vectorSearch' in store ? (store as SearchingStore).vectorSearch(ports) : undefined
}

/** A query vector of a length that no block of the model has. */
export function wrongLength(model: string, lengths: readonly number[]): CosmicError {
  const [first, ...others] = lengths.toSorted((a, b) => a - b)
  const limit = others.length === 0 ? first! : [first, ...others].join(' or ')
  const hint = `vectors of ${model} have ${limit} numbers`
  return new CosmicError({ code: 'wrong-length', field: 'vector', limit, hint })
}
