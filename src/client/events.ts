import type { ErrorCode, Failure } from '../base/index'
import type { VerifiedBlock } from '../block/index'
import type { Loading, VectorSearch, VectorSurvey } from '../search/index'
import type { CompactionProgress, RetentionReport } from '../ingest/index'
import type { ErasedBlock, StoreStats } from '../store/index'
import type { SessionProgress } from '../sync/index'
import type { Verdict } from '../validate/index'
import type { CarrierStatus } from '../wire/index'
import type { ConnectionStatus, PeerStatus, SyncStatus } from './sync-status'
import type { WordSurvey } from './keyword-book'

/** What a client tells its listeners. Peers are named by did:key; `remote` is what the transport calls them. */
export interface ClientEvents extends Record<string, unknown> {
  connected: { readonly peer: string; readonly remote: string }
  /** `failure` is absent for an orderly end. */
  disconnected: { readonly peer: string; readonly remote: string; readonly failure?: Failure }
  /** A connection, accepted or dialled again, that never became a session. */
  unreachable: { readonly remote: string; readonly failure: Failure }
  /** An address could not be reached, or its session ended: when it is dialled again, and why. */
  retry: ConnectionStatus
  /** How sync stands with all peers together has changed. */
  sync: Pick<SyncStatus, 'state' | 'reason'>
  /** What a session with a peer is doing; `status()` has the figures. */
  progress: { readonly peer: string; readonly progress: SessionProgress }
  /** An admitted block was stored, whoever it came from, or a stored one is admitted now that evidence about it came. */
  block: { readonly block: VerifiedBlock }
  /** A stored block is no longer admitted: search and `get` do not show it any more. */
  withdrawn: { readonly block: VerifiedBlock; readonly code: ErrorCode }
  /** A block is no longer held here: its author withdrew it, it expired, or retention removed it. */
  erased: { readonly block: ErasedBlock }
  /** A sweep of retention has ended. */
  retention: RetentionReport
  /** A step was made towards the bytes of erased blocks being out of the store's files. */
  compaction: CompactionProgress
  /** A peer's block was not admitted, deferred or invalid: the verdict says why. */
  refused: { readonly peer: string; readonly id: string; readonly verdict: Verdict }
  /**
   * What no call of the user waits for: this node's own storage failed or holds a damaged record, or a listener threw.
   * Without a listener the latter is an unhandled rejection.
   */
  error: { readonly error: unknown }
  closed: undefined
}

export interface ClientStatus {
  /** This agent's did:key. */
  readonly id: string
  /** Where others can dial it. */
  readonly addresses: readonly string[]
  readonly peers: readonly PeerStatus[]
  /** What the user wants to be connected to. */
  readonly connections: readonly ConnectionStatus[]
  /** How sync stands with all peers together. */
  readonly sync: SyncStatus
  readonly carriers: readonly CarrierStatus[]
  readonly store: StoreStats
  /** What retention removed last; `store` has the floor, and the number of stubs as `pruned`. */
  readonly retention?: RetentionReport
  /** Models with blocks in the search index. */
  readonly models: readonly string[]
  /** Which code compares vectors, on which thread (or `pgvector` in the `server` of the store), what memory they take, and how far the loading is, if it goes on. */
  readonly search: VectorSurvey & {
    readonly thread: VectorSearch['thread']
    readonly loading?: Loading
    /** The index of words, once a hybrid search has asked for it. */
    readonly words?: WordSurvey
  }
}
