import type { Clock, Emitter } from '../base/index'
import { LIMITS } from '../block/index'
import type { BlockStore } from '../store/index'
import { DEFAULT_MAX_SKEW } from '../validate/index'
import type { ClientEvents } from './events'
import { farewell } from './farewell'
import type { Intake } from './intake'
import { Network, type NetworkPorts } from './network'
import { networkEvents } from './network-events'
import type { SyncClientOptions } from './options'
import { sessionHost, sessionIdentity } from './session-host'
import { SetView } from './set-view'
import { stateOf, syncStatus, type SyncStatus } from './sync-status'

// For those who put another store behind the same network and sessions.
export { Network, sessionIdentity }

/** What a client asks of its network. */
export interface OpenNetwork extends Pick<
  Network,
  'addresses' | 'connect' | 'connections' | 'disconnect' | 'statuses'
> {
  /** How sync stands with all peers together. */
  sync(): SyncStatus
  /** The declared floor rose: peers are told. */
  raised(floor: number): void
  /** Lets peers fetch what was published last, says goodbye, and closes every transport. */
  close(): Promise<void>
}

/**
 * Starts the network of a client over its store; clients without transports have none, nor the reconciled set in memory.
 */
export async function openNetwork(
  store: BlockStore,
  intake: Intake,
  options: SyncClientOptions,
  events: Emitter<ClientEvents>,
  ports: NetworkPorts & { readonly clock: Clock },
): Promise<OpenNetwork> {
  const { maxSkew = DEFAULT_MAX_SKEW } = options.validator ?? {}
  let { floor } = await store.stats()
  const view: SetView = new SetView(store, items => network.inserted(items))
  const network: Network = new Network({
    signer: options.signer,
    transports: options.transports ?? [],
    network: options.network ?? 'cosmic',
    set: view.set,
    bounds: () => ({ floor, ceiling: Math.min(LIMITS.time, ports.clock.now() + maxSkew) }),
    host: sessionHost(store, intake, ports.clock, (peer, id, verdict) => events.emit('refused', { peer, id, verdict })),
    session: { ...sessionIdentity, ...(options.timing && { timing: options.timing }) },
    ports,
    events: networkEvents(events, () => stateOf(network.statuses(), network.connections())),
  })
  await view.open()
  await network.start()
  return {
    addresses: () => network.addresses(),
    connect: (address, terms) => network.connect(address, terms),
    disconnect: peer => network.disconnect(peer),
    statuses: () => network.statuses(),
    connections: () => network.connections(),
    sync: () => syncStatus(network.statuses(), network.connections(), network.bytes),
    raised(to) {
      floor = Math.max(floor, to)
      network.raised()
    },
    async close() {
      await farewell(events, () => network.statuses(), ports.timers)
      await network.close()
      view.close()
    },
  }
}
