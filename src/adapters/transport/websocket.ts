import { createWebSocketServer, openWebSocket, type MessageSocket } from '#web-socket'
import {
  anything,
  CosmicError,
  type Failure,
  having,
  list,
  offset,
  positive,
  type Read,
  record,
  text,
} from '../../base/index'
import { MAX_MESSAGE_BYTES, type Connection, type Listener, type Transport } from '../../wire/index'
import { closeSocket, discardSocket } from './close-socket'
import { isLoopback } from './is-loopback'
import { MessageConnection, type MessagePipe } from './message-connection'
import { opening } from './opening'
import { whenDrained } from './when-drained'

/** An `http.Server` or `https.Server`, as far as a type that holds in every runtime can say. */
export interface UpgradableServer {
  on(event: string, listener: (...args: unknown[]) => void): unknown
  off(event: string, listener: (...args: unknown[]) => void): unknown
  address(): unknown
}

export interface WebSocketListenOptions {
  /** TCP port; any free one (0) by default. */
  readonly port?: number
  /** `127.0.0.1` by default: only this machine. `0.0.0.0` or `::` opens the agent to the network. */
  readonly host?: string
  /** An existing, listening `http.Server` or `https.Server` to share; it is never closed here. */
  readonly server?: UpgradableServer
  /** The one URL path that is served; every path by default. */
  readonly path?: string
  /** Connections open at once; further ones are refused. 256 by default. */
  readonly maxConnections?: number
  /**
   * Web origins, such as `https://example.org`, whose pages may connect. By default only pages of this machine may,
   * because any page that a user opens can reach an agent on the user's loopback. `'*'` admits every page.
   */
  readonly origins?: readonly string[] | '*'
}

export interface WebSocketTransportOptions {
  /** Accept connections too (Node only). */
  readonly listen?: WebSocketListenOptions
  /** How long `dial` and an arriving client's HTTP request may take; 15,000 by default. */
  readonly timeoutMs?: number
}

const origins: Read<readonly string[] | '*'> = (value, path) =>
  value === '*' ? value : list(text, 10_000)(value, path)
const readOptions = record<WebSocketTransportOptions>({
  listen: record<WebSocketListenOptions>({
    port: anything,
    host: text,
    server: having<UpgradableServer>('an http.Server', 'on', 'off', 'address'),
    path: text,
    maxConnections: offset,
    origins,
  }),
  timeoutMs: positive,
})

/**
 * Agents over WebSocket: dials `ws:` and `wss:` URLs in every runtime, and in Node accepts connections when `listen` is given.
 *
 * `dial` rejects with `bad-address`, `unreachable`, `timeout` or `aborted`; `listen` with `address-in-use`, `bad-address`,
 * or `no-transport` outside Node. A connection whose other end vanished closes as `peer-gone`.
 *
 * @example
 * ```ts
 * const server = webSocketTransport({ listen: { port: 0 } })
 * const { addresses } = await server.listen!(connection => console.log('met', connection.remote))
 * const connection = await webSocketTransport().dial(addresses[0]!)
 * ```
 */
export function webSocketTransport(options: WebSocketTransportOptions = {}): Transport {
  const { listen, timeoutMs = 15_000 } = readOptions(options, '')
  return {
    schemes: ['ws', 'wss'],
    dial: (address, { signal } = {}) => dial(address, timeoutMs, signal),
    ...(listen && { listen: onConnection => accept(listen, timeoutMs, onConnection) }),
  }
}

async function dial(address: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<Connection> {
  const socket = begin(address)
  const connection = connect(socket, { remote: withoutSecrets(address), initiator: true })
  const opened = new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve()
    void connection.closed.then(failure => reject(unreachable(connection.remote, failure)))
  })
  await opening(opened, { milliseconds: timeoutMs, signal, abandon: () => discardSocket(socket) })
  return connection
}

