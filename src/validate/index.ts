export { CosmicValidator, DEFERRAL_WINDOW } from './cosmic-validator'
export { Identities, resolveIdentity, type IdentitiesOptions } from './identities'
export { standing, type Identity, type IdentityView, type ValidationContext } from './identity'
export type { BeaconChain, BeaconScheme } from './evidence/beacon-chain'
export type { BeaconRound, BeaconVerifier, BeaconVerifierOptions } from './evidence/beacon-verifier'
export { gradeBeacon, type NotBefore } from './evidence/grade-beacon'
export {
  gradeWitnesses,
  type Finding,
  type NotAfter,
  type Sighting,
  type WitnessRule,
} from './evidence/grade-witnesses'
export { openTimestamps, type BitcoinHeaders } from './evidence/open-timestamps'
export { QUICKNET } from './evidence/quicknet'
export { gradeTimeProofs, type Attested, type ProvenNotAfter, type TimeProof } from './evidence/time-proof'
export { verifyBeacon, type VerifyBeaconOptions } from './evidence/verify-beacon'
export { DEFAULT_MAX_SKEW, type Policy, type PolicyRefusal } from './policy'
export * from './verdict'
export type { BlockSource } from './block-source'
export { verifyBlocks, type BulkVerification, type VerifyBlocksOptions, type VerifyProgress } from './verify-blocks'
export { restoreVerified } from './verify-bytes'
