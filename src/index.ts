export { CosmicError, describe, fail, ok, unwrap } from './base/index'
export type { Clock, ErrorCode, Failure, Random, Result, Timers } from './base/index'
export { didKey, parseDidKey, Signer, verifySignature } from './signer/index'
export type { KeyStore, SigningIdentity } from './signer/index'
export type { EquatorialBody, HorizontalBody, Place, Sky } from './sky/index'
export { blockVector, createBlock, decodeBlock, fromJSON, parseModelId, toJSON } from './block/index'
export type * from './block/index'
export { CosmicValidator, verifyBlocks } from './validate/index'
export type {
  BlockSource,
  BulkVerification,
  Check,
  Grades,
  Policy,
  PolicyRefusal,
  Verdict,
  VerifyBlocksOptions,
  VerifyProgress,
} from './validate/index'
export { assembleTranslator, fitTranslator, translate, translatorParts } from './models/index'
export type { Translator } from './models/index'
export { memoryStorage, openBlockStore } from './store/index'
export type * from './store/index'
export { openSearch } from './search/index'
export type * from './search/index'
export type * from './sync/index'
export type { Connection, Listener, Signaling, SignalingHandlers, SignalingRoom, Transport } from './wire/index'
export { SyncClient } from './client/index'
export type {
  BlockFilter,
  ClientEvents,
  ClientStatus,
  ConnectOptions,
  FitOptions,
  FittedTranslator,
  PeerStatus,
  SearchedModel,
  SearchHit,
  SearchOptions,
  SearchReport,
  SyncClientOptions,
  TranslatorSummary,
  Validator,
} from './client/index'
