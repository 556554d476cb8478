import { abortSignal, CosmicError, record, type Emitter } from '../base/index'
import { names } from './check-options'
import type { ClientEvents } from './events'
import { isIdle, keepsOthersWaiting } from './is-idle'
import type { PeerStatus } from './sync-status'

/** What to wait for. */
export interface WaitOptions {
  /**
   * The did:keys of the peers to wait for, whatever others do; each must be connected. Without it: at least one peer, and
   * every other one except those that show as stalled and strangers that dialled in and have not begun to reconcile.
   */
  readonly peers?: readonly string[]
  readonly signal?: AbortSignal
}

const readWaitOptions = record<WaitOptions>({ peers: names, signal: abortSignal })

/** Resolves when the peers waited for are idle after at least one audit. Looks again at each event of a session. */
export async function waitForSync(
  events: Emitter<ClientEvents>,
  statuses: () => readonly PeerStatus[],
  options: WaitOptions = {},
): Promise<void> {
  const { peers, signal } = readWaitOptions(options, '')
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: CosmicError) => {
      stops.forEach(stop => stop())
      if (error) reject(error)
      else resolve()
    }
    const look = () => isSynced(statuses(), peers) && settle()
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

function isSynced(statuses: readonly PeerStatus[], peers: readonly string[] | undefined): boolean {
  const idle = statuses.filter(isIdle)
  if (peers) return peers.every(did => idle.some(({ peer }) => peer === did))
  return idle.length > 0 && statuses.every(status => isIdle(status) || keepsOthersWaiting(status))
}
