export { CosmicValidator, DEFERRAL_WINDOW, type ValidatorOptions } from './cosmic-validator'
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
export { gradeSights, type SightsGrade, type SightsOptions } from './evidence/sights'
export { gradeTimeProofs, type Attested, type ProvenNotAfter, type TimeProof } from './evidence/time-proof'
export { verifyBeacon, type VerifyBeaconOptions } from './evidence/verify-beacon'
export type { EvidenceQuery, EvidenceSource, SuccessorQuery } from './evidence-source'
export { awaitsEvidence } from './judge'
export { POLICIES } from './policies'
export * from './policy'
export type { Position, Region, Ring } from './region'
export { Identities, resolveIdentity, type IdentitiesOptions } from './identities'
export { standing, type Identity, type IdentityView, type ValidationContext } from './identity'
export * from './verdict'
export type { BlockSource } from './block-source'
export { verifyBlocks, type BulkVerification, type VerifyBlocksOptions, type VerifyProgress } from './verify-blocks'
export { restoreVerified } from './restore-verified'
