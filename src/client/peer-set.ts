import { CosmicError, type Failure } from '../base/index'
import type { SessionStatus, SyncItem } from '../sync/index'
import type { Connection, SecureChannel } from '../wire/index'
import type { SessionRunner } from './session-runner'

/** One connected peer, as `client.status()` shows it. */
export interface PeerStatus extends SessionStatus {
  /** did:key, proven by the secure channel. */
  readonly peer: string
  /** What the transport calls the other end. */
  readonly remote: string
  readonly initiator: boolean
}

export interface Peer {
  readonly runner: SessionRunner
  readonly remote: string
  readonly initiator: boolean
}

/** The most sessions at once. A connection beyond it is closed before its handshake. */
export const MAX_PEERS = 64

/**
 * The sessions under way, one an identity.
 *
 * 1. Of two connections dialled by the same side the newer one stays: the older is one that the dialler has given up.
 * 2. Of two dialled by opposite sides the one dialled by the smaller did stays, so that both sides keep the same one.
 */
export class PeerSet {
  readonly #self: string
  readonly #peers = new Map<string, Peer>()
  #opening = 0

  constructor(self: string) {
    this.#self = self
  }

  get(peer: string): Peer | undefined {
    return this.#peers.get(peer)
  }

  *[Symbol.iterator](): IterableIterator<Peer> {
    yield* this.#peers.values()
  }

  statuses(): PeerStatus[] {
    return [...this].map(({ runner, remote, initiator }) => ({
      peer: runner.peer,
      remote,
      initiator,
      ...runner.status(),
    }))
  }

  inserted(items: readonly SyncItem[]): void {
    for (const { runner } of this) runner.inserted(items)
  }

  /** Opens the secure channel on a connection while a place is free. */
  async open(connection: Connection, secure: () => Promise<SecureChannel>): Promise<SecureChannel> {
    if (this.#peers.size + this.#opening >= MAX_PEERS) {
      await connection.close()
      throw new CosmicError({ code: 'limit', field: 'peers', limit: MAX_PEERS })
    }
    this.#opening++
    try {
      return await secure()
    } finally {
      this.#opening--
    }
  }

  /** True when a new channel to this peer should become its session; an older one that must go is then told so. */
  admits(peer: string, initiator: boolean): boolean {
    const current = this.#peers.get(peer)
    if (!current || current.initiator === initiator) return true
    return initiator === this.#self < peer
  }

  /** Makes it the session of its peer; ends the one before. The entry goes when the session ends. */
  add(peer: Peer): void {
    const before = this.#peers.get(peer.runner.peer)
    this.#peers.set(peer.runner.peer, peer)
    void before?.runner.close(SUPERSEDED)
    void peer.runner.closed.then(() => {
      if (this.#peers.get(peer.runner.peer) === peer) this.#peers.delete(peer.runner.peer)
    })
  }

  async close(): Promise<void> {
    await Promise.all([...this].map(({ runner }) => runner.close()))
  }
}

/** The peer has opened a newer connection. */
const SUPERSEDED: Failure = { code: 'peer-gone', hint: 'a newer connection to the same peer took its place' }
