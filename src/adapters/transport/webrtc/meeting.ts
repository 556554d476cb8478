import { CosmicError, type Failure } from '../../../base/index'
import type {
  Connection,
  ConnectionTaker,
  ListenOptions,
  OwnAttempt,
  Signaling,
  SignalingRoom,
} from '../../../wire/index'
import { signalingError } from './attempt-facts'
import { leaveRoom } from './leave-room'
import { parseLinkMessage, type LinkMessage } from './link-message'
import { PeerLink, type LinkTerms } from './peer-link'
import { Pursuit } from './pursuit'
import { Slots } from './slots'

/** Who hears of what becomes of the attempts. */
export interface MeetingHandlers extends ListenOptions {
  readonly onConnection: ConnectionTaker
}

export interface MeetingTerms extends Pick<LinkTerms, 'wrtc' | 'config' | 'timeoutMs' | 'acceptsCandidate'> {
  readonly signaling: Signaling
  readonly room: string
  /** Attempts under way at once, counted apart for each direction. */
  readonly maxHalfOpen: number
  /** Links in any state at once. */
  readonly maxConnections: number
  /** Delay before the second attempt at anything; doubles from there. */
  readonly retryMs: number
}

/** Members remembered; whoever comes in beyond them is as if not there. */
export const MAX_MEMBERS = 4_096
/** Attempts from one member that may be under way at once. */
const MAX_HALF_OPEN_PER_MEMBER = 2
const SERVICE = 'the signaling service'

interface TrackedLink {
  readonly peer: string
  readonly link: PeerLink
  phase: 'opening' | 'open' | 'ending'
}

/**
 * Membership of one room. Invariants:
 * 1. the newcomer dials, whoever was there answers, so two members never dial each other at once;
 * 2. a link that breaks, or whose use ended for a passing reason, is dialled again by the side that dialled it, with growing
 *    waits, as long as both are members; one that ended orderly, or for good, is not;
 * 3. losing the signaling service touches no connection: the room is entered again, with growing, jittered delays;
 * 4. after `leave` no timer runs, and no attempt and no link that the other side ended is left; open connections live on;
 * 5. nothing that the signaling or the taker of a connection throws ends anything but that attempt, or goes unsaid.
 */
export class Meeting {
  readonly #terms: MeetingTerms
  /** Absent: only dials. */
  readonly #handlers: MeetingHandlers | undefined
  readonly #outgoing: Slots
  readonly #incoming: Slots
  readonly #links = new Map<string, TrackedLink>()
  readonly #gone = new AbortController()
  #members = new Set<string>()
  /** Members that this side keeps connected. */
  readonly #pursued = new Map<string, Pursuit>()
  readonly #service = new Pursuit(SERVICE)
  #room: SignalingRoom | undefined

  private constructor(terms: MeetingTerms, handlers: MeetingHandlers | undefined) {
    this.#terms = terms
    this.#handlers = handlers
    this.#outgoing = new Slots(terms.maxHalfOpen)
    this.#incoming = new Slots(terms.maxHalfOpen)
  }

  /** Joins the room. With `handlers`, connections to its members are made and accepted; without, nothing happens by itself. */
  static async enter(
    terms: MeetingTerms,
    options: { handlers?: MeetingHandlers; signal?: AbortSignal | undefined },
  ): Promise<Meeting> {
    const meeting = new Meeting(terms, options.handlers)
    await meeting.#join(options.signal)
    return meeting
  }

  /** Our own name in the room; `undefined` while the signaling service is lost. */
  get self(): string | undefined {
    return this.#room?.self
  }

