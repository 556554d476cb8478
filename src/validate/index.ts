export { CosmicValidator, DEFERRAL_WINDOW } from './cosmic-validator'
export { DEFAULT_MAX_SKEW, type Policy, type PolicyRefusal } from './policy'
export * from './verdict'
export { restoreVerified } from './verify-bytes'
