import type { Collection } from './collection'
import { EVERYTHING, type Interest, type Interests } from './interest'
import { SESSION_LIMITS } from './session-limits'

/** One collection of an audit, as far back and forth in time as any interest in it goes. */
export interface Pass {
  readonly collection: Collection
  readonly floor: number
  readonly ceiling: number
  /** Whether the initiator wants what it lacks of it. */
  readonly fetches: boolean
  /** Initiator: what the responder wants of it. */
  readonly theirs: Interests
}

/** What a session knows of both sides' interests, and of the collections of its audits (part of `SessionState`). */
export interface InterestState {
  /** What the peer was told last, and has told; `undefined` until then where it will. */
  toldInterests: Interests
  peerInterests: Interests | undefined
  /** This side's interests changed; how many changes may be told, and taken, before the next heartbeat. */
  interestsDue: boolean
  mayChange: number
  peerMayChange: number
  /** After this side's interests widened, places in the peer's log mean less until an audit has ended that began later. */
  deaf: 'no' | 'until-audit' | 'in-audit'
  /** Ids that were under way then: not to be had under what was wanted before, they are asked for once more. */
  doubtful: Set<string>

  /** Initiator: the passes of the audit under way that are left, the one under way first. Responder: that one alone. */
  passes: readonly Pass[]
  /** Nothing of the pass under way was compared yet. */
  isFresh: boolean
  /** The collections, by key, whose sets are kept for this session. */
  held: Set<string>
  /** The collection of the pass is being made; responder: there is no room for it. */
  isCollecting: boolean
  isRefused: boolean
  /** The collections of this audit so far, and of the last one that ended; whether a coarser one had to do. */
  comparing: readonly Collection[]
  compared: readonly Collection[]
  isCoarse: boolean

  /** Items of which it is not known whether the peer wants them, id → time. */
  choosing: Map<string, number>
  /** Those that are being looked at, as far as their announcement still hangs on it; `undefined`: no look is under way. */
  looking: Set<string> | undefined
  /** The peer has changed its mind since the look began. */
  isChoiceOld: boolean
}

export function createInterests(): InterestState {
  return {
    toldInterests: EVERYTHING,
    peerInterests: EVERYTHING,
    interestsDue: false,
    mayChange: SESSION_LIMITS.changesTold,
    peerMayChange: SESSION_LIMITS.changes,
    deaf: 'no',
    doubtful: new Set(),
    passes: [],
    isFresh: true,
    held: new Set(),
    isCollecting: false,
    isRefused: false,
    comparing: [],
    compared: [],
    isCoarse: false,
    choosing: new Map(),
    looking: undefined,
    isChoiceOld: false,
  }
}

/** Whether a time lies within an interest. */
export const isInTime = (time: number, { since = 0, until = Infinity }: Interest) => time >= since && time < until
