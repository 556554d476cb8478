import { Peer, type PeerInstance, type PeerOptions, type PeerSignal } from '#simple-peer'
import { CosmicError, type ConnectStep, type Failure } from '../../../base/index'
import type { Connection } from '../../../wire/index'
import { MessageConnection } from '../message-connection'
import { opening } from '../opening'
import { AttemptFacts } from './attempt-facts'
import { filterCandidates, parseSignal } from './link-message'
import { PeerPipe } from './peer-pipe'
import { watchPath } from './watch-path'

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
  /** Rejects with `unreachable`, `timeout` (both with a `report`), `aborted` or `no-transport`. */
  readonly opened: Promise<Connection>
  /** Resolves when the attempt has failed or its connection has ended, and nothing of it is left. */
  readonly ended: Promise<void>
  readonly #terms: LinkTerms
  readonly #peer: PeerInstance
  readonly #pipe: PeerPipe
  readonly #connection: MessageConnection
  readonly #facts: AttemptFacts
  #description = false
  #candidates = 0
  #failure: Failure = { code: 'peer-gone' }
  /** Where the attempt failed, when somebody else knows it. */
  #step: ConnectStep | undefined

  constructor(terms: LinkTerms) {
    this.#terms = terms
    this.#peer = createPeer(terms)
    this.#pipe = new PeerPipe(this.#peer)
    this.#connection = new MessageConnection(this.#pipe, terms)
    this.#facts = new AttemptFacts(terms, this.#peer, () => this.fail({ code: 'unreachable' }))
    this.ended = new Promise(resolve => this.#peer.on('close', resolve))
    this.#listen()
    const connected = new Promise<Connection>((resolve, reject) => {
      this.#peer.on('connect', () => resolve(this.#connection))
      void this.#connection.closed.then(failure => reject(this.#unreachable(failure)))
    })
    const abandon = () => this.#peer.destroy()
    const limits = { milliseconds: terms.timeoutMs, signal: terms.signal, abandon }
    this.opened = opening(connected, limits).catch((error: unknown) => Promise.reject(this.#explained(error)))
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
    this.#facts.heard(accepted)
    try {
      this.#peer.signal(accepted)
    } catch (error) {
      this.fail({ code: 'protocol', message: String(error) })
    }
  }

  /** Gives the attempt up; `step` is where it failed, unless what was seen of it tells. */
  fail(failure: Failure, step?: ConnectStep): void {
    this.#failure = failure
    this.#step = step
    this.#peer.destroy()
  }

  /** The agent is closing: the end of the connection waits only while something still leaves. */
  hurry(): void {
    this.#pipe.hurry()
  }

  #listen(): void {
    const peer = this.#peer
    const unwatch = watchPath(peer, () => this.fail({ code: 'peer-gone', message: 'the path is down' }))
    peer.on('signal', words => {
      const signal = parseSignal(words)
      if (signal) this.#facts.said(signal)
      const accepted = signal && filterCandidates(signal, this.#terms.acceptsCandidate)
      if (accepted) this.#terms.say(accepted)
    })
    peer.on('data', data => this.#receive(data))
    peer.on('error', ({ message }) => (this.#failure = { ...this.#failure, message }))
    peer.on('close', () => {
      clearTimeout(peer._iceCompleteTimer ?? undefined)
      unwatch()
      this.#connection.end(this.#failure)
    })
  }

  #unreachable(failure: Failure | undefined): CosmicError {
    const { message } = failure ?? {}
    return new CosmicError(this.#facts.explain({ code: 'unreachable', ...(message && { message }) }, this.#step))
  }

  #explained(error: unknown): unknown {
    const isLate = error instanceof CosmicError && error.code === 'timeout'
    if (!isLate) return error
    const { code, limit } = error
    return new CosmicError(this.#facts.explain({ code, ...(limit !== undefined && { limit }) }))
  }

  #receive(data: Uint8Array | string): void {
    if (typeof data !== 'string') {
      return this.#connection.receive(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    }
    const reason = END_REASONS.get(data)
    if (!reason) return this.#connection.abort({ code: 'protocol', message: 'a text message on a binary connection' })
    this.#connection.end(reason.failure)
    this.#pipe.confirmEnd()
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
