import { abortSignal, CosmicError, flag, record, text, type Failure } from '../base/index'
import type { OfferedItem, ReconcileSet, SessionOptions, SessionProgress } from '../sync/index'
import {
  openSecureChannel,
  type ChannelCrypto,
  type Connection,
  type Listener,
  type SecureChannel,
  type SecureChannelOptions,
  type Transport,
} from '../wire/index'
import { didText, type SigningIdentity } from '../signer/index'
import { PEER_LIMITS, PeerSet, type Peer } from './peer-set'
import { ReconcileBudget } from './reconcile-budget'
import { STEADY_MS } from './redial'
import { SessionRunner, type SessionHost, type SessionPorts } from './session-runner'
import type { ConnectionStatus, PeerStatus } from './sync-status'
import { asFailure, isPassing, ownStatus, Targets, type Target } from './targets'
import { unlessStopped } from './unless-stopped'

export interface NetworkEvents {
  onConnected(peer: string, remote: string): void
  onDisconnected(peer: string, remote: string, failure: Failure | undefined): void
  onProgress(peer: string, progress: SessionProgress): void
  /** A connection that never became a session. */
  onRefused(remote: string, failure: Failure): void
  /** What listeners try to reach by themselves has changed. */
  onChange(): void
  /** An address will be dialled again. */
  onRetry(connection: ConnectionStatus): void
}

export interface NetworkOptions {
  readonly signer: SigningIdentity
  readonly transports: readonly Transport[]
  /** Agents of different networks refuse each other in the handshake. */
  readonly network: string
  readonly set: ReconcileSet
  readonly bounds: SessionOptions['bounds']
  readonly host: SessionHost
  readonly session: Pick<SessionOptions, 'identify' | 'kinds' | 'software' | 'timing'>
  readonly ports: NetworkPorts
  readonly events: NetworkEvents
}

/** `crypto` is for simulations. */
export interface NetworkPorts extends SessionPorts {
  readonly crypto?: ChannelCrypto
}

export interface ConnectOptions {
  /** The did:key that must answer; another is refused as `handshake`. */
  readonly peer?: string
  /** An attempt that fails rejects, and leaves the wish standing: the address is dialled until it answers (default false). */
  readonly retry?: boolean
  readonly signal?: AbortSignal
}

const readConnectOptions = record<ConnectOptions>({ peer: didText, retry: flag, signal: abortSignal })

/** Dials, accepts and secures connections, runs one session on each, and dials again what the user wants connected. */
export class Network {
  readonly #options: NetworkOptions
  readonly #peers: PeerSet
  readonly #ports: NetworkPorts
  readonly #targets: Targets
  /** One controller a dial: what many wait on at once would warn of a leak of listeners. */
  readonly #dials = new Map<AbortController, Target>()
  #closed = false
  #listeners: readonly Listener[] = []

  constructor(options: NetworkOptions) {
    this.#options = options
    const { ports, signer } = options
    this.#ports = { budget: new ReconcileBudget(ports), ...ports }
    const { onRetry } = options.events
    this.#targets = new Targets(
      ports,
      target => this.#again(target),
      target => onRetry(this.#targets.statusOf(target)),
    )
    this.#peers = new PeerSet(signer.did, ports, peer => this.#targets.wants(peer))
  }

  /** Starts accepting on every transport that can; when one fails, or `stop` fires, the others are closed again. */
  async start(stop: AbortSignal): Promise<void> {
    const accept = (connection: Connection) => this.#accept(connection)
    const { onRefused, onChange } = this.#options.events
    const terms = { signal: stop, onFailure: onRefused, onChange }
    const opening = this.#options.transports.flatMap(transport => transport.listen?.(accept, terms) ?? [])
    const started = await Promise.allSettled(opening.map(listener => unlessStopped(listener, stop)))
    this.#listeners = started.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    const failed = started.find(result => result.status === 'rejected')
    if (!failed) return
    await this.close()
    throw failed.reason
  }

  /** Where others can dial this agent. */
  addresses(): string[] {
    return this.#listeners.flatMap(listener => listener.addresses)
  }

  statuses(): PeerStatus[] {
    return this.#peers.statuses()
  }