function begin(address: string): MessageSocket {
  if (!/^wss?:\/\//i.test(address)) throw badAddress()
  try {
    return openWebSocket(address, { maxPayload: MAX_MESSAGE_BYTES })
  } catch (error) {
    throw error instanceof CosmicError ? error : badAddress(error)
  }
}

/** URLs may carry tokens in their user part or query; names end up in logs. */
function withoutSecrets(address: string): string {
  const { origin, pathname } = new URL(address)
  return origin + pathname
}

function badAddress(cause?: unknown): CosmicError {
  return new CosmicError({ code: 'bad-address', field: 'address', hint: 'ws://host:port/path' }, { cause })
}

function unreachable(address: string, failure: Failure | undefined): CosmicError {
  const reason = failure?.message ? `: ${failure.message}` : ''
  return new CosmicError({ code: 'unreachable', message: `nobody answers at ${address}${reason}` })
}

function accept(
  { maxConnections = 256, origins, ...place }: WebSocketListenOptions,
  handshakeMs: number,
  onConnection: (connection: Connection) => void,
): Promise<Listener> {
  const acceptsOrigin = (origin: string | undefined) =>
    origin === undefined || origins === '*' || (origins ? origins.includes(origin) : isLoopback(origin))
  const options = { ...place, maxConnections, handshakeMs, maxPayload: MAX_MESSAGE_BYTES, acceptsOrigin }
  return createWebSocketServer(options, (socket, remote) => onConnection(connect(socket, { remote, initiator: false })))
}

/** Binds a socket, open or about to open, to a connection. */
function connect(socket: MessageSocket, about: { remote: string; initiator: boolean }): MessageConnection {
  const connection = new MessageConnection(new SocketPipe(socket), about)
  let error: Failure | undefined
  socket.binaryType = 'arraybuffer'
  socket.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) connection.receive(new Uint8Array(data))
    else connection.abort({ code: 'protocol', message: 'a text message on a binary connection' })
  }
  socket.onerror = event => (error = failureOf(event.error))
  socket.addEventListener('close', ({ code }) => connection.end(error ?? meaningOf(code)))
  return connection
}

function failureOf(error: unknown): Failure {
  const { code, message } = (error ?? {}) as { code?: string; message?: string }
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return { code: 'limit', field: 'message', limit: MAX_MESSAGE_BYTES }
  return { code: code?.startsWith('WS_ERR') ? 'protocol' : 'peer-gone', ...(message && { message }) }
}

/** Browsers may send only 1000 and codes from 3000 on, hence two of our own. */
const PROTOCOL = 4002
const LIMIT = 4009
const ORDERLY = [1000, 1001, 1005]

/** Close codes: RFC 6455 section 7.4.1. */
function meaningOf(code: number): Failure | undefined {
  if (ORDERLY.includes(code)) return undefined
  const message = `closed with code ${code}`
  if (code === 1009 || code === LIMIT) return { code: 'limit', message }
  if ([1002, 1003, 1007, PROTOCOL].includes(code)) return { code: 'protocol', message }
  return { code: 'peer-gone', message }
}

const OPEN = 1

class SocketPipe implements MessagePipe {
  readonly pause?: () => void
  readonly resume?: () => void
  readonly #socket: MessageSocket

  constructor(socket: MessageSocket) {
    this.#socket = socket
    if (!socket.pause) return
    this.pause = () => socket.pause?.()
    this.resume = () => socket.resume?.()
  }

  get buffered(): number {
    return this.#socket.bufferedAmount
  }

  write(message: Uint8Array): void {
    this.#socket.send(message)
  }

  whenDrained(notify: () => void): void {
    whenDrained(() => (this.#socket.readyState === OPEN ? this.buffered : undefined), notify)
  }

  close(failure: Failure | undefined): Promise<void> {
    return closeSocket(this.#socket, failure ? (failure.code === 'limit' ? LIMIT : PROTOCOL) : 1000)
  }
}
