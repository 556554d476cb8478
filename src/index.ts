export { CosmicError, describe, fail, ok, unwrap } from './base/index'
export type { Clock, ErrorCode, Failure, Random, Result, Timers } from './base/index'
export {
  decryptSeed,
  didKey,
  encryptSeed,
  exportPublicKey,
  externalSigner,
  importPublicKey,
  parseDidKey,
  Signer,
  verifySignature,
} from './signer/index'
export type {
  EncryptionOptions,
  ExternalKey,
  KeyRole,
  KeyStore,
  PrivateJwk,
  PrivateKeyFormats,
  PublicJwk,
  PublicKeyFormats,
  SigningIdentity,
} from './signer/index'
export type { EquatorialBody, HorizontalBody, Place, Sky } from './sky/index'
export {
  blockVector,
  createBlock,
  decodeBlock,
  exportCar,
  fromJSON,
  importCar,
  parseModelId,
  RELATIONS,
  toJSON,
} from './block/index'
export type {
  Block,
  BlockBase,
  BlockFields,
  BlockJson,
  ByteSource,
  CarExportOptions,
  CarImportOptions,
  CarProgress,
  CommonFields,
  ElementType,
  EmbedderFields,
  Embedder,
  EmbedKind,
  Embedding,
  EmbeddingBlock,
  HashedInput,
  Input,
  JsonValue,
  Link,
  ModelId,
  OpaqueBlock,
  SharedFields,
  TextInput,
  TranslatorBlock,
  TranslatorFields,
  TranslatorPart,
  TranslatorQuality,
  VectorFields,
  VerifiedBlock,
} from './block/index'
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
export type {
  BatchOperation,
  BlockQuery,
  BlockStore,
  BlockStoreOptions,
  KeyValueStorage,
  LogEntry,
  RangeOptions,
  StoreChange,
  StoredBlock,
  StoreStats,
} from './store/index'
export { openSearch } from './search/index'
export type { Hit, SearchEngine, SearchFilter, SearchQuery, SearchResult, SearchSpace } from './search/index'
export type {
  IngestResult,
  SessionPhase,
  SessionProgress,
  SessionStatus,
  SessionTiming,
  StallReason,
  SupportedKind,
  SyncItem,
} from './sync/index'
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
  Subscription,
  SyncClientOptions,
  TranslatorSummary,
  Validator,
} from './client/index'