  /** Every address that the user wants to be connected to, and whom transports try to reach by themselves. */
  connections(): ConnectionStatus[] {
    const own = this.#listeners.flatMap(listener => listener.attempts?.() ?? [])
    return [...this.wishes(), ...own.map(attempt => ownStatus(attempt, this.#ports.clock))]
  }

  wishes(): ConnectionStatus[] {
    return this.#targets.statuses(peer => this.#peers.get(peer) !== undefined)
  }

  /** Bytes of all sessions, ended ones included. */
  get bytes(): { readonly in: number; readonly out: number } {
    return this.#peers.bytes
  }

  /** This agent's floor rose. */
  raised(): void {
    for (const { runner } of this.#peers) runner.raised()
  }

  inserted(items: readonly OfferedItem[]): void {
    this.#peers.inserted(items)
  }

  /** This agent wants something else now. */
  interestsChanged(): void {
    for (const { runner } of this.#peers) runner.interestsChanged()
  }

  audit(): void {
    for (const { runner } of this.#peers) runner.audit()
  }

  /** Dials an address and keeps it connected until `disconnect`. Answers who is there. */
  async connect(address: string, options: ConnectOptions = {}): Promise<string> {
    const { peer, retry = false, signal } = readConnectOptions(options, '')
    this.#transportFor(text(address, 'address'))
    const target = this.#targets.add(address, peer)
    try {
      return await this.#dial(target, signal)
    } catch (error) {
      if (!retry || signal?.aborted) this.#targets.drop(target)
      else if (this.#targets.has(target)) this.#targets.failed(target, asFailure(error))
      throw error
    }
  }

  /** Ends the session with a peer (did:key) or at an address, and dials it no more. Unknown names are no error. */
  async disconnect(peerOrAddress: string): Promise<void> {
    const peer = this.#targets.forget(text(peerOrAddress, 'peer'))
    // What was replaced by a later wish for the same address goes on; what nobody wishes any more does not.
    for (const [dial, target] of this.#dials) if (!this.#targets.wishes(target.address)) dial.abort()
    await this.#peers.get(peer)?.runner.close()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#targets.forgetAll()
    for (const dial of this.#dials.keys()) dial.abort()
    await Promise.all(this.#listeners.map(listener => listener.close()))
    await this.#peers.close()
  }

  #transportFor(address: string): Transport {
    const scheme = /^([a-z][a-z0-9+.-]*):/.exec(address)?.[1]
    const transport = this.#options.transports.find(({ schemes }) => scheme !== undefined && schemes.includes(scheme))
    if (transport) return transport
    const known = this.#options.transports.flatMap(({ schemes }) => schemes)
    const hint = known.length ? `known schemes: ${known.join(', ')}` : 'pass transports to new SyncClient({ … })'
    throw new CosmicError({ code: 'no-transport', field: 'address', hint })
  }

  async #dial(target: Target, stop?: AbortSignal): Promise<string> {
    const { address, expected } = target
    const own = new AbortController()
    const signal = stop ? AbortSignal.any([stop, own.signal]) : own.signal
    this.#dials.set(own, target)
    try {
      const connection = await this.#transportFor(address).dial(address, { signal })
      const channel = await this.#secure(connection, { signal, ...(expected !== undefined && { expected }) })
      target.peer = channel.remote
      await this.#adopt(connection, channel, signal.aborted)
      return channel.remote
    } finally {
      this.#dials.delete(own)
    }
  }

  #again(target: Target): void {
    this.#dial(target).catch((error: unknown) => {
      if (!this.#targets.has(target)) return
      const failure = asFailure(error)
      this.#options.events.onRefused(target.address, failure)
      this.#targets.failed(target, failure)
    })
  }

  /** Settles when the connection is of no use any more: true where another one may be, as its session did not end orderly. */
  async #accept(connection: Connection): Promise<boolean> {
    const { handshakeMs } = PEER_LIMITS
    try {
      const channel = await this.#peers.open(connection, () => this.#secure(connection, { handshakeMs }))
      const runner = await this.#adopt(connection, channel)
      return await this.#isWorthAnother(channel.remote, runner ? await runner.closed : REFUSED)
    } catch (error) {
      const failure = asFailure(error)
      if (!this.#closed) this.#options.events.onRefused(connection.remote, failure)
      return isPassing(failure)
    }
  }

  /**
   * Whether a member is worth another connection. A session that took the place of one, or was kept instead of it, counts as that
   * one's use: two ways to the same peer would otherwise end each other's sessions for ever.
   */
  async #isWorthAnother(peer: string, failure: Failure | undefined): Promise<boolean> {
    for (let next = this.#peers.get(peer); next; next = this.#peers.get(peer)) failure = await next.runner.closed
    return !this.#closed && failure !== undefined && isPassing(failure)
  }

  #secure(connection: Connection, terms: Partial<SecureChannelOptions>): Promise<SecureChannel> {
    const { signer, network, ports } = this.#options
    return openSecureChannel(connection, { signer, network, ...ports, ...terms })
  }

  /** Makes a channel the session of its peer, unless the one under way is to stay. */
  async #adopt(connection: Connection, channel: SecureChannel, aborted = false): Promise<SessionRunner | undefined> {
    const { remote } = channel
    const refusal = this.#refusal(remote)
    if (!refusal && !aborted && !this.#closed && this.#peers.admits(remote, connection.initiator))
      return this.#run(connection, channel)
    await channel.close()
    if (refusal) throw new CosmicError(refusal)
    this.#peers.get(remote)?.runner.probe()
    return undefined
  }

  #refusal(peer: string): Failure | undefined {
    if (peer === this.#options.signer.did)
      return { code: 'bad-address', field: 'address', hint: 'this agent itself answers there' }
    return this.#peers.makesRoom(peer) ? undefined : { code: 'limit', field: 'peers', limit: PEER_LIMITS.incoming }
  }

  #run(connection: Connection, channel: SecureChannel): SessionRunner {
    const { session, set, bounds, host, events } = this.#options
    const ports = this.#ports
    const { remote, initiator } = connection
    const runner = new SessionRunner(channel, { ...session, set, bounds, initiator }, host, ports, progress =>
      events.onProgress(channel.remote, progress),
    )
    const peer: Peer = { runner, remote, initiator, since: ports.clock.now() }
    this.#peers.add(peer)
    void runner.closed.then(failure => this.#ended(peer, failure))
    events.onConnected(runner.peer, remote)
    const cancel = ports.timers.set(() => this.#targets.steady(runner.peer), STEADY_MS)
    void runner.closed.then(cancel)
    runner.start()
    return runner
  }

  #ended({ runner, remote }: Peer, failure: Failure | undefined): void {
    this.#options.events.onDisconnected(runner.peer, remote, failure)
    if (this.#peers.get(runner.peer)) return
    // A peer that says bye does not want this agent for now, however well they got on.
    const isCut = failure !== undefined && failure.field !== 'bye'
    const { rounds, isResumed } = runner.status()
    if (isCut && (rounds > 0 || isResumed)) this.#targets.steady(runner.peer)
    this.#targets.ended(runner.peer, failure)
  }
}

/** The session that was kept instead may have been dead already. */
const REFUSED: Failure = { code: 'peer-gone' }
