import type { RetentionPolicy } from '../ingest/index'
import type { Interest, SessionTiming } from '../sync/index'
import type { AttackName } from './hostile/attack'
import type { CONDITIONS, LinkConditions } from './link-conditions'
import type { SignatureMode } from './simulated-crypto'
import type { DiskConditions } from './simulated-disk'
import type { Tampering } from './tampering'

/** Version of plans, traces and recordings: those of another one are refused as `version`. */
export const PLAN_VERSION = 1

/** A minute in which what was broken off finds each other again, before rounds are counted. */
export const MENDING_MS = 60_000

/** One run as plain data: who there is, what happens when. A scenario and a seed make one; a shrinker makes it smaller. */
export interface Plan {
  readonly version: typeof PLAN_VERSION
  readonly scenario: string
  readonly seed: number
  readonly signatures?: SignatureMode
  readonly timing?: Partial<SessionTiming>
  readonly nodes: readonly NodePlan[]
  /** Who dials whom, from the start. */
  readonly links: readonly (readonly [from: string, to: string])[]
  readonly conditions?: keyof typeof CONDITIONS | Partial<LinkConditions>
  readonly disk?: Partial<DiskConditions>
  readonly hostiles?: readonly HostilePlan[]
  /** In any order; each happens at its time. */
  readonly actions: readonly Action[]
  /** Audits (full reconciliations) after the last fault within which everything must have converged. */
  readonly rounds: number
}

export interface NodePlan {
  readonly name: string
  /** Clock: milliseconds off, and milliseconds more a day. */
  readonly skew?: number
  readonly drift?: number
  /** The name whose key it has: a machine cloned with its identity. */
  readonly identity?: string
  /** It is started by an action, not at the beginning. */
  readonly later?: boolean
  /** Its sessions know no extension of the protocol. */
  readonly plain?: boolean
  /** What it keeps; default: everything. */
  readonly retention?: RetentionPolicy
  /** Retractions of one author that may wait at it for a block that never came. */
  readonly waiting?: number
  /** What it wants of its peers; default: everything. An author is the name of a node. */
  readonly interests?: readonly Interest[]
}

export interface HostilePlan {
  readonly name: string
  readonly attack: AttackName
  readonly targets: readonly string[]
}

/** What of a disk rots: the records of blocks, or anything whatever, at which its owner has the store repaired. */
export type Rottable = 'records' | 'anything'

/** What happens at a time, in milliseconds since the beginning. */
export type Action = { readonly at: number } & (
  | {
      readonly do: 'publish'
      readonly node: string
      readonly count: number
      readonly bytes?: number
      readonly ahead?: number
      /** Beside the name of the node. */
      readonly tags?: readonly string[]
    }
  | { readonly do: 'expire'; readonly node: string; readonly count: number; readonly after: number }
  | { readonly do: 'retract'; readonly node: string; readonly count: number }
  | { readonly do: 'crash'; readonly node: string; readonly silent?: boolean }
  | {
      readonly do: 'crash-at-write'
      readonly node: string
      readonly write: number
      readonly moment: 'before' | 'after'
    }
  | { readonly do: 'start' | 'stop' | 'sleep' | 'wake' | 'isolate'; readonly node: string }
  | { readonly do: 'partition'; readonly groups: readonly (readonly string[])[] }
  | {
      readonly do: 'close-way' | 'open-way' | 'cut' | 'connect' | 'disconnect'
      readonly from: string
      readonly to: string
    }
  | { readonly do: 'heal' }
  | { readonly do: 'clog'; readonly from: string; readonly to: string; readonly ms: number }
  | {
      readonly do: 'tamper'
      readonly from: string
      readonly to: string
      readonly kind: Tampering
      readonly count: number
    }
  | { readonly do: 'link'; readonly from: string; readonly to: string; readonly conditions: Partial<LinkConditions> }
  | { readonly do: 'clock'; readonly node: string; readonly by: number }
  | { readonly do: 'disk'; readonly node: string; readonly conditions: Partial<DiskConditions> }
  | { readonly do: 'rot'; readonly node: string; readonly count: number; readonly where?: Rottable }
  | { readonly do: 'backup' | 'restore' | 'wipe'; readonly node: string }
  | { readonly do: 'want'; readonly node: string; readonly interests: readonly Interest[] }
  | { readonly do: 'clone'; readonly from: string; readonly to: string }
)

/** The action that does this. */
export type ActionOf<D extends Action['do']> = Doing<Action, D>

type Doing<A, D> = A extends { readonly do: infer Any } ? (D extends Any ? A : never) : never
