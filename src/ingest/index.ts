export { decodeEntry, type DeferredBlock, type DeferredEntry, everyEntry } from './deferred-entry'
export { LOCAL_SOURCE, type DeferralBounds } from './deferral-room'
export { DEFERRAL_BOUNDS, DeferredQueue, type DeferredQueueOptions, openDeferredQueue } from './deferred-queue'
export {
  type BlockValidator,
  DEFERRED_SOURCE,
  Ingest,
  type IngestOptions,
  type IngestParts,
  type Stored,
} from './ingest'
export type { AuthorWatch, DueBlocks, EvidenceReader } from './regrade-causes'
export { loadRegrader } from './load-regrader'
export type { Regrader, RegraderParts } from './regrader'
export { isUnkept, type Unkept, type UnkeptVerdict } from './settle'
export { loadRetention } from './retention/load-retention'
export type { Retention, RetentionReport } from './retention/retention'
export type { CompactionProgress } from './retention/tidying'
export type { ClockDoubt } from './retention/trusted-time'
export { readRetention, type Bounds, type Pins, type RetentionPolicy } from './retention/retention-policy'
