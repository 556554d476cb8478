import { count, CosmicError, fields, list, positive, record, text, type Read } from '../../base/index'
import type { Carrier } from '../../wire/index'
import { connectNats } from './nats/connect'
import { openStreamCarrier } from './nats/stream-carrier'
import { NEVER } from './nats/waits'

export interface NatsCarrierOptions {
  /** One or more servers of a cluster, such as `nats://127.0.0.1:4222`. */
  readonly servers: string | readonly string[]
  /** Further options of `connect` of `@nats-io/transport-node`: `user`, `pass`, `token`, `tls`, `authenticator`, … */
  readonly connection?: Readonly<Record<string, unknown>>
  /** Name of the JetStream stream (letters, digits, `-`, `_`; at most 32); `COSMIC` by default. Made when it is not there. */
  readonly stream?: string
  /** How many servers of a cluster keep each block, when the stream is made: 1 (default), 3 or 5. */
  readonly replicas?: number
  /** How long a new stream keeps blocks, in milliseconds; 7 days by default. Older ones are left to audits. */
  readonly maxAgeMs?: number
  /** How large a new stream may grow, in bytes, before it drops its oldest blocks; unbounded by default. */
  readonly maxBytes?: number
  /** How long connecting, and finding or making the stream, may take; 10,000 by default. */
  readonly timeoutMs?: number
  /**
   * How long the server waits for a sign of this agent before it brings it a block again, in milliseconds; 5,000 by default. What
   * was on its way when a server of a cluster died comes after this time. Far servers need more.
   */
  readonly redeliveryMs?: number
}

const servers: Read<string | readonly string[]> = (value, path) =>
  typeof value === 'string' ? value : list(text, 1_000)(value, path)
const readOptions = record<NatsCarrierOptions>(
  {
    servers,
    connection: fields,
    stream: text,
    replicas: count,
    maxAgeMs: positive,
    maxBytes: count,
    timeoutMs: positive,
    redeliveryMs: positive,
  },
  'servers',
)

/**
 * Agents that share a NATS server with JetStream exchange blocks through one of its streams, whether or not they are there
 * at the same time. Each block is published under its id, so that the stream holds it once however many agents bring it; each
 * agent reads through a durable consumer of its own and goes on where it was. Everything received is verified before it
 * is stored. Node only; needs the packages `@nats-io/transport-node` and `@nats-io/jetstream`.
 *
 * `open` rejects with `missing-peer`, `bad-address`, `bad-value`, `unreachable` (no server, or refused by it), `timeout` or
 * `aborted`.
 *
 * @example
 * ```ts
 * const carrier = natsCarrier({ servers: 'nats://127.0.0.1:4222' })
 * const client = new SyncClient({ signer, carriers: [carrier], transports: [webSocketTransport()] })
 * ```
 */
export function natsCarrier(given: NatsCarrierOptions): Carrier {
  const options = readOptions(given, '')
  const { stream = 'COSMIC' } = options
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(stream)) {
    throw new CosmicError({ code: 'bad-value', field: 'stream', hint: 'letters, digits, - and _; at most 32' })
  }
  return {
    name: `nats:${stream}`,
    async open(host, { signal = NEVER } = {}) {
      const connected = await connectNats(options)
      return openStreamCarrier(connected, host, { ...options, stream }, signal)
    },
  }
}
