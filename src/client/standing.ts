import type { Emitter } from '../base/index'
import type { ClientEvents } from './events'
import type { SyncStatus } from './sync-status'

export type Standing = Pick<SyncStatus, 'state' | 'reason'>

/** Without peers, and wanting none, an agent depends on its carriers: one that has lost its service is stalled. */
export function withCarriers<S extends Standing>(sync: S, isLost: boolean): S {
  return sync.state === 'alone' && isLost ? { ...sync, state: 'stalled', reason: 'unreachable' } : sync
}

/** Answers what tells the event `sync` where all together stand otherwise than was told. */
export function tellStanding(events: Emitter<ClientEvents>, standing: () => Standing): () => void {
  let told: Standing = { state: 'alone' }
  return () => {
    const { state, reason } = standing()
    if (state === told.state && reason === told.reason) return
    told = { state, ...(reason && { reason }) }
    events.emit('sync', told)
  }
}
