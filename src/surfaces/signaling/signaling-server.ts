import { randomBytes } from 'node:crypto'
import { createWebSocketServer, type MessageSocket } from '#web-socket'
import { count, offset, positive, record, text } from '../../base/index'
import { Pace } from './pace'
import { Rooms } from './rooms'
import { SignalingMember } from './signaling-member'

export interface SignalingServerOptions {
  /** TCP port; any free one (0) by default. */
  readonly port?: number
  /** `127.0.0.1` by default: only this machine. */
  readonly host?: string
  /** Rooms at once; 1,000 by default. */
  readonly maxRooms?: number
  /** Members of one room; 64 by default. */
  readonly maxPeersPerRoom?: number
  /** Sockets open at once, in a room or not; 4,096 by default. */
  readonly maxConnections?: number
  /** Largest message in bytes; 16,384 by default. */
  readonly maxMessageBytes?: number
  /** Messages a second from one member beyond which it is read more slowly; 100 by default, in bursts of up to four seconds' worth. */
  readonly ratePerSecond?: number
  /** How long a socket may stay without joining a room; 10,000 by default. */
  readonly joinMs?: number
  /** How often members are told that the service lives, and pinged; 30,000 by default. */
  readonly heartbeatMs?: number
}

export interface SignalingStats {
  readonly rooms: number
  readonly members: number
  /** Sockets open now, members or not. */
  readonly connections: number
  /** Signals passed on since the start. */
  readonly relayed: number
  /** Sockets ended for breaking the rules since the start. */
  readonly refused: number
}

export interface SignalingServer {
  /** Where agents find it. */
  readonly url: string
  /** Every such URL: several when bound to `0.0.0.0` or `::`. */
  readonly urls: readonly string[]
  stats(): SignalingStats
  /** Ends every socket and frees the port. */
  close(): Promise<void>
}

const readOptions = record<SignalingServerOptions>({
  ...{
    port: offset,
    host: text,
    maxRooms: count,
    maxPeersPerRoom: count,
    maxConnections: count,
    maxMessageBytes: count,
  },
  ...{ ratePerSecond: positive, joinMs: positive, heartbeatMs: positive },
})

const BURST_SECONDS = 4

/**
 * A signaling service on WebSocket (docs/spec/signaling.md): members of a room learn of each other and pass each other
 * small JSON values. It keeps nothing, logs nothing and sees no blocks. Rejects with `address-in-use` or `bad-address`, and by name for options that cannot be.
 *
 * @example
 * ```ts
 * const server = await createSignalingServer({ port: 8787 })
 * console.log(server.url, server.stats().members)
 * await server.close()
 * ```
 */
export async function createSignalingServer(options: SignalingServerOptions = {}): Promise<SignalingServer> {
  const {
    maxRooms = 1_000,
    maxPeersPerRoom = 64,
    ratePerSecond = 100,
    joinMs = 10_000,
    heartbeatMs = 30_000,
  } = readOptions(options, '')
  const rooms = new Rooms({ maxRooms, maxPeersPerRoom })
  const members = new Set<SignalingMember>()
  const counts = { relayed: 0, refused: 0 }
  const terms = { rooms, joinMs, heartbeatMs, onRelay: () => counts.relayed++, onRefuse: () => counts.refused++ }
  const admit = (socket: MessageSocket) => {
    const pace = new Pace(ratePerSecond, ratePerSecond * BURST_SECONDS)
    const member = new SignalingMember(socket, { ...terms, id: randomBytes(9).toString('base64url'), pace })
    members.add(member)
    socket.addEventListener('close', () => members.delete(member))
  }
  const server = await createWebSocketServer({ ...listening(options), heartbeatMs }, admit)
  const heart = setInterval(() => members.forEach(member => member.tell({ type: 'alive' })), heartbeatMs)
  return {
    url: server.addresses[0]!,
    urls: server.addresses,
    stats: () => ({ rooms: rooms.rooms, members: rooms.members, connections: members.size, ...counts }),
    async close() {
      clearInterval(heart)
      await server.close()
      await Promise.all([...members].map(member => member.close()))
    },
  }
}

function listening({ port, host, maxConnections = 4_096, maxMessageBytes = 16_384 }: SignalingServerOptions) {
  return { port, host, maxConnections, maxPayload: maxMessageBytes, handshakeMs: 10_000, acceptsOrigin: () => true }
}