  /** Connects to one member. Rejects with `unreachable`, `limit`, `timeout` or `aborted`. */
  async dial(peer: string, signal?: AbortSignal): Promise<Connection> {
    if (!this.#members.has(peer)) {
      throw new CosmicError({ code: 'unreachable', message: `nobody in the room is called ${peer}` })
    }
    if (this.#full()) throw new CosmicError({ code: 'limit', limit: this.#terms.maxConnections, field: 'connections' })
    if (!this.#outgoing.tryTake()) {
      throw new CosmicError({ code: 'limit', limit: this.#terms.maxHalfOpen, field: 'half-open connections' })
    }
    return this.#connect(peer, signal)
  }

  /** Members that this side has not reached, and the signaling service while it is lost. */
  attempts(): readonly OwnAttempt[] {
    const members = [...this.#pursued].flatMap(([peer, pursuit]) => (this.#wants(peer) ? pursuit : []))
    const pursuits = this.#room ? members : [this.#service, ...members]
    return pursuits.flatMap(pursuit => (pursuit.isMet ? [] : pursuit.attempt))
  }

  async leave(): Promise<void> {
    this.#gone.abort()
    for (const pursuit of [this.#service, ...this.#pursued.values()]) pursuit.stop()
    for (const { phase, link } of this.#links.values()) {
      if (phase !== 'open') link.fail({ code: 'aborted' })
      else if (this.#handlers) link.hurry()
    }
    const room = this.#room
    this.#room = undefined
    await this.#quit(room)
  }

  /** A service that fails at that is named to people, and holds nobody up. */
  async #quit(room: SignalingRoom | undefined): Promise<void> {
    const error = room && (await leaveRoom(room))
    if (error) this.#handlers?.onFailure?.(SERVICE, error)
  }

  async #join(signal?: AbortSignal): Promise<void> {
    const handlers = {
      onJoin: (peer: string) => void (this.#members.size < MAX_MEMBERS && this.#members.add(peer)),
      onLeave: (peer: string) => this.#lost(peer),
      onSignal: (from: string, data: unknown) => this.#hear(from, data),
      onClose: () => void this.#rejoin(),
    }
    const room = await this.#terms.signaling
      .join(this.#terms.room, handlers, signal && { signal })
      .catch((error: unknown) => Promise.reject(signalingError(error)))
    if (this.#gone.signal.aborted) return this.#quit(room)
    this.#room = room
    this.#members = new Set(room.peers.slice(0, MAX_MEMBERS))
    if (this.#handlers) for (const peer of this.#members) void this.#pursue(peer, this.#handlers)
  }

  async #rejoin(): Promise<void> {
    this.#room = undefined
    this.#members.clear()
    this.#service.failures = 1
    this.#handlers?.onChange?.()
    while (!this.#gone.signal.aborted && !this.#room) {
      await this.#service.wait(this.#terms.retryMs)
      if (this.#gone.signal.aborted) return
      await this.#join(this.#gone.signal).catch(error => this.#failed(SERVICE, error, this.#service))
    }
  }

  async #pursue(peer: string, handlers: MeetingHandlers): Promise<void> {
    if (this.#pursued.has(peer)) return
    const pursuit = new Pursuit(`webrtc:${peer}`)
    this.#pursued.set(peer, pursuit)
    while (this.#wants(peer)) {
      const known = this.#openLinkOf(peer)
      if (known) await pursuit.meets(known.ended)
      if (!(await this.#meet(peer, handlers, pursuit))) break
      handlers.onChange?.()
      await pursuit.wait(this.#terms.retryMs)
    }
    this.#pursued.delete(peer)
  }

  /** Dials, and resolves when the connection is of no use any more: false where another one would be of none either. */
  async #meet(peer: string, { onConnection }: MeetingHandlers, pursuit: Pursuit): Promise<boolean> {
    await this.#outgoing.take()
    if (!this.#wants(peer) || this.#full()) {
      this.#outgoing.free()
      return true
    }
    const connection = await this.#connect(peer).catch(error => this.#failed(`webrtc:${peer}`, error, pursuit))
    if (!connection) return true
    const use = pursuit.meets(this.#useOf(connection, onConnection))
    return use.catch(error => this.#failed(`webrtc:${peer}`, error, pursuit) ?? true)
  }

  async #useOf(connection: Connection, onConnection: ConnectionTaker): Promise<boolean> {
    try {
      const isWorthAnother = await onConnection(connection)
      if (typeof isWorthAnother === 'boolean') return isWorthAnother
    } catch (cause) {
      await connection.close()
      throw new CosmicError({ code: 'protocol', message: `taking the connection failed: ${String(cause)}` }, { cause })
    }
    return (await connection.closed) !== undefined
  }

  #wants(peer: string): boolean {
    return !this.#gone.signal.aborted && this.#members.has(peer)
  }

  /** Dials with a place among the outgoing attempts already taken. */
  #connect(peer: string, signal?: AbortSignal): Promise<Connection> {
    return this.#begin(peer, newLinkName(), true, signal).finally(() => this.#outgoing.free())
  }

  async #begin(peer: string, name: string, initiator: boolean, signal?: AbortSignal): Promise<Connection> {
    const say = (words: PeerSignalOf<LinkMessage>) => this.#room?.send(peer, { link: name, signal: words })
    const link = new PeerLink({ ...this.#terms, initiator, remote: `webrtc:${peer}`, signal, say })
    const tracked: TrackedLink = { peer, link, phase: 'opening' }
    const key = `${peer} ${name}`
    this.#links.set(key, tracked)
    void link.ended.then(() => this.#links.delete(key))
    const connection = await link.opened
    tracked.phase = 'open'
    void connection.closed.then(() => (tracked.phase = 'ending'))
    return connection
  }

  /** Everything here is another member's words, and whether it is a member at all is the service's. */
  #hear(from: string, data: unknown): void {
    const message = parseLinkMessage(data)
    if (!message || !this.#members.has(from)) return
    const known = this.#links.get(`${from} ${message.link}`)
    if ('refused' in message) {
      if (known?.phase === 'opening') known.link.fail({ code: 'unreachable' }, 'refused')
    } else if (known) known.link.hear(message.signal)
    else if (message.signal.type === 'offer') this.#answer(from, message.link, message.signal)
  }

  #answer(from: string, name: string, offer: PeerSignalOf<LinkMessage>): void {
    const handlers = this.#handlers
    const busy = this.#gone.signal.aborted || this.#full() || this.#halfOpen(from) >= MAX_HALF_OPEN_PER_MEMBER
    if (!handlers || busy || !this.#incoming.tryTake()) {
      this.#room?.send(from, { link: name, refused: true })
      return
    }
    void this.#begin(from, name, false)
      .finally(() => this.#incoming.free())
      .then(connection => this.#useOf(connection, handlers.onConnection))
      .catch(error => this.#failed(`webrtc:${from}`, error))
    this.#links.get(`${from} ${name}`)?.link.hear(offer)
  }

  /** A member that left before it answered will not answer. */
  #lost(peer: string): void {
    this.#members.delete(peer)
    const failure: Failure = { code: 'unreachable', message: 'the other side left the room' }
    for (const { peer: other, phase, link } of this.#links.values()) {
      if (other === peer && phase === 'opening' && !link.heard) link.fail(failure, 'answer')
    }
  }

  /** A failed attempt is followed by another; why it failed is for people. */
  #failed(remote: string, error: unknown, pursuit?: Pursuit): undefined {
    if (this.#gone.signal.aborted || !(error instanceof CosmicError)) return
    pursuit?.failed(error)
    this.#handlers?.onFailure?.(remote, error)
  }

  #full(): boolean {
    return this.#links.size >= this.#terms.maxConnections
  }

  #halfOpen(peer: string): number {
    return [...this.#links.values()].filter(tracked => tracked.peer === peer && tracked.phase === 'opening').length
  }

  #openLinkOf(peer: string): PeerLink | undefined {
    return [...this.#links.values()].find(tracked => tracked.peer === peer && tracked.phase === 'open')?.link
  }
}

type PeerSignalOf<Message> = Message extends { readonly signal: infer Signal } ? Signal : never

/** Unique among the attempts of two members; nothing depends on its being hard to guess. */
function newLinkName(): string {
  return Math.random().toString(36).slice(2, 14).padEnd(1, '0')
}
