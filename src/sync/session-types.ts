import type { ErrorCode, Failure, Result } from '../base/index'
import type { Collection } from './collection'
import type { BlockTraits, Interests } from './interest'
import type { ReconcileSet } from './negentropy/reconcile-set'
import type { TimeSpan } from './negentropy/set-span'

/** A block as sessions name it: its claimed time in milliseconds and its id (base32 CID string). */
export interface SyncItem {
  readonly time: number
  readonly id: string
}

/** An item that the peer may want, with what is known of its block. */
export interface OfferedItem extends SyncItem {
  readonly traits?: BlockTraits
}

/** A format version and a kind whose field rules a node knows. */
export interface SupportedKind {
  readonly version: number
  readonly kind: string
}

/** What one session is given for its whole life. None of it enters the state. */
export interface SessionOptions {
  /** True on the side that dialled: it runs the reconciliation. */
  readonly initiator: boolean
  /** A live view of the reconciled set. The performer keeps it current: an item is in it before `inserted` or `ingested` tells of it. */
  readonly set: ReconcileSet
  /**
   * Between which times this node keeps blocks now: its declared floor, which only rises, and its clock with the skew that
   * it allows. A live view like the set; after the floor has risen, `floor` tells the session.
   */
  readonly bounds: () => TimeSpan
  /** The id of an envelope: cheap, pure, no signature check. Failures mean a malformed envelope. */
  readonly identify: (envelope: Uint8Array) => Result<string>
  /**
   * Whether a block was asked for over another session, or came and is being verified and stored: it is not asked for meanwhile.
   * A live view; default: of none.
   */
  readonly isComing?: (id: string) => boolean
  /**
   * Whether this session may deal with a reconciliation message now, beside what all others cost this node: asked when there is
   * one to deal with. Where not, `turn` tells when it may. A live view; default: always.
   */
  readonly mayReconcile?: () => boolean
  /** The (version, kind) pairs whose field rules this node knows. */
  readonly kinds: readonly SupportedKind[]
  /** What this node wants, and the sets by which that is reconciled; needed where the extension `interests` is offered. */
  readonly collections?: SessionCollections
  /** For people and logs, at most 64 bytes of UTF-8, such as `cosmic-embeddings/0.1.0`. */
  readonly software: string
  /** Extensions of the protocol that this side offers, by name (docs/spec/sync.md). */
  readonly extensions?: readonly string[]
  /** Periods in milliseconds; see `DEFAULT_TIMING`. */
  readonly timing?: Partial<SessionTiming>
}

/** What a session reads of this node's interests: live views like the set. */
export interface SessionCollections {
  /** What this node wants now; after a change, `interests` tells the session. */
  interests(): Interests
  /** The members of a collection, from the `collected` that answers for it until a `keep` leaves it out. */
  find(collection: Collection): ReconcileSet | undefined
}

/** Periods of the session's timers, in milliseconds. */
export interface SessionTiming {
  /** How long the peer may take for its hello. */
  readonly greeting: number
  /** Ticks of the heartbeat: a peer is shown as silent at the fourth without any message, and given up at the eleventh. */
  readonly heartbeat: number
  /** Without progress on outstanding work for this long the session is shown as stalled. */
  readonly stall: number
  /** Between two audits (full reconciliations). */
  readonly audit: number
}

/** One-shot timers by name. Setting a running one replaces it. */
export type TimerName = 'greeting' | 'heartbeat' | 'stall' | 'audit'

/** What the ingest made of one received block. */
export interface IngestResult {
  /** The block's id, as `ingest` named it. */
  readonly id: string
  /**
   * `stored`: new, in the set. `duplicate`: was here already. `deferred`: verified, waits for its time.
   * `refused`: verified, not kept for reasons of this node's own (retracted, expired, pruned, below its floor): costs the
   * peer nothing. `deferred` with code `limit`: there was no room; a later audit may ask for it again.
   * `invalid`: the bytes themselves fail verification: a fault of the peer.
   */
  readonly status: 'stored' | 'duplicate' | 'invalid' | 'deferred' | 'refused'
  /** `invalid` always, the others where known. */
  readonly code?: ErrorCode
  /** `deferred` only, where nobody here keeps the block until then: how long it is no use asking for it again, in milliseconds. */
  readonly wait?: number
  /** `invalid` only, when readable: a peer that never declared this pair is not faulted for its field rules. */
  readonly kind?: SupportedKind
}

