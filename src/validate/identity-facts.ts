import { toBase64url } from '../base/index'
import { recoveryCommitment, type ProfileBlock, type RotationBlock } from '../block/index'
import { parseDidKey } from '../signer/index'

/** The most identities that one key may say it belongs to, and the most keys for which one recovery key may sign. */
export const MAX_CLAIMS = 4
export const MAX_SUCCESSION = 64

/** All that counts of one key's profiles; adding them in another order makes the same. */
export interface KeyFacts {
  /** Recovery keys that it commits to. Two are as bad as many: no third is kept. */
  readonly commitments: Set<string>
  /** A profile of a key that stands for itself says nothing of recovery. */
  silent: boolean
  /** Identities that it says it belongs to; `undefined` when there are too many: then it stands for nobody. */
  claims: Set<string> | undefined
  /** The latest profile by (time, id). */
  latest: { readonly time: number; readonly id: string; readonly devices: readonly string[] }
}

/** All that counts of one recovery key's rotations of one key. */
export interface RotationFacts {
  readonly author: string
  readonly from: string
  readonly to: string | undefined
  readonly next: string | undefined
  /** The earliest of those that say the same. */
  time: number
  /** Others say something else. */
  conflicting: boolean
}

/** Whether the profile added anything. */
export function addProfile(facts: KeyFacts, { id, time, profile }: ProfileBlock): boolean {
  const { recovery, identity, devices = [] } = profile
  const { latest } = facts
  const isLatest = time > latest.time || (time === latest.time && id > latest.id)
  if (isLatest) facts.latest = { time, id, devices }
  if (identity !== undefined) return addClaim(facts, identity) || isLatest
  if (recovery !== undefined) return addCommitment(facts, toBase64url(recovery)) || isLatest
  const wasSilent = facts.silent
  facts.silent = true
  return !wasSilent || isLatest
}

function addClaim(facts: KeyFacts, identity: string): boolean {
  if (!facts.claims || facts.claims.has(identity)) return false
  if (facts.claims.size < MAX_CLAIMS) facts.claims.add(identity)
  else facts.claims = undefined
  return true
}

function addCommitment({ commitments }: KeyFacts, commitment: string): boolean {
  if (commitments.size === 2 || commitments.has(commitment)) return false
  commitments.add(commitment)
  return true
}

/** Whether a key agrees to belong to the identity of these; who names too many agrees to all, and is contested itself. */
export function claimsAny(facts: KeyFacts | undefined, keys: readonly string[]): boolean {
  return facts !== undefined && (facts.claims === undefined || keys.some(key => facts.claims!.has(key)))
}

/** Of a key whose profiles are yet to be added. */
export function noFacts(): KeyFacts {
  return { commitments: new Set(), silent: false, claims: new Set(), latest: { time: -1, id: '', devices: [] } }
}

/** What the first rotation says. */
export function rotationFacts({ author, time, rotation: { from, to, next } }: RotationBlock): RotationFacts {
  return { author, from, to, next: next && toBase64url(next), time, conflicting: false }
}

/** Whether a further rotation of the same key by the same recovery key added anything. */
export function addRotation(facts: RotationFacts, block: RotationBlock): boolean {
  const { to, next, time } = rotationFacts(block)
  const { conflicting, time: earliest } = facts
  facts.conflicting ||= to !== facts.to || next !== facts.next
  facts.time = Math.min(earliest, time)
  return conflicting !== facts.conflicting || earliest !== facts.time
}

/** The commitment that a recovery key fulfils. */
export function commitmentOf(did: string): string {
  const key = parseDidKey(did)
  return key.ok ? toBase64url(recoveryCommitment(key.value)) : ''
}
