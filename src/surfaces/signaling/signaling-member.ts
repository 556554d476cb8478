import type { MessageSocket } from '#web-socket'
import type { Failure } from '../../base/index'
import { parseSignalingRequest, type SignalingEvent, type SignalingRequest } from '../../wire/index'
import type { Pace } from './pace'
import type { Member, Rooms } from './rooms'

/** Unsent bytes at which a member that does not read is dropped. */
export const MAX_BACKLOG_BYTES = 1_048_576
/** RFC 6455 section 7.4.1. */
const GOING_AWAY = 1001
const POLICY_VIOLATION = 1008
const OPEN = 1

export interface MemberTerms {
  readonly id: string
  readonly rooms: Rooms
  readonly pace: Pace
  /** How long a socket may stay without joining. */
  readonly joinMs: number
  readonly heartbeatMs: number
  onRelay(): void
  onRefuse(): void
}

/** One socket: joins one room, then relays. What it says wrongly is answered with a typed error and the end. */
export class SignalingMember implements Member {
  readonly id: string
  readonly #socket: MessageSocket
  readonly #terms: MemberTerms
  readonly #joinTimer: ReturnType<typeof setTimeout>
  #resumeTimer: ReturnType<typeof setTimeout> | undefined
  #room: string | undefined
  #done = false

  constructor(socket: MessageSocket, terms: MemberTerms) {
    this.id = terms.id
    this.#socket = socket
    this.#terms = terms
    const late: Failure = { code: 'protocol', message: 'join a room first', limit: terms.joinMs }
    this.#joinTimer = setTimeout(() => this.#refuse(late), terms.joinMs)
    socket.onerror = () => this.#terms.onRefuse()
    socket.onmessage = ({ data }) => this.#hear(data)
    socket.addEventListener('close', () => this.#leave())
  }

  tell(event: SignalingEvent): void {
    const { readyState, bufferedAmount } = this.#socket
    if (readyState !== OPEN) return
    if (bufferedAmount > MAX_BACKLOG_BYTES) this.#socket.terminate?.()
    else this.#socket.send(JSON.stringify(event))
  }

  close(): Promise<void> {
    return new Promise(resolve => {
      this.#socket.addEventListener('close', () => resolve())
      this.#end(GOING_AWAY)
    })
  }

  #hear(text: unknown): void {
    if (this.#done) return
    this.#slowDown(this.#terms.pace.count(Date.now()))
    const request = parseSignalingRequest(typeof text === 'string' ? text : '')
    if (!request.ok) return this.#refuse(request.error)
    if (request.value.type === 'join') this.#join(request.value.room)
    else this.#relay(request.value)
  }

  /** Over its rate a member is read more slowly, not refused: an honest burst only takes longer. */
  #slowDown(delayMs: number): void {
    if (delayMs <= 0) return
    this.#socket.pause?.()
    clearTimeout(this.#resumeTimer)
    this.#resumeTimer = setTimeout(() => this.#socket.resume?.(), delayMs)
  }

  #join(room: string): void {
    if (this.#room !== undefined) return this.#refuse({ code: 'protocol', message: 'already in a room' })
    const entered = this.#terms.rooms.enter(room, this)
    if (!entered.ok) return this.#refuse(entered.error)
    clearTimeout(this.#joinTimer)
    this.#room = room
    this.tell({ type: 'peers', self: this.id, peers: entered.value, heartbeat: this.#terms.heartbeatMs })
  }

  #relay({ to, data }: SignalingRequest & { type: 'signal' }): void {
    if (this.#room === undefined) return this.#refuse({ code: 'protocol', message: 'join a room first' })
    if (this.#terms.rooms.relay(this.#room, this, to, data)) this.#terms.onRelay()
  }

  #refuse({ code, field, limit, message }: Failure): void {
    this.#terms.onRefuse()
    const facts = [field, limit !== undefined && `limit ${limit}`].filter(Boolean).join(', ')
    this.tell({ type: 'error', code, message: message ?? (facts || code) })
    this.#end(POLICY_VIOLATION)
  }

  #end(code: number): void {
    this.#done = true
    this.#leave()
    this.#socket.resume?.()
    this.#socket.close(code)
  }

  #leave(): void {
    clearTimeout(this.#joinTimer)
    clearTimeout(this.#resumeTimer)
    if (this.#room !== undefined) this.#terms.rooms.leave(this.#room, this)
  }
}
