export type { Resolver } from './block-history'
export type { VersionDiff } from './diff-blocks'
export type { Version } from './history-walk'
export type { HistoryOptions } from './read-history'
export { loadHistory } from './load-history'
export { supersededAmong } from './superseded'

/** What `loadHistory` answers; its class is loaded with it, so no declaration may promise it as a value. */
export type BlockHistory = import('./block-history').BlockHistory
