import { Peer, type PeerInstance, type PeerOptions, type PeerSignal } from '#simple-peer'
import { CosmicError, type Failure } from '../../../base/index'
import type { Connection } from '../../../wire/index'
import { MessageConnection, type MessagePipe } from '../message-connection'
import { opening } from '../opening'
import { whenDrained } from '../when-drained'
import { filterCandidates, parseSignal } from './link-message'

/** Candidates taken from the other side of one link. */
export const MAX_CANDIDATES = 64

export interface LinkTerms {
  readonly initiator: boolean
  /** What the other side is called. */
  readonly remote: string
  readonly wrtc: unknown
  readonly config: PeerOptions['config']
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Judges local and remote candidate lines. */
  acceptsCandidate(candidate: string): boolean
  /** Carries a signal to the other side. */
  say(signal: PeerSignal): void
}

/** One attempt to connect to one member, and the connection that comes of it. */
export class PeerLink {
  /** Rejects with `unreachable`, `timeout`, `aborted` or `no-transport`. */
  readonly opened: Promise<Connection>
  /** Resolves when the attempt has failed or its connection has ended. */
  readonly ended: Promise<unknown>
  readonly #terms: LinkTerms
  readonly #peer: PeerInstance
  readonly #connection: MessageConnection
  #description = false
  #candidates = 0
  #failure: Failure = { code: 'peer-gone' }

  constructor(terms: LinkTerms) {
    this.#terms = terms
    this.#peer = createPeer(terms)
    this.#connection = new MessageConnection(new PeerPipe(this.#peer), terms)
    this.ended = this.#connection.closed
    this.#listen()
    const connected = new Promise<Connection>((resolve, reject) => {
      this.#peer.on('connect', () => resolve(this.#connection))
      void this.#connection.closed.then(failure => reject(unreachable(terms.remote, failure)))
    })
    const abandon = () => this.#peer.destroy()
    this.opened = opening(connected, { milliseconds: terms.timeoutMs, signal: terms.signal, abandon })
  }

  /** True once the other side has said anything. */
  get heard(): boolean {
    return this.#description || this.#candidates > 0
  }

  /** Takes the other side's signal: one description of the right kind, and a bounded number of candidates. */
  hear(signal: PeerSignal): void {
    if (this.#peer.destroyed) return
    if (signal.type === 'candidate') {
      if (++this.#candidates > MAX_CANDIDATES) return
    } else {
      if (this.#description || signal.type !== (this.#terms.initiator ? 'answer' : 'offer')) return
      this.#description = true
    }
    const accepted = filterCandidates(signal, this.#terms.acceptsCandidate)
    if (!accepted) return
    try {
      this.#peer.signal(accepted)
    } catch (error) {
      this.fail({ code: 'protocol', message: String(error) })
    }
  }

  /** Gives the attempt up. */
  fail(failure: Failure): void {
    this.#failure = failure
    this.#peer.destroy()
  }

  #listen(): void {
    const peer = this.#peer
    peer.on('signal', words => {
      const signal = parseSignal(words)
      const accepted = signal && filterCandidates(signal, this.#terms.acceptsCandidate)
      if (accepted) this.#terms.say(accepted)
    })
    peer.on('data', data => this.#receive(data))
    peer.on('error', ({ message }) => (this.#failure = { ...this.#failure, message }))
    peer.on('close', () => {
      clearTimeout(peer._iceCompleteTimer ?? undefined)
      this.#connection.end(this.#failure)
    })
  }

  #receive(data: Uint8Array | string): void {
    if (typeof data !== 'string') {
      return this.#connection.receive(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    }
    const reason = END_REASONS.get(data)
    if (!reason) return this.#connection.abort({ code: 'protocol', message: 'a text message on a binary connection' })
    this.#connection.end(reason.failure)
    this.#peer.destroy()
  }
}

/** A text message ends a connection: it comes after all that was sent before, which closing a data channel does not ensure. */
const END_REASONS = new Map<string, { failure?: Failure }>([
  ['end', {}],
  ['end limit', { failure: { code: 'limit', message: 'the other side ended the connection' } }],
  ['end protocol', { failure: { code: 'protocol', message: 'the other side ended the connection' } }],
])

function createPeer({ initiator, config, wrtc }: LinkTerms): PeerInstance {
  try {
    return new Peer({ initiator, objectMode: true, config, ...(wrtc !== undefined && { wrtc }) })
  } catch (cause) {
    throw new CosmicError({ code: 'no-transport', hint: 'this runtime has no WebRTC' }, { cause })
  }
}

function unreachable(remote: string, failure: Failure | undefined): CosmicError {
  const reason = failure?.message ? `: ${failure.message}` : ''
  return new CosmicError({ code: 'unreachable', message: `no connection to ${remote}${reason}` })
}

/** How long the other side may take to confirm an end. */
const CLOSE_MS = 2_000

class PeerPipe implements MessagePipe {
  readonly #peer: PeerInstance

  constructor(peer: PeerInstance) {
    this.#peer = peer
  }

  get buffered(): number {
    return this.#peer.bufferSize
  }

  write(message: Uint8Array): void {
    this.#attempt(() => this.#peer.send(message))
  }

  whenDrained(notify: () => void): void {
    whenDrained(() => (this.#peer.destroyed ? undefined : this.buffered), notify)
  }

  close(failure: Failure | undefined): Promise<void> {
    const peer = this.#peer
    if (peer.destroyed) return Promise.resolve()
    return new Promise(resolve => {
      const timer = setTimeout(() => peer.destroy(), CLOSE_MS)
      peer.on('close', () => {
        clearTimeout(timer)
        resolve()
      })
      this.#attempt(() => peer.send(failure ? (failure.code === 'limit' ? 'end limit' : 'end protocol') : 'end'))
    })
  }

  /** A channel that takes nothing any more is at its end. */
  #attempt(send: () => void): void {
    try {
      send()
    } catch {
      this.#peer.destroy()
    }
  }
}
