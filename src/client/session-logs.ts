import { sha256 } from '@noble/hashes/sha2.js'
import { CosmicError, utf8, type Clock, type Random } from '../base/index'
import type { BlockStore, LogCursor } from '../store/index'
import {
  DEFAULT_TIMING,
  isEverything,
  type Interests,
  type ReconcileSet,
  type ResumePoint,
  type SessionOptions,
  type SyncItem,
} from '../sync/index'
import { LogPlaces } from './log-places'
import { PeerMemory } from './peer-memory'

/** What sessions ask of the arrival log, and of what is remembered of each peer's. */
export interface SessionLogs {
  recall(peer: string): ResumePoint | undefined
  replay(peer: string, cursor: Uint8Array): Promise<readonly SyncItem[] | undefined>
  position(peer: string): Promise<Uint8Array | undefined>
  remember(peer: string, cursor: Uint8Array): void
  audited(peer: string): void
  left(peer: string): void
}

export interface SessionLogsParts {
  readonly store: BlockStore
  readonly set: ReconcileSet
  /** The end of the log before the set was filled. */
  readonly seen: LogCursor
  readonly ports: { readonly clock: Clock; readonly random: Random }
  readonly session: Pick<SessionOptions, 'kinds' | 'timing'>
  readonly maxSkew: number
  /** What this node wants now. */
  readonly wanted: { interests(): Interests }
  /** Blocks that this node had are lost, and nothing of any peer's log is gone on from. */
  readonly onLost: () => void
  readonly onError: (error: unknown) => void
}

/** The logs behind the sessions of one client. */
export interface OpenSessionLogs extends SessionLogs {
  /** The set took these, which the store has added in this order. */
  inserted(items: readonly SyncItem[]): void
  /** Waits for what is being remembered. */
  close(): Promise<void>
}

export async function openSessionLogs(parts: SessionLogsParts): Promise<OpenSessionLogs> {
  const { store, set, seen, ports, session, maxSkew, wanted, onLost, onError } = parts
  const places = await LogPlaces.open(store, set, ports.random, seen)
  const hashOf = (terms: readonly unknown[]) => sha256(utf8(JSON.stringify(terms))).subarray(0, 8)
  const base = [session.kinds, maxSkew]
  const terms = () => hashOf(isEverything(wanted.interests()) ? base : [...base, wanted.interests()])
  const auditMs = session.timing?.audit ?? DEFAULT_TIMING.audit
  const memory = await PeerMemory.open({ side: store.side, clock: ports.clock, auditMs, terms, onError })
  const stop = store.onChange(({ lost = [] }) => {
    if (lost.length === 0) return
    memory.forgetAll()
    onLost()
  })
  // A log that cannot be read leaves the session to an audit.
  const orNothing = (error: unknown) => {
    if (!(error instanceof CosmicError && error.code === 'closed')) onError(error)
    return undefined
  }
  return {
    recall: peer => memory.recall(peer),
    replay: (peer, cursor) => places.replay(peer, cursor).catch(orNothing),
    position: peer => places.current(peer).catch(orNothing),
    remember: (peer, cursor) => memory.remember(peer, cursor),
    audited: peer => memory.audited(peer),
    left: peer => memory.left(peer),
    inserted: items => places.inserted(items),
    close() {
      stop()
      return memory.close()
    },
  }
}
