import type { Failure } from '../base/index'
import type { TimeSpan } from './negentropy/set-span'
import { createInterests, type InterestState } from './interest-state'
import { createResume, type ResumeState } from './resume-state'
import { SESSION_LIMITS } from './session-limits'
import { createNarrowing, type Narrowing } from './narrowing'
import { createSketching, type Sketching } from './sketch-state'
import type { SessionPhase, SessionStatus, StallReason, SupportedKind } from './session-types'

/**
 * Everything that one session knows: plain data that can be cloned, compared and stored. Ids are CID strings; sets and maps
 * are queues in insertion order. Only `step` changes it; for others it is opaque, `sessionStatus` reads it.
 */
export interface SessionState extends ResumeState, Sketching, InterestState {
  /** `new` before `open`; `greeting` until the peer's hello; `open`; `closed`. */
  life: 'new' | 'greeting' | 'open' | 'closed'
  seed: Uint8Array
  lastPhase: SessionPhase
  peerKinds: readonly SupportedKind[]
  /** What both sides can beyond the protocol that every session speaks. */
  extensions: ReadonlySet<string>
  /** The floor and the ceiling that the peer was told last, the peer's floor, and by how much its ceiling lies below this side's. */
  toldFloor: number
  toldCeiling: number
  peerFloor: number
  ceilingLag: number
  /** This side's ceiling when it was last looked at. */
  lastCeiling: number

  /** The audit under way. `comparing`: until its reconciliation has ended; `fetching`: until both sides have said `done`. */
  audit: 'none' | 'comparing' | 'fetching'
  /** What that audit compares; of the responder also what the next one will. */
  span: TimeSpan | undefined
  /** Another audit is wanted; the responder has asked for it. */
  auditDue: boolean
  auditAsked: boolean
  /** Initiator: the reconciliation's answer is awaited; the answer that waits until the queues are short. */
  awaitingAnswer: boolean
  answer: Uint8Array | undefined
  /** Responder: the reconciliation message that waits for its turn. */
  question: Uint8Array | undefined
  /** Reconciliation messages that may be dealt with before the next heartbeat; a costly one leaves a debt. */
  reconciles: number
  /** How often any were dealt with. */
  reconciled: number
  narrowing: Narrowing
  ownDone: boolean
  peerDone: boolean
  rounds: number

  /** Ids to ask for; asked for; in the ingest. Disjoint. */
  need: Set<string>
  inFlight: Set<string>
  ingesting: Set<string>
  /** Batches in the ingest. */
  batches: Map<number, Batch>
  nextBatch: number
  /** Ids whose announcement the peer has paid with an item of credit, not yet given back. */
  announced: Set<string>
  /** Ids that were dealt with without being stored: not asked for again in this session. */
  settled: Set<string>
  /** Those of them that may be asked for again, by the heartbeat from which on. */
  deferred: Map<string, number>
  /** What the peer may still send, and what is ready to be given back. */
  grantedBytes: number
  grantedItems: number
  owedBytes: number
  owedItems: number

  /** Items to announce, id → time; ids that the peer asked for; those of them being loaded. */
  have: Map<string, number>
  wanted: Set<string>
  loading: readonly string[]
  /** What this side may still send. */
  creditBytes: number
  creditItems: number
  /** Announced items whose credit has not come back: the peer may yet ask for them. */
  unsettled: number
  /** Ids that the peer is known to have or to have heard of. */
  known: Set<string>

  /** Heartbeats since the last message; pings not yet answered; pongs until the peer has dealt with the last announcement. */
  silent: number
  /** Heartbeats left for a sign of life, once the peer has opened another connection; 0: it has not. */
  probed: number
  /** Heartbeats so far: the only clock of a session. */
  beats: number
  pings: number
  echoes: number
  /** Counts every advance; its value after the last step; quarters of the stall period since then, and whether the timer of one runs. */
  advances: number
  stallMark: number
  still: number
  isStallTimed: boolean
  stalls: number
  stalled: StallReason | undefined

  bytesIn: number
  bytesOut: number
  received: number
  stored: number
  sent: number
  faults: number
  lastError: Failure | undefined
}

/** Blocks handed to the ingest together, and the bytes of their envelopes. */
export interface Batch {
  readonly ids: readonly string[]
  readonly bytes: number
}