/** What a node remembers of its last session with a peer. */
export interface ResumePoint {
  /** As the last `remember` gave it. */
  readonly cursor: Uint8Array
  /** Milliseconds until an audit with this peer is due; none or less: at once. */
  readonly auditIn: number
}

/** What happened outside. The performer delivers events one at a time, in the order in which they happened. */
export type SessionEvent =
  /** Once, first: the secure channel stands. `seed`: 32 fresh random bytes, from which the secret range bounds derive. */
  | { readonly type: 'open'; readonly seed: Uint8Array; readonly resume?: ResumePoint }
  /** The answer to `replay`; without `items` the log has no such place, or too much came since. */
  | { readonly type: 'replayed'; readonly items?: readonly SyncItem[] }
  /**
   * The answer to `position`: a place of this node's log up to which every member has been in `set`, and told by `inserted`
   * where it came during the session. None when it cannot be told now.
   */
  | { readonly type: 'position'; readonly cursor?: Uint8Array }
  /** One whole message from the secure channel. */
  | { readonly type: 'message'; readonly bytes: Uint8Array }
  /** The reconciled set grew, by whatever way: publish, import, another session or this one. */
  | { readonly type: 'inserted'; readonly items: readonly OfferedItem[] }
  /** What this node wants has changed. */
  | { readonly type: 'interests' }
  /** The answer to `collect`: without `ok` there is no room for one more collection. */
  | { readonly type: 'collected'; readonly ok: boolean }
  /** The answer to `choose`: those of the items that are wanted. */
  | { readonly type: 'chosen'; readonly items: readonly SyncItem[] }
  /** The answer to `load`, one entry an id asked for; without `bytes` the block is not (or no longer) held here. */
  | { readonly type: 'loaded'; readonly blocks: readonly { readonly id: string; readonly bytes?: Uint8Array }[] }
  /** The answer to the `ingest` of the same `batch`, one result a block, in any order. */
  | { readonly type: 'ingested'; readonly batch: number; readonly results: readonly IngestResult[] }
  /** A timer fired. Late or cancelled ones are harmless. */
  | { readonly type: 'timer'; readonly name: TimerName }
  /** This node's declared floor rose. */
  | { readonly type: 'floor' }
  /** `mayReconcile` said no, and says yes now. */
  | { readonly type: 'turn' }
  /** The peer has opened another connection, which was refused for this one. */
  | { readonly type: 'probe' }
  /** The user asks for an audit now. */
  | { readonly type: 'audit' }
  /** This node ends the session: orderly, or because of a failure of its own, such as of its storage. */
  | { readonly type: 'close'; readonly failure?: Failure }
  /** The secure channel has ended, by either side or by a failure. */
  | { readonly type: 'disconnected'; readonly failure?: Failure }

/** What the performer must do, in the given order. */
export type SessionEffect =
  /** Send one message through the secure channel. Order is kept; waiting for back-pressure is the performer's. */
  | { readonly type: 'send'; readonly bytes: Uint8Array }
  /**
   * Read these envelopes from the store, as far as `interests` (where given) want them, and answer with one `loaded`. At most
   * one load is under way.
   */
  | { readonly type: 'load'; readonly ids: readonly string[]; readonly interests?: Interests }
  /** Make the set of a collection, and answer with one `collected`. At most one is under way. */
  | { readonly type: 'collect'; readonly collection: Collection }
  /** No other collection than these is needed now. */
  | { readonly type: 'keep'; readonly collections: readonly Collection[] }
  /** Look at which of these the interests want, and answer with one `chosen`. At most one is under way. */
  | { readonly type: 'choose'; readonly items: readonly SyncItem[]; readonly interests: Interests }
  /** Read what came into the log after this cursor, which this node once told the peer: answer with one `replayed`. */
  | { readonly type: 'replay'; readonly cursor: Uint8Array }
  /** Answer with one `position`. */
  | { readonly type: 'position' }
  /** Everything in the peer's log up to this cursor has been dealt with durably: present it in the next session. */
  | { readonly type: 'remember'; readonly cursor: Uint8Array }
  /**
   * Hand these blocks to the ingest, as far as `interests` (where given) want them, and answer with one `ingested` of this
   * `batch`. Several may be under way, all within the byte window.
   */
  | {
      readonly type: 'ingest'
      readonly batch: number
      readonly interests?: Interests
      readonly blocks: readonly { readonly id: string; readonly bytes: Uint8Array }[]
    }
  /** These are asked for, with the `send` after it: no other session needs to. */
  | { readonly type: 'asked'; readonly ids: readonly string[] }
  /** Call back with `timer` after `ms` milliseconds; replaces a running timer of that name. */
  | { readonly type: 'timer'; readonly name: TimerName; readonly ms: number }
  | { readonly type: 'cancel-timer'; readonly name: TimerName }
  /** Something worth showing; `sessionStatus(state)` has the figures. Nothing to perform. */
  | { readonly type: 'progress'; readonly progress: SessionProgress }
  /** Last effect of a session: after the sends before it, close the channel and drop the timers. */
  | { readonly type: 'close'; readonly failure?: Failure }

