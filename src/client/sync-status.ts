import type { Failure } from '../base/index'
import type { SessionStatus, StallReason } from '../sync/index'
import { isIdle, keepsOthersWaiting } from './is-idle'
import type { ByteRates, SessionFigures } from './session-meter'

/** What went wrong, and when, in milliseconds of the client's clock. */
export interface PastFailure extends Failure {
  readonly at: number
}

/** One connected peer, as `client.status()` shows it. */
export interface PeerStatus extends SessionStatus, SessionFigures {
  /** did:key, proven by the secure channel. */
  readonly peer: string
  /** What the transport calls the other end. */
  readonly remote: string
  readonly initiator: boolean
  /** When this connection stood, in milliseconds of the client's clock. */
  readonly since: number
  /** How the last session with this peer failed, if one did and it is not too long ago to be remembered. */
  readonly lastError?: PastFailure
}

/**
 * One address that `connect` was given, until `disconnect`; or somebody whom a transport tries to reach by itself, until they
 * are connected: a member of its room, or a service that it has lost.
 */
export interface ConnectionStatus {
  readonly address: string
  /** Who answered there last. */
  readonly peer?: string
  /**
   * `waiting`: for the next attempt. `suspended`: so many attempts have failed, or the peer broke the protocol, that one is
   * only made now and then.
   */
  readonly state: 'dialling' | 'connected' | 'waiting' | 'suspended'
  /** Attempts and sessions that failed since one stood. */
  readonly failures: number
  readonly lastError?: PastFailure
  /** When it is dialled next, in milliseconds of the client's clock. */
  readonly nextRetry?: number
}

/**
 * Why nothing gets on: as the session that is stalled has it (`peer-silent`, `no-credit`, `ingest`), or `unreachable`, when
 * there is no session and every attempt to get one has failed, or a carrier of an agent without peers has lost its service.
 */
export type SyncStallReason = StallReason | 'unreachable'

/**
 * `alone`: no peer, and none wanted. `connecting`: none yet. `syncing`: sets are compared, or blocks are under way. `synced`:
 * whatever the peers had when it was compared, and what came since, is here and there. `stalled`: there is work, and no progress.
 */
export type SyncState = 'alone' | 'connecting' | 'syncing' | 'synced' | 'stalled'

/** All peers together. Counts and bytes as in `PeerStatus`; bytes include those of ended sessions. */
export interface SyncStatus {
  readonly state: SyncState
  /** Only while `stalled`. */
  readonly reason?: SyncStallReason
  readonly have: number
  readonly need: number
  readonly inFlight: number
  readonly ingesting: number
  readonly wanted: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly bytesPerSecond: ByteRates
  readonly timeLeft?: number
  readonly lastProgress?: number
  readonly lastError?: PastFailure
  readonly nextRetry?: number
}

const COUNTS = ['have', 'need', 'inFlight', 'ingesting', 'wanted'] as const

/** What sessions and connections come to together. */
export function syncStatus(
  peers: readonly PeerStatus[],
  connections: readonly ConnectionStatus[],
  bytes: ByteRates,
): SyncStatus {
  const sum = (read: (peer: PeerStatus) => number) => peers.reduce((total, peer) => total + read(peer), 0)
  const counts = Object.fromEntries(COUNTS.map(name => [name, sum(peer => peer[name])]))
  const lasting = peers.filter(peer => !isIdle(peer)).map(({ timeLeft }) => timeLeft)
  const timeLeft = lasting.includes(undefined) ? undefined : latest(lasting)
  const lastProgress = latest(peers.map(peer => peer.lastProgress))
  const errors = [...peers, ...connections].flatMap(({ lastError }) => lastError ?? [])
  const [lastError] = errors.sort((a, b) => b.at - a.at)
  const retries = connections.flatMap(({ nextRetry }) => nextRetry ?? [])
  return {
    ...stateOf(peers, connections),
    ...(counts as Pick<SyncStatus, (typeof COUNTS)[number]>),
    bytesIn: bytes.in,
    bytesOut: bytes.out,
    bytesPerSecond: { in: sum(peer => peer.bytesPerSecond.in), out: sum(peer => peer.bytesPerSecond.out) },
    ...(timeLeft !== undefined && { timeLeft }),
    ...(lastProgress !== undefined && { lastProgress }),
    ...(lastError && { lastError }),
    ...(retries.length > 0 && { nextRetry: Math.min(...retries) }),
  }
}

/** Strangers that dialled in and say nothing, and stalled ones beside peers that are well, change nothing. */
export function stateOf(
  peers: readonly PeerStatus[],
  connections: readonly ConnectionStatus[],
): Pick<SyncStatus, 'state' | 'reason'> {
  if (peers.some(peer => !isIdle(peer) && !keepsOthersWaiting(peer))) return { state: 'syncing' }
  const isWell = peers.some(isIdle)
  const stalled = peers.find(peer => peer.stalled !== undefined && (peer.initiator || !isWell))
  if (stalled?.stalled) return { state: 'stalled', reason: stalled.stalled }
  if (isWell) return { state: 'synced' }
  if (connections.length === 0) return { state: 'alone' }
  const hasHope = connections.some(({ state, failures }) => state !== 'suspended' && failures === 0)
  return hasHope ? { state: 'connecting' } : { state: 'stalled', reason: 'unreachable' }
}

function latest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter(time => time !== undefined)
  return known.length > 0 ? Math.max(...known) : undefined
}
