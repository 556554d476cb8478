export type { Predicate } from './entry'
export { checkFilter, type Circle, type SearchFilter } from './search-filter'
export { openSearch } from './open-search'
export type { SearchOptions, SearchPorts } from './search-ports'
export type { SearchSpace, Survey } from './search-core'
export type { Loading } from './saved/keeper'
export type { KeywordIndex } from './keyword-index'
export { meetsFilter } from './meets-filter'
export type { KernelName } from './kernels/kernels'
export { checkSearch, MAX_HITS, recallOf, type SearchMode, type SearchQuery } from './search-query'
export { type Hit, NOTHING_FOUND, type SearchResult } from './search-result'
export { directionOf } from './unit-vector'
export type { Direction, Metric } from './vector-index'
export * from './vector-search'
export { wrongLength } from './wrong-length'
export type { SearchWorker } from './worker/search-worker'

/** The engine that `openSearch` opens; its class is loaded with it. */
export type SearchEngine = import('./search-engine').SearchEngine
