import { loadWrtc } from '#simple-peer'
import {
  anything,
  CosmicError,
  func,
  having,
  list,
  offset,
  oneOf,
  positive,
  record,
  text,
  unlessAborted,
  type Read,
} from '../../base/index'
import type { Listener, Signaling, Transport } from '../../wire/index'
import { Meeting, type MeetingTerms } from './webrtc/meeting'
import { webSocketSignaling } from './webrtc/web-socket-signaling'

export { webSocketSignaling } from './webrtc/web-socket-signaling'

export interface WebRtcTransportOptions {
  /** The `ws:` or `wss:` URL of a signaling service (`npx cosmic-embeddings signal`), or any other way to meet. */
  readonly signaling: string | Signaling
  /** Whoever names the same room at the same service meets. Names are no secret: the secure channel above proves who is who. */
  readonly room: string
  /** A WebRTC implementation; by default the runtime's own, and in Node the optional package `@roamhq/wrtc`. */
  readonly wrtc?: unknown
  /** STUN and TURN servers as `RTCPeerConnection` takes them. None by default: then only agents of one network meet. */
  readonly iceServers?: readonly unknown[]
  /** `relay` shows no address of ours to other members; it needs a TURN server. */
  readonly iceTransportPolicy?: 'all' | 'relay'
  /** Judges each local and remote candidate line (RFC 8839 section 5.1); all are used by default. */
  readonly candidateFilter?: (candidate: string) => boolean
  /** How long one attempt to connect may take; 15,000 by default. */
  readonly timeoutMs?: number
  /** Attempts under way at once in each direction; 16 by default. */
  readonly maxHalfOpen?: number
  /** Connections and attempts at once; 64 by default. */
  readonly maxConnections?: number
  /** Delay before the second attempt to connect or to enter the room, doubled from there to 30 s; 500 by default. */
  readonly retryMs?: number
}

const signaling: Read<string | Signaling> = (value, path) =>
  typeof value === 'string' ? value : having<Signaling>('a ws: or wss: URL, or a Signaling', 'join')(value, path)
const readOptions = record<WebRtcTransportOptions>(
  {
    signaling,
    room: text,
    wrtc: anything,
    iceServers: list<unknown>(value => value, 100),
    iceTransportPolicy: oneOf('all', 'relay'),
    candidateFilter: func,
    timeoutMs: positive,
    maxHalfOpen: offset,
    maxConnections: offset,
    retryMs: positive,
  },
  'signaling',
  'room',
)

/**
 * Agents meet in a room of a signaling service and connect directly over WebRTC data channels.
 *
 * `listen` enters the room, connects to every member that is there and accepts those that come later; every connection
 * is handed over, whichever side dialled. It rejects as `Signaling.join` does, or with `missing-peer` or `no-transport`.
 * When the service is lost, connections live on and the room is entered again, under a new name; meanwhile the
 * listener has no addresses. `dial('webrtc:<member>')` connects to one member and rejects with `bad-address`,
 * `unreachable`, `timeout`, `aborted`, `limit`, `missing-peer` or as `Signaling.join` does. A failure to connect says in words,
 * and in `error.report`, at which step it failed: signaling, answer, refusal, candidates, relay, ice or dtls; those of `listen`
 * are told to its `onFailure` (of a client: the event `unreachable`).
 *
 * @example
 * ```ts
 * const transport = webRtcTransport({ signaling: 'ws://127.0.0.1:8787', room: 'lab' })
 * const listener = await transport.listen!(connection => console.log('met', connection.remote))
 * ```
 */
export function webRtcTransport(given: WebRtcTransportOptions): Transport {
  const options = readOptions(given, '')
  let listening: Promise<Meeting> | undefined
  const dial: Transport['dial'] = async (address, { signal } = {}) => {
    const peer = memberIn(address)
    if (listening) return (await unlessAborted(listening, signal)).dial(peer, signal)
    const meeting = await Meeting.enter(await termsOf(options), { signal })
    return meeting.dial(peer, signal).finally(() => meeting.leave())
  }
  const listen: Transport['listen'] = async (onConnection, { signal, ...reports } = {}) => {
    if (listening) throw new CosmicError({ code: 'address-in-use', message: `already listening in ${options.room}` })
    listening = termsOf(options).then(terms => Meeting.enter(terms, { handlers: { ...reports, onConnection }, signal }))
    const release = () => (listening = undefined)
    return listenerOf(await listening.catch(error => Promise.reject((release(), error))), release)
  }
  return { schemes: ['webrtc'], dial, listen }
}

function listenerOf(meeting: Meeting, release: () => void): Listener {
  return {
    get addresses() {
      return meeting.self === undefined ? [] : [`webrtc:${meeting.self}`]
    },
    attempts: () => meeting.attempts(),
    close() {
      release()
      return meeting.leave()
    },
  }
}

function memberIn(address: string): string {
  const peer = /^webrtc:([^\s/]{1,64})$/.exec(address)?.[1]
  if (peer === undefined) throw new CosmicError({ code: 'bad-address', field: 'address', hint: 'webrtc:<member>' })
  return peer
}

async function termsOf(options: WebRtcTransportOptions): Promise<MeetingTerms> {
  const { signaling, iceServers = [], iceTransportPolicy, candidateFilter = () => true } = options
  return {
    signaling: typeof signaling === 'string' ? webSocketSignaling(signaling) : signaling,
    room: options.room,
    wrtc: options.wrtc ?? (await loadWrtc()),
    config: { iceServers, ...(iceTransportPolicy && { iceTransportPolicy }) },
    acceptsCandidate: candidateFilter,
    timeoutMs: options.timeoutMs ?? 15_000,
    maxHalfOpen: options.maxHalfOpen ?? 16,
    maxConnections: options.maxConnections ?? 64,
    retryMs: options.retryMs ?? 500,
  }
}
