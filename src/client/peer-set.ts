import { BoundedMap, type Clock, CosmicError, type Failure, type Timers } from '../base/index'
import type { OfferedItem, SessionStatus } from '../sync/index'
import type { Connection, SecureChannel } from '../wire/index'
import type { SessionPorts, SessionRunner } from './session-runner'
import type { PastFailure, PeerStatus } from './sync-status'

export interface Peer {
  readonly runner: SessionRunner
  readonly remote: string
  readonly initiator: boolean
  /** When its connection stood, in milliseconds of the clock. */
  readonly since: number
}

/** Of so many peers it is remembered how their last session failed. */
const MOST_FAILURES = 256

/** How many connections an agent bears. What others open never takes a place from what its user dials. */
export const PEER_LIMITS = {
  /** Addresses that the user wants to be connected to; one more is refused as `limit`. */
  outgoing: 64,
  /** Sessions with all other peers. When they are full, a new one needs the place of one that has brought nothing. */
  incoming: 64,
  /** Incoming handshakes under way; one more ends the oldest. */
  handshakes: 32,
  /** How long an incoming handshake may take, in milliseconds. */
  handshakeMs: 5_000,
  /** Incoming handshakes begun in any second, all peers together: at some 4 ms each without native X25519 half of one core. More are closed unread. */
  handshakesPerSecond: 128,
} as const

/**
 * The sessions under way, one an identity.
 *
 * 1. Of two connections dialled by the same side the newer one stays: the older is one that the dialler has given up.
 * 2. Of two dialled by opposite sides the one dialled by the smaller did stays, so that both sides keep the same one.
 * 3. A peer that reconnects takes its own old place; peers that the user wants need none of the incoming ones.
 */
export class PeerSet {
  readonly #self: string
  readonly #timers: Timers
  readonly #clock: Clock
  readonly #isWanted: (peer: string) => boolean
  readonly #peers = new Map<string, Peer>()
  readonly #opening = new Set<Connection>()
  readonly #failures = new BoundedMap<PastFailure>(MOST_FAILURES)
  /** Of ended sessions. */
  readonly #bytes = { in: 0, out: 0 }
  #begun = 0

  /** `isWanted`: whether the user wants to be connected to that peer (did:key). */
  constructor(self: string, ports: Pick<SessionPorts, 'timers' | 'clock'>, isWanted: (peer: string) => boolean) {
    this.#self = self
    this.#timers = ports.timers
    this.#clock = ports.clock
    this.#isWanted = isWanted
  }

  get(peer: string): Peer | undefined {
    return this.#peers.get(peer)
  }

  *[Symbol.iterator](): IterableIterator<Peer> {
    yield* this.#peers.values()
  }

  statuses(): PeerStatus[] {
    return [...this].map(({ runner, remote, initiator, since }) => {
      const { lastError: failure, ...session } = runner.status()
      const lastError = failure ? { ...failure, at: this.#clock.now() } : this.#failures.get(runner.peer)
      const { peer } = runner
      return { peer, remote, initiator, since, ...session, ...runner.figures(), ...(lastError && { lastError }) }
    })
  }

  /** Bytes of whole messages of all sessions, ended ones included. */
  get bytes(): { readonly in: number; readonly out: number } {
    const sum = { ...this.#bytes }
    for (const { runner } of this) addBytes(sum, runner.status())
    return sum
  }

  inserted(items: readonly OfferedItem[]): void {
    for (const { runner } of this) runner.inserted(items)
  }

  /**
   * Opens the secure channel on an incoming connection. The oldest of too many gives way: whoever has something to say
   * needs a moment for its handshake, whoever only holds places open loses them.
   */
  async open(connection: Connection, secure: () => Promise<SecureChannel>): Promise<SecureChannel> {
    if (this.#begun >= PEER_LIMITS.handshakesPerSecond) {
      await connection.close()
      throw new CosmicError({ code: 'limit', field: 'handshakes', limit: PEER_LIMITS.handshakesPerSecond })
    }
    this.#begun++
    this.#timers.set(() => this.#begun--, 1_000, { unref: true })
    const [oldest] = this.#opening
    if (oldest && this.#opening.size >= PEER_LIMITS.handshakes) this.#giveUp(oldest)
    this.#opening.add(connection)
    try {
      return await secure()
    } finally {
      this.#opening.delete(connection)
    }
  }

  /** True when a new channel to this peer should become its session; an older one that must go is then told so. */
  admits(peer: string, initiator: boolean): boolean {
    const current = this.#peers.get(peer)
    if (!current || current.initiator === initiator) return true
    return initiator === this.#self < peer
  }

  /** Whether there is a place for a session with this peer; ends the least useful one for it where that is needed. */
  makesRoom(peer: string): boolean {
    if (this.#peers.has(peer) || this.#isWanted(peer)) return true
    const incoming = [...this].filter(({ runner }) => !this.#isWanted(runner.peer))
    if (incoming.length < PEER_LIMITS.incoming) return true
    // The youngest, so that strangers who come in numbers displace each other and not those who have long been here.
    const useless = incoming.findLast(({ runner }) => isUseless(runner.status()))
    if (!useless) return false
    this.#peers.delete(useless.runner.peer)
    void useless.runner.close(DISPLACED)
    return true
  }

  /** Makes it the session of its peer; ends the one before. The entry goes when the session ends. */
  add(peer: Peer): void {
    const before = this.#peers.get(peer.runner.peer)
    this.#peers.set(peer.runner.peer, peer)
    void before?.runner.close(SUPERSEDED)
    void peer.runner.closed.then(failure => {
      addBytes(this.#bytes, peer.runner.status())
      if (failure) this.#failures.set(peer.runner.peer, { ...failure, at: this.#clock.now() })
      if (this.#peers.get(peer.runner.peer) === peer) this.#peers.delete(peer.runner.peer)
    })
  }

  /** Ends every session and every handshake. */
  async close(): Promise<void> {
    for (const connection of this.#opening) this.#giveUp(connection)
    await Promise.all([...this].map(({ runner }) => runner.close()))
  }

  #giveUp(connection: Connection): void {
    this.#opening.delete(connection)
    void connection.close()
  }
}

function addBytes(sum: { in: number; out: number }, { bytesIn, bytesOut }: SessionStatus): void {
  sum.in += bytesIn
  sum.out += bytesOut
}

/** Nothing was, is or is about to be exchanged. */
function isUseless({ stored, sent, have, need, inFlight, ingesting, wanted }: SessionStatus): boolean {
  return stored + sent + have + need + inFlight + ingesting + wanted === 0
}

/** The peer has opened a newer connection. */
const SUPERSEDED: Failure = { code: 'peer-gone', hint: 'a newer connection to the same peer took its place' }

/** Another peer needed the place. */
const DISPLACED: Failure = { code: 'limit', field: 'peers', limit: PEER_LIMITS.incoming }