/** What a user may want to hear about. */
export type SessionProgress =
  /** The peer has said hello. */
  | { readonly type: 'greeted'; readonly software: string; readonly kinds: readonly SupportedKind[] }
  | { readonly type: 'phase'; readonly phase: SessionPhase }
  /** Blocks of one batch went through the ingest. */
  | { readonly type: 'ingested'; readonly results: readonly IngestResult[] }
  /** Blocks were handed to the channel. */
  | { readonly type: 'sent'; readonly ids: readonly string[] }
  /** The peer no longer holds these. */
  | { readonly type: 'gone'; readonly ids: readonly string[] }
  /** The peer sent a block that fails verification. */
  | { readonly type: 'fault'; readonly id: string; readonly code: ErrorCode }
  /** Both sides have told each other all that came into their logs since their last session. */
  | { readonly type: 'resumed' }
  /** This side's log, or the peer's, cannot be gone on from: a new acquaintance, a store that was restored, or too much that came. */
  | { readonly type: 'stale'; readonly log: 'own' | 'peer' }
  /** An audit has ended and all that it found has been transferred, seen from this side. */
  | { readonly type: 'synced'; readonly round: number }
  | { readonly type: 'stalled'; readonly reason: StallReason }
  /** What was stalled advances, or has nothing left to wait for; a peer that was silent is heard again. */
  | { readonly type: 'moving' }

/** `greeting` (until the first audit begins) → `reconciling` ⇄ `transferring` ⇄ `live` → `closed`. */
export type SessionPhase = 'greeting' | 'reconciling' | 'transferring' | 'live' | 'closed'

/** `peer-silent`: the peer owes an answer, or nothing at all is heard of it. `no-credit`: the peer takes no more blocks for now. `ingest`: this node's own store is slow, or comparing sets costs it too much just now. */
export type StallReason = 'peer-silent' | 'no-credit' | 'ingest'

/** The figures of one session, derived from its state. Sizes are bytes of whole messages and of envelopes. */
export interface SessionStatus {
  readonly phase: SessionPhase
  /** Ids to tell the peer of, ids to ask for, ids asked for and not yet here, blocks in the ingest. */
  readonly have: number
  readonly need: number
  readonly inFlight: number
  readonly ingesting: number
  /** Ids that the peer has asked for and not yet got. */
  readonly wanted: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** Blocks received (all verdicts), stored, and sent. */
  readonly received: number
  readonly stored: number
  readonly sent: number
  readonly faults: number
  /** Audits that have ended. */
  readonly rounds: number
  /** Both sides went on from each other's arrival logs, without an audit. */
  readonly isResumed: boolean
  /** What the peer wants, where both sides say so. */
  readonly interests?: Interests
  /** What the last audit compared, in this order; empty where neither side chooses. */
  readonly collections: readonly Collection[]
  /** More collections would have been needed than are kept for a peer, or than there is room for: everything was compared. */
  readonly isCoarse: boolean
  readonly stalled?: StallReason
  readonly lastError?: Failure
}
