import type { Clock, ErrorCode } from '../base/index'
import type { VerifiedBlock } from '../block/index'
import type { BeaconChain } from './evidence/beacon-chain'
import type { TimeProof } from './evidence/time-proof'
import type { Region } from './region'
import type { Grades } from './verdict'

/** Why a policy does not admit a block. */
export interface PolicyRefusal {
  /** Default `policy`. */
  readonly code?: ErrorCode
  readonly field?: string
  /** For people. */
  readonly message?: string
}

/** A function of one's own. Everything but `true` refuses, and so does a throw. */
export type Admit = (block: VerifiedBlock, grades: Grades) => boolean | PolicyRefusal | Promise<boolean | PolicyRefusal>

/** A name among the policy's `regions`, or a region itself. */
export type RegionRef = string | Region

/** Which blocks a rule is for: all given conditions must hold. An empty one is for every block. */
export interface Condition {
  /** Every one of these. */
  readonly tags?: readonly string[]
  /** One of these did:key names. */
  readonly authors?: readonly string[]
  /** One of these. */
  readonly kinds?: readonly string[]
  /** The claimed place lies in it. A block without a place lies nowhere: ask for one with `within`. */
  readonly region?: RegionRef
}

/** What a block must show. Each grade proves what docs/cosmic-validation.md says, and no more. */
export interface Requirement {
  /** A sky that fits the claimed time and place. */
  readonly consistent?: boolean
  /**
   * `true`: no later version of it is known, that is, no block of the same author names it in `supersedes`. A block that is
   * replaced later is judged anew then.
   */
  readonly current?: boolean
  /** A claimed place. */
  readonly place?: boolean
  /** A claimed place in this region, on its edge at the furthest. It is a claim: nothing shows that anyone was there. */
  readonly within?: RegionRef
  /**
   * A beacon round that came out at most `maxGap` milliseconds before the claimed time, and after it by no more than the
   * clock skew that the policy allows.
   */
  readonly notBefore?: { readonly maxGap: number }
  /** At least `atLeast` of the witnesses `of` (did:key names) countersigned, within `maxGap` milliseconds of the claimed time. */
  readonly notAfter?: { readonly of: readonly string[]; readonly atLeast: number; readonly maxGap?: number }
  /** A proof by one of the policy's `proofs`, within `maxGap` milliseconds of the claimed time. */
  readonly proven?: { readonly maxGap?: number }
  /** Sights of one of these devices (did:key names) that fix the claimed place. */
  readonly observed?: { readonly devices: readonly string[] }
}

/** What some blocks must show. Every rule whose `when` holds counts. */
export interface Rule {
  /** For people: refusals name it. */
  readonly name?: string
  /** Default: every block. */
  readonly when?: Condition
  readonly require?: Requirement
  /** As the policy's own, for the blocks of this rule; the strictest of both holds. */
  readonly maxSkew?: number
  /** A rule of one's own, asked when all that is required was shown. */
  readonly admit?: Admit
}

/**
 * Which verified blocks this node admits to search and reading. It never decides whether a block is valid, stored or
 * synced. Everything left out admits. Without its functions and clock it is plain data, the same as its JSON; whatever
 * is misspelt or impossible in it is refused by name when the validator is made.
 *
 * @example
 * ```ts
 * const validator = new CosmicValidator({
 *   authors: { deny: ['did:key:z6Mk…'] },
 *   rules: [
 *     { when: { tags: ['sensor'] }, require: { consistent: true, notBefore: { maxGap: 60_000 } } },
 *     { when: { kinds: ['embedding'] }, require: { notAfter: { of: [anna, ben, carla], atLeast: 2 } } },
 *   ],
 *   admit: block => block.time > Date.UTC(2026, 0, 1) || { field: 'time', message: 'too old for us' },
 * })
 * ```
 */
export interface Policy {
  /** Milliseconds by which a block may be dated after our clock; later ones are deferred. Default 10 minutes. */
  readonly maxSkew?: number
  /**
   * did:key names. `deny` wins over `allow`; without `allow` everybody else is welcome. Any everyday key of an identity
   * names the identity, its devices included; a device names itself alone. `deny` also holds for keys that say of themselves
   * that they belong to it.
   */
  readonly authors?: { readonly allow?: readonly string[]; readonly deny?: readonly string[] }
  /** Model ids of the embeddings that are admitted; other kinds of block are not concerned. */
  readonly models?: readonly string[]
  readonly kinds?: readonly string[]
  /**
   * What counts of a key that was revoked or rotated away, whose thief can date blocks back: `by-date` (default) what is dated
   * before its end; `by-arrival` of this only what came before its end was known here; `never` nothing.
   */
  readonly endedKeys?: 'by-date' | 'by-arrival' | 'never'
  /** The beacons that `notBefore` believes. Default: drand's quicknet alone. At most 16. */
  readonly beacons?: readonly BeaconChain[]
  /** The outside standards that `proven` believes, such as `openTimestamps(…)`: functions, not data. At most 16. */
  readonly proofs?: readonly TimeProof[]
  /** Regions under names, for rules to use. */
  readonly regions?: Readonly<Record<string, Region>>
  /** What every block must show, of whatever kind. */
  readonly require?: Requirement
  /** What some blocks must show, besides. At most 256. */
  readonly rules?: readonly Rule[]
  /** The last word on blocks that pass all the above. A throw does not admit. */
  readonly admit?: Admit
  /** Default: the runtime's clock. */
  readonly clock?: Clock
}

/** Milliseconds by which an author's clock may run ahead of ours when the policy says nothing else. */
export const DEFAULT_MAX_SKEW = 600_000
