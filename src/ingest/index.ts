export { type DeferredBlock, DeferredQueue, type DeferredQueueOptions, openDeferredQueue } from './deferred-queue'
export {
  type BlockValidator,
  DEFERRED_SOURCE,
  Ingest,
  type IngestOptions,
  type IngestParts,
  type Stored,
} from './ingest'
