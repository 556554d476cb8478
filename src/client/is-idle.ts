import type { SessionStatus } from '../sync/index'
import type { PeerStatus } from './sync-status'

/** Idle after an audit, or after both sides went on from their logs; and not silent. */
export function isIdle(peer: SessionStatus): boolean {
  const isMet = peer.rounds > 0 || peer.isResumed
  return peer.phase === 'live' && isMet && peer.stalled === undefined && underWay(peer) === 0
}

/** Anyone may dial in and fall silent. A peer that this agent dialled is given the time that its session gives it. */
export function keepsOthersWaiting({ phase, initiator, stalled }: PeerStatus): boolean {
  return stalled !== undefined || (phase === 'greeting' && !initiator)
}

function underWay({ have, need, inFlight, ingesting, wanted }: SessionStatus): number {
  return have + need + inFlight + ingesting + wanted
}
