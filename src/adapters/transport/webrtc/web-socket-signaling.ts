import { openWebSocket, type MessageSocket } from '#web-socket'
import { CosmicError, positive, record, text, type Failure } from '../../../base/index'
import {
  MAX_SIGNALING_BYTES,
  parseSignalingEvent,
  SIGNALING_VERSION,
  type Signaling,
  type SignalingEvent,
  type SignalingHandlers,
  type SignalingRequest,
  type SignalingRoom,
} from '../../../wire/index'
import { closeSocket, discardSocket } from '../close-socket'
import { opening } from '../opening'

/** Heartbeats that may be missed before the service counts as gone. */
const MISSED_HEARTBEATS = 3
const MAX_HEARTBEAT_MS = 300_000
const OPEN = 1

const readOptions = record<{ timeoutMs?: number }>({ timeoutMs: positive })

/**
 * Joins rooms of the signaling service at a `ws:` or `wss:` URL (docs/spec/signaling.md), one socket for each room.
 *
 * `join` rejects with `signaling` when the service cannot be reached or refuses, `limit` when it or the room is full,
 * `version`, `bad-value` (room name), `bad-address`, `timeout` (10 s by default) or `aborted`.
 *
 * @example
 * ```ts
 * const signaling = webSocketSignaling('ws://127.0.0.1:8787')
 * const room = await signaling.join('lab', { onSignal: (from, data) => console.log(from, data) })
 * ```
 */
export function webSocketSignaling(url: string, options: { timeoutMs?: number } = {}): Signaling {
  const { timeoutMs = 10_000 } = readOptions(options, '')
  text(url, 'url')
  return {
    async join(room, handlers, { signal } = {}) {
      const socket = begin(url)
      const membership = new Membership(socket, room, handlers)
      const abandon = () => discardSocket(socket)
      return opening(membership.entered, { milliseconds: timeoutMs, signal, abandon })
    },
  }
}

function begin(url: string): MessageSocket {
  try {
    return openWebSocket(url, { maxPayload: MAX_SIGNALING_BYTES })
  } catch (cause) {
    if (cause instanceof CosmicError) throw cause
    throw new CosmicError({ code: 'bad-address', field: 'signaling', hint: 'ws://host:port' }, { cause })
  }
}

class Membership {
  readonly entered: Promise<SignalingRoom>
  readonly #socket: MessageSocket
  readonly #handlers: SignalingHandlers
  #enter!: (room: SignalingRoom) => void
  #refuse!: (error: CosmicError) => void
  #state: 'entering' | 'inside' | 'left' = 'entering'
  /** What the service says before our caller has its room. */
  #early: SignalingEvent[] | undefined = []
  #silence: ReturnType<typeof setTimeout> | undefined
  #heartbeatMs = 0
  #refusal: Failure | undefined

  constructor(socket: MessageSocket, room: string, handlers: SignalingHandlers) {
    this.#socket = socket
    this.#handlers = handlers
    this.entered = new Promise((resolve, reject) => {
      this.#enter = resolve
      this.#refuse = reject
    })
    socket.onopen = () => this.#say({ type: 'join', version: SIGNALING_VERSION, room })
    socket.onmessage = ({ data }) => this.#hear(data)
    socket.onerror = ({ error }) => (this.#refusal ??= noService(error))
    socket.addEventListener('close', () => this.#ended())
  }

  #say(request: SignalingRequest): void {
    const { readyState, bufferedAmount } = this.#socket
    if (readyState === OPEN && bufferedAmount < MAX_SIGNALING_BYTES * 16) this.#socket.send(JSON.stringify(request))
  }

  #hear(text: unknown): void {
    const parsed = parseSignalingEvent(typeof text === 'string' ? text : '')
    if (!parsed.ok) return this.#break({ ...parsed.error, code: 'signaling', message: 'not a signaling service' })
    const event = parsed.value
    if (event.type === 'error') return this.#break(event)
    if ((event.type === 'peers') !== (this.#state === 'entering')) return this.#break({ code: 'signaling' })
    if (event.type === 'peers') this.#inside(event)
    this.#watch()
    if (this.#early) this.#early.push(event)
    else this.#dispatch(event)
  }

  #inside({ self, peers, heartbeat }: SignalingEvent & { type: 'peers' }): void {
    this.#state = 'inside'
    this.#heartbeatMs = Math.min(heartbeat, MAX_HEARTBEAT_MS)
    const send = (to: string, data: unknown) => this.#say({ type: 'signal', to, data })
    this.#enter({ self, peers, send, leave: () => this.#leave() })
    setTimeout(() => {
      const early = this.#early ?? []
      this.#early = undefined
      for (const event of early) this.#dispatch(event)
    }, 0)
  }

  #dispatch(event: SignalingEvent): void {
    if (this.#state !== 'inside') return
    if (event.type === 'joined') this.#handlers.onJoin?.(event.peer)
    else if (event.type === 'left') this.#handlers.onLeave?.(event.peer)
    else if (event.type === 'signal') this.#handlers.onSignal(event.from, event.data)
  }

  /** A service that says nothing for several heartbeats is gone, whatever the socket believes. */
  #watch(): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => discardSocket(this.#socket), this.#heartbeatMs * MISSED_HEARTBEATS)
  }

  #break(failure: Failure): void {
    this.#refusal ??= failure
    discardSocket(this.#socket)
  }

  #leave(): Promise<void> {
    this.#state = 'left'
    clearTimeout(this.#silence)
    return closeSocket(this.#socket, 1000)
  }

  #ended(): void {
    clearTimeout(this.#silence)
    const before = this.#state
    this.#state = 'left'
    if (before === 'entering') this.#refuse(new CosmicError(this.#refusal ?? noService(undefined)))
    if (before === 'inside') this.#handlers.onClose?.()
  }
}

function noService(error: unknown): Failure {
  const reason = error instanceof Error && error.message ? `: ${error.message}` : ''
  return { code: 'signaling', message: `no signaling service answers${reason}` }
}
