import type { Clock, Emitter } from '../base/index'
import { LIMITS } from '../block/index'
import type { BlockStore } from '../store/index'
import type { Interest } from '../sync/index'
import { DEFAULT_MAX_SKEW, type Verdict } from '../validate/index'
import type { ClientEvents } from './events'
import { farewell } from './farewell'
import { openInterests } from './open-interests'
import type { Intake } from './intake'
import { Network, type ConnectOptions, type NetworkPorts } from './network'
import { networkEvents } from './network-events'
import type { SyncClientOptions } from './options'
import { sessionHost, sessionIdentity } from './session-host'
import { openSessionLogs } from './session-logs'
import { SetView } from './set-view'
import { tellStanding, withCarriers } from './standing'
import { stateOf, syncStatus, type SyncStatus } from './sync-status'
import { waitForSync, type WaitOptions } from './wait-for-sync'

// For those who put another store behind the same network and sessions.
export { Network, sessionIdentity }

/** What a client asks of its network. */
export interface OpenNetwork extends Pick<
  Network,
  'addresses' | 'connect' | 'connections' | 'disconnect' | 'statuses' | 'wishes'
> {
  /** How sync stands with all peers together. */
  sync(): SyncStatus
  /** Tells the event `sync` where the carriers make it another one. */
  stands(): void
  waitForSync(options: WaitOptions): Promise<void>
  /** What this agent wants from now on: peers are told. */
  setInterests(interests: readonly Interest[] | undefined): void
  /** The declared floor rose: peers are told. */
  raised(floor: number): void
  /** Lets peers fetch what was published last, says goodbye, and closes every transport. */
  close(): Promise<void>
}

/**
 * Starts the network of a client over its store; clients without transports have none, nor the reconciled set in memory.
 * `isLost`: a carrier has lost its service.
 */
export async function openNetwork(
  store: BlockStore,
  intake: Intake,
  options: SyncClientOptions,
  events: Emitter<ClientEvents>,
  ports: NetworkPorts & { readonly clock: Clock },
  stop: AbortSignal,
  isLost: () => boolean = () => false,
): Promise<OpenNetwork> {
  const { maxSkew = DEFAULT_MAX_SKEW } = options.validator ?? {}
  let { floor } = await store.stats()
  let isOpen = false
  // Before there is a network, nobody has to be told.
  const view: SetView = new SetView(store, items => isOpen && [logs, network].forEach(each => each.inserted(items)))
  const session = { ...sessionIdentity, ...(options.timing && { timing: options.timing }) }
  const onError = (error: unknown) => events.emit('error', { error })
  // Others may have what was lost here.
  const onLost = () => isOpen && network.audit()
  const seen = await store.position()
  const wanted = openInterests(options.interests, view, store)
  await view.open()
  const logs = await openSessionLogs({ store, set: view.set, seen, ports, session, maxSkew, wanted, onLost, onError })
  const onRefused = (peer: string, id: string, verdict: Verdict) => events.emit('refused', { peer, id, verdict })
  const stands = tellStanding(events, () => withCarriers(stateOf(network.statuses(), network.connections()), isLost()))
  const network: Network = new Network({
    signer: options.signer,
    transports: options.transports ?? [],
    network: options.network ?? 'cosmic',
    set: view.set,
    bounds: () => ({ floor, ceiling: Math.min(LIMITS.time, ports.clock.now() + maxSkew) }),
    host: { ...sessionHost(store, intake, ports.clock, onRefused), logs, interests: wanted },
    session,
    ports,
    events: networkEvents(events, stands),
  })
  isOpen = true
  const close = async () => {
    await network.close()
    await logs.close()
    view.close()
  }
  await network.start(stop).catch(async (error: unknown) => Promise.reject((await close(), error)))
  return {
    ...outwards(network),
    sync: () => withCarriers(syncStatus(network.statuses(), network.connections(), network.bytes), isLost()),
    stands,
    waitForSync: options => waitForSync(events, () => network.statuses(), options),
    setInterests(interests) {
      wanted.set(interests)
      network.interestsChanged()
    },
    raised(to) {
      floor = Math.max(floor, to)
      network.raised()
    },
    async close() {
      await farewell(events, () => network.statuses(), ports.timers)
      await close()
    },
  }
}

/** What a client passes on to its network as it is. */
const outwards = (network: Network) => ({
  addresses: () => network.addresses(),
  connect: (address: string, terms: ConnectOptions) => network.connect(address, terms),
  disconnect: (peer: string) => network.disconnect(peer),
  statuses: () => network.statuses(),
  connections: () => network.connections(),
  wishes: () => network.wishes(),
})
