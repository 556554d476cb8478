export type { Predicate } from './entry'
export { checkFilter, type Circle, type SearchFilter } from './search-filter'
export { openSearch } from './open-search'
export { SEARCH_PORTS } from './read-ports'
export type { SearchOptions, SearchPorts } from './search-ports'
export type { SearchSpace, Survey } from './search-core'
export type { Loading } from './saved/keeper'
export type { KeywordIndex } from './keyword-index'
export { guardedPredicates } from './guarded-predicates'
export { meetsFilter } from './meets-filter'
export type { KernelName } from './kernels/kernels'
export { checkSearch, MAX_HITS, recallOf, type SearchMode, type SearchQuery } from './search-query'
export type { Hit, SearchResult } from './search-result'
export { type Direction, type Metric, scoreOf } from './vector-index'
export * from './vector-search'
export type { SearchWorker } from './worker/search-worker'

/** The engine that `openSearch` opens; its class is loaded with it. */
export type SearchEngine = import('./search-engine').SearchEngine
