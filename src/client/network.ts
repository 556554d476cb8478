import { CosmicError, type ErrorCode, type Failure } from '../base/index'
import type { ReconcileSet, SessionOptions, SessionProgress, SyncItem } from '../sync/index'
import { openSecureChannel, type Connection, type Listener, type SecureChannel, type Transport } from '../wire/index'
import type { SigningIdentity } from '../signer/index'
import { PeerSet, type Peer, type PeerStatus } from './peer-set'
import { Redial } from './redial'
import { SessionRunner, type SessionHost, type SessionPorts } from './session-runner'

export interface NetworkEvents {
  onConnected(peer: string, remote: string): void
  onDisconnected(peer: string, remote: string, failure: Failure | undefined): void
  onProgress(peer: string, progress: SessionProgress): void
  /** A connection that never became a session. */
  onRefused(remote: string, failure: Failure): void
}

export interface NetworkOptions {
  readonly signer: SigningIdentity
  readonly transports: readonly Transport[]
  /** Agents of different networks refuse each other in the handshake. */
  readonly network: string
  readonly set: ReconcileSet
  readonly host: SessionHost
  readonly session: Pick<SessionOptions, 'identify' | 'kinds' | 'software' | 'timing'>
  readonly ports: SessionPorts
  readonly events: NetworkEvents
}

export interface ConnectOptions {
  /** The did:key that must answer; another is refused as `handshake`. */
  readonly peer?: string
  readonly signal?: AbortSignal
}

/** An address that the user wants to be connected to, and who answered there. */
interface Target {
  readonly redial: Redial
  readonly options: ConnectOptions
  peer?: string
}

/** After these the other side may be well again: the address is dialled anew. After any other end it is at fault. */
const PASSING: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode | undefined>([
  undefined,
  'peer-gone',
  'timeout',
  'unreachable',
  'signaling',
  'limit',
  'storage',
])

/** Dials, accepts and secures connections, runs one session on each, and dials again what the user wants connected. */
export class Network {
  readonly #options: NetworkOptions
  readonly #peers: PeerSet
  readonly #targets = new Map<string, Target>()
  readonly #abort = new AbortController()
  #listeners: readonly Listener[] = []

  constructor(options: NetworkOptions) {
    this.#options = options
    this.#peers = new PeerSet(options.signer.did)
  }

  /** Starts accepting on every transport that can; when one fails, the others are closed again. */
  async start(): Promise<void> {
    const able = this.#options.transports.filter(transport => transport.listen)
    const started = await Promise.allSettled(
      able.map(transport => transport.listen!(connection => this.#accept(connection))),
    )
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

  inserted(items: readonly SyncItem[]): void {
    this.#peers.inserted(items)
  }

  audit(): void {
    for (const { runner } of this.#peers) runner.audit()
  }

  /** Dials an address and keeps it connected until `disconnect`. Answers who is there. */
  async connect(address: string, options: ConnectOptions = {}): Promise<string> {
    this.#transportFor(address)
    this.#targets.get(address)?.redial.cancel()
    const redial = new Redial(this.#options.ports.timers, this.#options.ports.random, () => this.#again(address))
    const target: Target = { redial, options }
    this.#targets.set(address, target)
    try {
      return await this.#dial(address, target, options.signal)
    } catch (error) {
      if (this.#targets.get(address) === target) this.#targets.delete(address)
      throw error
    }
  }

  /** Ends the session with a peer (did:key) or at an address, and dials it no more. Unknown names are no error. */
  async disconnect(peerOrAddress: string): Promise<void> {
    const peer = this.#targets.get(peerOrAddress)?.peer ?? peerOrAddress
    for (const [address, target] of this.#targets) {
      if (address === peerOrAddress || target.peer === peer) this.#drop(address, target)
    }
    await this.#peers.get(peer)?.runner.close()
  }

  async close(): Promise<void> {
    this.#abort.abort()
    for (const [address, target] of this.#targets) this.#drop(address, target)
    await Promise.all(this.#listeners.map(listener => listener.close()))
    await this.#peers.close()
  }

  #drop(address: string, target: Target): void {
    target.redial.cancel()
    this.#targets.delete(address)
  }

  #transportFor(address: string): Transport {
    const scheme = /^([a-z][a-z0-9+.-]*):/.exec(address)?.[1]
    const transport = this.#options.transports.find(({ schemes }) => scheme !== undefined && schemes.includes(scheme))
    if (transport) return transport
    const known = this.#options.transports.flatMap(({ schemes }) => schemes)
    const hint = known.length ? `known schemes: ${known.join(', ')}` : 'pass transports to new SyncClient({ … })'
    throw new CosmicError({ code: 'no-transport', field: 'address', hint })
  }

  async #dial(address: string, target: Target, signal?: AbortSignal): Promise<string> {
    const both = signal ? AbortSignal.any([signal, this.#abort.signal]) : this.#abort.signal
    const connection = await this.#transportFor(address).dial(address, { signal: both })
    const peer = await this.#adopt(connection, target.options.peer, both)
    target.peer = peer
    target.redial.reset()
    return peer
  }

  #again(address: string): void {
    const target = this.#targets.get(address)
    if (!target) return
    this.#dial(address, target).catch((error: unknown) => {
      if (this.#targets.get(address) !== target) return
      this.#options.events.onRefused(address, asFailure(error))
      target.redial.schedule()
    })
  }

  #accept(connection: Connection): void {
    this.#adopt(connection, undefined, this.#abort.signal).catch((error: unknown) => {
      if (!this.#abort.signal.aborted) this.#options.events.onRefused(connection.remote, asFailure(error))
    })
  }

  /** Secures a connection and makes it the peer's session, unless the one under way is to stay. */
  async #adopt(connection: Connection, expected: string | undefined, signal: AbortSignal): Promise<string> {
    const { signer, network, ports } = this.#options
    const channel = await this.#peers.open(connection, () =>
      openSecureChannel(connection, { signer, network, ...ports, signal, ...(expected !== undefined && { expected }) }),
    )
    if (channel.remote === signer.did) {
      await channel.close()
      throw new CosmicError({ code: 'bad-address', field: 'address', hint: 'this agent itself answers there' })
    }
    if (signal.aborted || !this.#peers.admits(channel.remote, connection.initiator)) await channel.close()
    else this.#run(connection, channel)
    return channel.remote
  }

  #run(connection: Connection, channel: SecureChannel): void {
    const { session, set, host, ports, events } = this.#options
    const { remote, initiator } = connection
    const runner = new SessionRunner(channel, { ...session, set, initiator }, host, ports, progress =>
      events.onProgress(channel.remote, progress),
    )
    const peer: Peer = { runner, remote, initiator }
    this.#peers.add(peer)
    void runner.closed.then(failure => this.#ended(peer, failure))
    events.onConnected(runner.peer, remote)
    runner.start()
  }

  #ended({ runner, remote }: Peer, failure: Failure | undefined): void {
    this.#options.events.onDisconnected(runner.peer, remote, failure)
    if (this.#peers.get(runner.peer)) return
    for (const [address, target] of this.#targets) {
      if (target.peer !== runner.peer) continue
      if (PASSING.has(failure?.code)) target.redial.schedule()
      else this.#drop(address, target)
    }
  }
}

function asFailure(error: unknown): Failure {
  if (error instanceof CosmicError) return error
  return { code: 'unreachable', message: error instanceof Error ? error.message : String(error) }
}
