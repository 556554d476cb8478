import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer, type ClientOptions, type ServerOptions } from 'ws'
import { CosmicError } from '../base/index'
import type { MessageSocket, WebSocketPlatform, WebSocketServerOptions } from './web-socket.types'

export type * from './web-socket.types'

/** How long the other side may take to answer a closing handshake. */
const CLOSE_MS = 2_000
/** Plain HTTP connections allowed beside the accepted sockets. */
const SPARE_CONNECTIONS = 16

export const openWebSocket: WebSocketPlatform['openWebSocket'] = (url, { maxPayload }) => {
  const options: ClientOptions & { closeTimeout: number } = {
    maxPayload,
    perMessageDeflate: false,
    closeTimeout: CLOSE_MS,
  }
  return new WebSocket(url, options) as unknown as MessageSocket
}

export const createWebSocketServer: WebSocketPlatform['createWebSocketServer'] = async (options, onSocket) => {
  const wsOptions: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    maxPayload: options.maxPayload,
    perMessageDeflate: false,
    closeTimeout: CLOSE_MS,
  }
  const sockets = new WebSocketServer(wsOptions)
  const own = options.server ? undefined : await openServer(options)
  const server = own ?? (options.server as Server)
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const refusal = refusalStatus(request, options, sockets.clients.size)
    if (refusal === NOT_OURS && server.listenerCount('upgrade') > 1) return
    if (refusal !== undefined) return refuse(stream, refusal)
    sockets.handleUpgrade(request, stream, head, socket => {
      if (options.heartbeatMs !== undefined) watch(socket, options.heartbeatMs)
      onSocket(socket as unknown as MessageSocket, `ws:${request.socket.remoteAddress}:${request.socket.remotePort}`)
    })
  }
  server.on('upgrade', upgrade)
  const close = async () => {
    server.off('upgrade', upgrade)
    own?.close()
    own?.closeAllConnections()
  }
  return { addresses: addressesOf(server, options.path), close }
}

const NOT_OURS = 404

function refusalStatus(
  { url = '/', headers }: IncomingMessage,
  options: WebSocketServerOptions,
  connections: number,
): number | undefined {
  if (options.path !== undefined && url.split('?')[0] !== options.path) return NOT_OURS
  if (!options.acceptsOrigin(headers.origin)) return 403
  return connections < options.maxConnections ? undefined : 503
}

function refuse(stream: Duplex, status: number): void {
  stream.on('error', () => stream.destroy())
  stream.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => stream.destroy())
}

function openServer({ port = 0, host = '127.0.0.1', handshakeMs, maxConnections }: WebSocketServerOptions) {
  const timing = {
    headersTimeout: handshakeMs,
    requestTimeout: handshakeMs,
    connectionsCheckingInterval: Math.ceil(handshakeMs / 2),
  }
  const server = createServer(timing, (_request, response) => void response.writeHead(426).end())
  server.maxConnections = maxConnections + SPARE_CONNECTIONS
  return new Promise<Server>((resolve, reject) => {
    server.on('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)))
    try {
      server.listen({ port, host }, () => resolve(server))
    } catch (error) {
      // A port that is none is thrown on at once.
      reject(cannotListen(error as NodeJS.ErrnoException, host, port))
    }
  })
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): CosmicError {
  const inUse = error.code === 'EADDRINUSE'
  const message = inUse ? `port ${port} on ${host} is in use` : `cannot listen at ${host}:${port}: ${error.message}`
  return new CosmicError({ code: inUse ? 'address-in-use' : 'bad-address', field: 'port', message }, { cause: error })
}

function addressesOf(server: Server, path = ''): string[] {
  const address = server.address() as AddressInfo | string | null
  if (address === null || typeof address === 'string') return []
  const scheme = 'setSecureContext' in server ? 'wss' : 'ws'
  const host = (name: string) => (name.includes(':') ? `[${name}]` : name)
  return reachableHosts(address).map(name => `${scheme}://${host(name)}:${address.port}${path}`)
}

/** A server bound to every interface can be dialled at each of their addresses. */
function reachableHosts({ address }: AddressInfo): string[] {
  if (address !== '0.0.0.0' && address !== '::') return [address]
  const interfaces = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  return interfaces
    .filter(({ family, scopeid }) => (family === 'IPv4' || address === '::') && !scopeid)
    .map(entry => entry.address)
}

function watch(socket: WebSocket, periodMs: number): void {
  let heard = true
  const hear = () => (heard = true)
  socket.on('pong', hear)
  socket.on('message', hear)
  const timer = setInterval(() => {
    if (!heard) return socket.terminate()
    heard = false
    socket.ping()
  }, periodMs)
  socket.on('close', () => clearInterval(timer))
}
