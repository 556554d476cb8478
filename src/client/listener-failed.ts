import type { Emitter } from '../base/index'
import type { ClientEvents } from './events'

/** A listener's own error is told to those who listen to `error`; one that nobody hears stays an unhandled rejection. */
export function listenerFailed(events: Emitter<ClientEvents>, error: unknown, event: keyof ClientEvents): void {
  if (event !== 'error' && events.has('error')) events.emit('error', { error })
  else void Promise.reject(error)
}
