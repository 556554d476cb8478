import type { KernelName } from './kernels/kernels'
import type { Loading } from './saved/keeper'
import type { Survey } from './search-core'
import type { SearchPorts } from './search-ports'
import type { SearchQuery } from './search-query'
import type { SearchResult } from './search-result'

/** What there is to search, and what compares it. */
export type VectorSurvey = Omit<Survey, 'kernels'> & { readonly kernels: KernelName | 'pgvector' }

/** What finds the nearest vectors: the engine of this process, or a store whose server compares them. */
export interface VectorSearch {
  /** Where vectors are compared. */
  readonly thread: 'own' | 'worker' | 'server'
  /** There while blocks are still loaded: only what is there is searched. */
  readonly loading?: Loading | undefined
  look(): Promise<VectorSurvey>
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
