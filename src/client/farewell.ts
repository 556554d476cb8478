import type { Emitter, Timers } from '../base/index'
import type { ClientEvents } from './events'
import type { PeerStatus } from './sync-status'

/** How long a closing client lets its peers fetch what was published last, in milliseconds. */
export const FAREWELL_MS = 1_000

/** Resolves when every peer has been told of all that is here and has got what it asked for, or when the time is over. */
export function farewell(
  events: Emitter<ClientEvents>,
  statuses: () => readonly PeerStatus[],
  timers: Timers,
): Promise<void> {
  if (!statuses().some(isOwed)) return Promise.resolve()
  return new Promise(resolve => {
    const finish = () => {
      stops.forEach(stop => stop())
      resolve()
    }
    const look = () => !statuses().some(isOwed) && finish()
    const stops = [timers.set(finish, FAREWELL_MS), events.on('progress', look), events.on('disconnected', look)]
  })
}

/** Something waits to be told or sent, or an announcement has not been answered: then nothing is left but to transfer. */
function isOwed({ phase, stalled, have, wanted, need, inFlight, ingesting }: PeerStatus): boolean {
  if (phase !== 'transferring' || stalled !== undefined) return false
  return have + wanted > 0 || need + inFlight + ingesting === 0
}
