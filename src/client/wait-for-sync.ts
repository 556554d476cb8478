import { abortSignal, CosmicError, record, type Emitter } from '../base/index'
import { names } from './check-options'
import type { Carriage } from './carriage'
import type { ClientEvents } from './events'
import { isIdle, keepsOthersWaiting } from './is-idle'
import type { OpenNetwork } from './open-network'
import type { PeerStatus } from './sync-status'

/** What to wait for. */
export interface WaitOptions {
  /**
   * The did:keys of the peers to wait for, whatever others and carriers do; each must be connected. Without it: at least one
   * peer, and every other one except those that show as stalled and strangers that dialled in and have not begun to reconcile;
   * and every carrier, beside which there need not be a peer as long as no address is dialled.
   */
  readonly peers?: readonly string[]
  readonly signal?: AbortSignal
}

const readWaitOptions = record<WaitOptions>({ peers: names, signal: abortSignal })

/** What a client waits for, as far as it has it. */
export interface Awaited {
  readonly network: Pick<OpenNetwork, 'statuses' | 'wishes' | 'waitForSync'> | undefined
  readonly carriage: Pick<Carriage, 'caughtUp'> | undefined
}

/** Carriers, and peers where there are any, or are to be. Named peers are waited for alone. */
export async function waitForAll(
  events: Emitter<ClientEvents>,
  { network, carriage }: Awaited,
  options: WaitOptions,
): Promise<void> {
  const { peers, signal } = readWaitOptions(options, '')
  if (!network && (!carriage || peers))
    throw new CosmicError({ code: 'no-transport', hint: 'pass transports to new SyncClient({ … })' })
  const hasPeers = network && network.statuses().length + network.wishes().length > 0
  const over = new AbortController()
  const stop = events.on('closed', () => over.abort())
  try {
    const end = signal ? AbortSignal.any([signal, over.signal]) : over.signal
    const forPeers = !carriage || peers || hasPeers ? network!.waitForSync(options) : undefined
    await Promise.all([forPeers, peers ? undefined : carriage?.caughtUp(end)])
    if (signal?.aborted) throw new CosmicError({ code: 'aborted' })
    if (over.signal.aborted) throw new CosmicError({ code: 'closed' })
  } finally {
    stop()
    over.abort()
  }
}

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
