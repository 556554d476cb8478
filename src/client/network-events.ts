import type { Emitter } from '../base/index'
import type { ClientEvents } from './events'
import type { NetworkEvents } from './network'

/** What the network reports, as the client's events. */
export function networkEvents(events: Emitter<ClientEvents>): NetworkEvents {
  return {
    onConnected: (peer, remote) => events.emit('connected', { peer, remote }),
    onDisconnected: (peer, remote, failure) =>
      events.emit('disconnected', { peer, remote, ...(failure && { failure }) }),
    onProgress: (peer, progress) => events.emit('progress', { peer, progress }),
    onRefused: (remote, failure) => events.emit('unreachable', { remote, failure }),
  }
}
