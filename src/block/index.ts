export * from './block-fields'
export { blockVector } from './block-vector'
export type { ByteSource } from './byte-reader'
export { exportCar, type CarExportOptions, type Enveloped } from './car-export'
export { importCar, type CarImportOptions, type CarProgress } from './car-import'
export { cidOf } from './cid-of'
export { createBlock } from './create-block'
export { createWitness, type Witnessed } from './create-witness'
export {
  decodeBlock,
  kindOf,
  openBlock,
  openBlockInPool,
  openOwned,
  OpenedBlock,
  openToStore,
  takeOpened,
} from './decode-block'
export { decodeElements, encodeElements, type Elements } from './elements'
export * from './embedder'
export { borrowToBeSigned, openEnvelope, type Envelope } from './envelope'
export type * from './evidence-types'
export { toBeacon } from './fields/beacon'
export { fromJSON, toJSON, type BlockJson, type JsonValue } from './json'
export { LIMITS } from './limits'
export { parseModelId, type ModelId } from './model-id'
export { openSealed, type OpenOptions } from './open-sealed'
export { KNOWN_KINDS } from './payload'
export { isIncluded, type AuditPath } from './merkle-proof'
export * from './relations'
export { recoveryCommitment } from './recovery-commitment'
export type * from './identity-types'
export type * from './retraction-types'
export type * from './sealed-types'
export { shareSealed, type ShareOptions } from './share-sealed'
export { signSights, verifySights, type SightsClaim } from './sign-sights'
export type * from './sights-types'
export * from './types'