/** The state before `open`. */
export function createSession(): SessionState {
  return {
    life: 'new',
    seed: new Uint8Array(0),
    lastPhase: 'greeting',
    peerKinds: [],
    extensions: new Set(),
    ...{ toldFloor: 0, toldCeiling: 0, peerFloor: 0, ceilingLag: 0 },
    ...createResume(),
    ...createInterests(),
    lastCeiling: 0,
    audit: 'none',
    span: undefined,
    auditDue: false,
    auditAsked: false,
    awaitingAnswer: false,
    answer: undefined,
    question: undefined,
    ...createSketching(),
    reconciles: SESSION_LIMITS.reconciles,
    reconciled: 0,
    narrowing: createNarrowing(),
    ownDone: false,
    peerDone: false,
    rounds: 0,
    need: new Set(),
    inFlight: new Set(),
    ingesting: new Set(),
    batches: new Map(),
    nextBatch: 1,
    announced: new Set(),
    settled: new Set(),
    deferred: new Map(),
    grantedBytes: SESSION_LIMITS.window,
    grantedItems: SESSION_LIMITS.items,
    owedBytes: 0,
    owedItems: 0,
    have: new Map(),
    wanted: new Set(),
    loading: [],
    creditBytes: 0,
    creditItems: 0,
    unsettled: 0,
    known: new Set(),
    silent: 0,
    probed: 0,
    beats: 0,
    pings: 0,
    echoes: 0,
    advances: 0,
    ...{ stallMark: 0, still: 0, isStallTimed: false, stalls: 0 },
    stalled: undefined,
    ...{ bytesIn: 0, bytesOut: 0 },
    received: 0,
    stored: 0,
    sent: 0,
    faults: 0,
    lastError: undefined,
  }
}

/** Adds an id to a set that forgets its oldest members beyond `most`. */
export function remember(set: Set<string>, id: string, most: number): void {
  set.add(id)
  if (set.size <= most) return
  for (const oldest of set) {
    set.delete(oldest)
    return
  }
}

/** Nothing to ask for, awaited, or in the ingest. */
export function hasFetchedAll(state: SessionState): boolean {
  return state.need.size + state.inFlight.size + state.ingesting.size === 0
}

/** How much may have to be announced. */
export function toAnnounce({ have, choosing, looking }: SessionState): number {
  return have.size + choosing.size + (looking?.size ?? 0)
}

/** Nothing to tell the peer, or to send to it. */
export function hasServedAll(state: SessionState): boolean {
  return toAnnounce(state) + state.unsettled + state.wanted.size + state.loading.length === 0
}

/** No audit is under way or owed, by which either side may find more. */
export function hasCompared({ audit, auditDue, deaf }: SessionState): boolean {
  return audit === 'none' && !auditDue && deaf === 'no'
}

/** Nothing at all has come from the peer for several heartbeats. */
export function isSilent({ life, silent }: SessionState): boolean {
  return life === 'open' && silent >= SESSION_LIMITS.heartbeatsSilent
}

export function phaseOf(state: SessionState): SessionPhase {
  if (state.life === 'closed') return 'closed'
  if (state.life !== 'open') return 'greeting'
  if (state.audit === 'none' && state.rounds === 0 && !state.isResumed)
    return state.ownLog === 'none' || (hasFetchedAll(state) && hasServedAll(state)) ? 'greeting' : 'transferring'
  if (state.audit === 'comparing') return 'reconciling'
  const isIdle = hasCompared(state) && state.echoes === 0 && hasFetchedAll(state) && hasServedAll(state)
  return isIdle ? 'live' : 'transferring'
}

/** The figures of a session, for people and for `client.status()`. */
export function sessionStatus(state: SessionState): SessionStatus {
  const {
    bytesIn,
    bytesOut,
    received,
    stored,
    sent,
    faults,
    rounds,
    isResumed,
    lastError,
    peerInterests: interests,
  } = state
  const stalled = state.stalled ?? (isSilent(state) ? 'peer-silent' : undefined)
  return {
    phase: phaseOf(state),
    have: toAnnounce(state),
    need: state.need.size,
    inFlight: state.inFlight.size,
    ingesting: state.ingesting.size,
    wanted: state.wanted.size + state.loading.length,
    bytesIn,
    bytesOut,
    received,
    stored,
    sent,
    faults,
    rounds,
    isResumed,
    ...(interests && state.extensions.has('interests') && { interests }),
    collections: state.compared,
    isCoarse: state.isCoarse,
    ...(stalled && { stalled }),
    ...(lastError && { lastError }),
  }
}
