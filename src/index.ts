export { CosmicError, describe, fail, ok, unwrap } from './base/index'
export type { Clock, ErrorCode, Failure, Random, Result, Timers } from './base/index'
export { didKey, EncryptionKey, parseDidKey, Signer, verifySignature } from './signer/index'
export type { DecryptionKey, KeyStore, SigningIdentity } from './signer/index'
export type { EquatorialBody, HorizontalBody, Place, Sky } from './sky/index'
export {
  blockVector,
  createBlock,
  decodeBlock,
  exportCar,
  fromJSON,
  importCar,
  openSealed,
  parseModelId,
  RELATIONS,
  shareSealed,
  toJSON,
} from './block/index'
export type * from './block/index'
export { CosmicValidator } from './validate/index'
export type { Check, Grades, Policy, PolicyRefusal, Verdict } from './validate/index'
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
  ExportOptions,
  FitOptions,
  FittedTranslator,
  ImportOptions,
  ImportRefusal,
  ImportReport,
  PeerStatus,
  SearchedModel,
  SearchHit,
  SearchOptions,
  SearchReport,
  SyncClientOptions,
  TranslatorSummary,
  Validator,
} from './client/index'
