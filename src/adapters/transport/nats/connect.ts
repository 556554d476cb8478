import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { CosmicError, loadPeer } from '../../../base/index'

export interface NatsPlace {
  readonly servers: string | readonly string[]
  readonly connection?: Readonly<Record<string, unknown>>
  readonly timeoutMs?: number
}

/** A connection that comes back by itself, and its JetStream. */
export interface ConnectedNats {
  readonly nats: NatsConnection
  readonly stream: JetStreamClient
  readonly manager: JetStreamManager
}

const INSTALL = 'npm install @nats-io/transport-node @nats-io/jetstream'
/** A server that does not answer one request by then has lost its leader, or will not; the request is made again. */
const ANSWER_MS = 2_500
const SERVER = /^(nats|tls):\/\/[^\s/]+\/?$/

/** Rejects with `missing-peer`, `bad-address`, `unreachable` or `timeout`. */
export async function connectNats({ servers, connection, timeoutMs = 10_000 }: NatsPlace): Promise<ConnectedNats> {
  const list = typeof servers === 'string' ? [servers] : [...servers]
  if (list.length === 0 || !list.every(server => SERVER.test(server))) {
    throw new CosmicError({ code: 'bad-address', field: 'servers', hint: 'nats://host:port' })
  }
  const { connect } = await loadPeer('@nats-io/transport-node', () => import('@nats-io/transport-node'), INSTALL)
  const library = await loadPeer('@nats-io/jetstream', () => import('@nats-io/jetstream'), INSTALL)
  const lasting = {
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    pingInterval: 5_000,
    maxPingOut: 2,
    // Credentials that a server refuses now it may take later; the first attempt is refused all the same.
    ignoreAuthErrorAbort: true,
  }
  try {
    const options = { name: 'cosmic-embeddings', timeout: timeoutMs, ...lasting, ...connection, servers: list }
    const nats = await connect(options)
    const stream = library.jetstream(nats, { timeout: ANSWER_MS })
    const manager = await library.jetstreamManager(nats, { checkAPI: false, timeout: ANSWER_MS })
    return { nats, stream, manager }
  } catch (cause) {
    const { message, name } = cause as Error
    const code = name === 'TimeoutError' ? 'timeout' : 'unreachable'
    // Addresses may hold passwords.
    const hosts = list.map(server => server.replace(/\/\/.*@/, '//')).join(', ')
    throw new CosmicError({ code, message: `no NATS server at ${hosts}: ${message}` }, { cause })
  }
}
