import type { Emitter } from '../base/index'
import type { SessionProgress } from '../sync/index'
import type { ClientEvents } from './events'
import type { NetworkEvents } from './network'

/** After these, all sessions together may stand otherwise. */
const TELLING: ReadonlySet<SessionProgress['type']> = new Set(['phase', 'stalled', 'moving', 'synced'])

/** What the network reports, as the client's events. `look`: all sessions together may stand otherwise. */
export function networkEvents(events: Emitter<ClientEvents>, look: () => void): NetworkEvents {
  return {
    onConnected(peer, remote) {
      events.emit('connected', { peer, remote })
      look()
    },
    onDisconnected(peer, remote, failure) {
      events.emit('disconnected', { peer, remote, ...(failure && { failure }) })
      look()
    },
    onProgress(peer, progress) {
      events.emit('progress', { peer, progress })
      if (TELLING.has(progress.type)) look()
    },
    onRefused(remote, failure) {
      events.emit('unreachable', { remote, failure })
      look()
    },
    onChange: look,
    onRetry(connection) {
      events.emit('retry', connection)
      look()
    },
  }
}
