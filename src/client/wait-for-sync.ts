import { CosmicError, type Emitter } from '../base/index'
import type { ClientEvents } from './events'
import type { PeerStatus } from './peer-set'

/** Resolves when there is a peer and every session is idle after at least one audit. Looks again at each event of a session. */
export async function waitForSync(
  events: Emitter<ClientEvents>,
  statuses: () => readonly PeerStatus[],
  signal?: AbortSignal,
): Promise<void> {
  const synced = () => {
    const peers = statuses()
    return peers.length > 0 && peers.every(isIdle)
  }
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: CosmicError) => {
      stops.forEach(stop => stop())
      if (error) reject(error)
      else resolve()
    }
    const look = () => synced() && settle()
    const onAbort = () => settle(new CosmicError({ code: 'aborted' }))
    const stops = [
      events.on('progress', look),
      events.on('connected', look),
      events.on('disconnected', look),
      events.on('closed', () => settle(new CosmicError({ code: 'closed' }))),
      () => signal?.removeEventListener('abort', onAbort),
    ]
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
    else look()
  })
}

function isIdle(peer: PeerStatus): boolean {
  const under = peer.have + peer.need + peer.inFlight + peer.ingesting + peer.wanted
  return peer.phase === 'live' && peer.rounds > 0 && under === 0
}
