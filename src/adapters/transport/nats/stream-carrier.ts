import { createHash } from 'node:crypto'
import type { StreamConfig } from '@nats-io/jetstream'
import { CosmicError, type Failure } from '../../../base/index'
import type { CarrierHost, CarrierStatus, OpenCarrier } from '../../../wire/index'
import type { ConnectedNats } from './connect'
import { publishAll } from './publisher'
import { Receiver } from './receiver'
import { pause } from './waits'

export interface StreamTerms {
  readonly stream: string
  readonly replicas?: number
  readonly maxAgeMs?: number
  readonly maxBytes?: number
  readonly timeoutMs?: number
  readonly redeliveryMs?: number
}

const DAY_MS = 86_400_000
const nanoseconds = (milliseconds: number) => milliseconds * 1_000_000
/** How long the stream recognises a block that it has by its id. */
const DUPLICATES_MS = 600_000
/** An envelope (256 KiB) with its headers. */
const MAX_MESSAGE_BYTES = 263_168
/** Messages that one agent may hold unacknowledged: at most 32 MiB. */
const MAX_PENDING = 128
/** The consumer is asked again when its server is silent for two heartbeats, such as after a change of the cluster's leader. */
const ASKING = { max_messages: MAX_PENDING, expires: 5_000, idle_heartbeat: 1_000 } as const
/**
 * After how long without a sign of an agent a message comes again. Up to `MAX_PENDING` are lost on their way when a server
 * dies, and nothing else comes before they do.
 */
const REDELIVERY_MS = 5_000
/** Signs of what an agent holds come so many times as often: one or two may be late. */
const SIGNS = 4
/** A consumer that nobody uses for so long is forgotten by the server; whoever comes back later reads the stream from its beginning. */
const FORGOTTEN_MS = 30 * DAY_MS
/** Between two looks at whether everything has come. */
const LOOK_MS = 100
/** How long the last blocks may take to leave when the carrier is closed. */
const FLUSH_MS = 1_000

/** Finds or makes stream and consumer, and begins. Rejects with `unreachable`, `timeout` or `bad-value`; then nothing is left open. */
export async function openStreamCarrier(
  connected: ConnectedNats,
  host: CarrierHost,
  terms: StreamTerms,
): Promise<OpenCarrier> {
  const subject = `${terms.stream}.${tokenOf(host.network)}.blocks`
  const durable = `agent-${digest(`${host.self} ${host.epoch}`)}`
  try {
    await ensureStream(connected, terms)
    await patiently(terms, () => ensureConsumer(connected, terms, durable, subject))
  } catch (error) {
    await connected.nats.close()
    throw asError(error)
  }
  return new StreamCarrier(connected, host, { ...terms, subject, durable })
}

/** As a part of a subject, which knows no dots, stars or spaces inside. */
function tokenOf(network: string): string {
  return /^[A-Za-z0-9_-]+$/.test(network) ? network : `x${digest(network)}`
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

async function ensureStream({ manager }: ConnectedNats, terms: StreamTerms): Promise<void> {
  const { stream: name, replicas = 1, maxAgeMs = 7 * DAY_MS, maxBytes = -1 } = terms
  const config: Partial<StreamConfig> & { name: string } = {
    ...{ name, subjects: [`${name}.*.blocks`], num_replicas: replicas },
    ...{ max_age: nanoseconds(maxAgeMs), max_bytes: maxBytes, max_msg_size: MAX_MESSAGE_BYTES },
    duplicate_window: nanoseconds(Math.min(DUPLICATES_MS, maxAgeMs)),
  }
  await patiently(terms, async () => {
    const found = await manager.streams.info(name).then(
      () => true,
      () => false,
    )
    if (!found) await manager.streams.add(config)
  })
}

/** A cluster that has just begun, or has lost its leader, answers nobody: tried again until the time is over. */
async function patiently({ timeoutMs = 10_000 }: StreamTerms, attempt: () => Promise<void>): Promise<void> {
  for (const end = performance.now() + timeoutMs; ; await pause(250, NEVER)) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > end || isRefusal(error)) throw error
    }
  }
}

const NEVER = new AbortController().signal

/** Makes it, or brings its terms up to date. */
async function ensureConsumer(
  { manager: { consumers } }: ConnectedNats,
  { stream, redeliveryMs = REDELIVERY_MS }: Pick<StreamTerms, 'stream' | 'redeliveryMs'>,
  name: string,
  subject: string,
): Promise<void> {
  const ack_wait = nanoseconds(redeliveryMs)
  const found = await consumers.info(stream, name).catch((error: unknown) => {
    if ((error as { code?: number }).code !== NO_CONSUMER) throw error
  })
  if (found) {
    if (found.config.ack_wait !== ack_wait) await consumers.update(stream, name, { ack_wait })
    return
  }
  await consumers.add(stream, {
    ...{ durable_name: name, filter_subject: subject, ack_policy: 'explicit', deliver_policy: 'all' },
    ...{ ack_wait, max_ack_pending: MAX_PENDING, inactive_threshold: nanoseconds(FORGOTTEN_MS) },
  })
}

/** Codes of the JetStream API: a lone server asked for replicas, a cluster that has not met yet, a consumer that is not there. */
const [NO_CLUSTER, NO_PEERS, NO_CONSUMER] = [10_074, 10_005, 10_014]

/** An answer of the server that another attempt would not change. */
function isRefusal(error: unknown): boolean {
  const { name, status = 500, code } = error as { name?: string; status?: number; code?: number }
  return name === 'JetStreamApiError' && (code === NO_CLUSTER || (status < 500 && code !== NO_PEERS))
}

function asError(cause: unknown): CosmicError {
  const { message } = cause as Error
  const code = isRefusal(cause) ? 'bad-value' : 'unreachable'
  return new CosmicError({ code, field: 'stream', message: `no JetStream stream: ${message}` }, { cause })
}

class StreamCarrier implements OpenCarrier {
  readonly #connected: ConnectedNats
  readonly #host: CarrierHost
  readonly #name: string
  readonly #names: readonly [stream: string, durable: string]
  readonly #closing = new AbortController()
  readonly #ended = new AbortController()
  readonly #tasks: readonly Promise<void>[]
  readonly #counts = { published: 0, received: 0, invalid: 0 }
  #state: CarrierStatus['state'] = 'connected'
  #lastProgress: number | undefined
  #lastError: Failure | undefined

  constructor(
    connected: ConnectedNats,
    host: CarrierHost,
    terms: StreamTerms & { readonly subject: string; readonly durable: string },
  ) {
    const { stream, subject, durable, redeliveryMs = REDELIVERY_MS } = terms
    this.#connected = connected
    this.#host = host
    this.#name = `nats:${stream}`
    this.#names = [stream, durable]
    const failed = (error: unknown) => this.#failed(error)
    const signals = { closing: this.#closing.signal, ended: this.#ended.signal }
    const published = (blocks: number) => this.#advance({ published: blocks })
    const received = (blocks: number, invalid: number) => this.#advance({ received: blocks, invalid })
    const receiver = new Receiver(host, { received, failed }, signals.ended, redeliveryMs / SIGNS)
    const open = async (callback: Parameters<Parameters<Receiver['follow']>[0]>[0]) => {
      await ensureConsumer(connected, terms, durable, subject)
      const consumer = await connected.stream.consumers.get(stream, durable)
      return consumer.consume({ ...ASKING, callback, abort_on_missing_resource: true })
    }
    this.#tasks = [
      publishAll(connected, subject, host, signals, { published, failed }),
      receiver.follow(open),
      this.#watch(),
    ]
  }

  status(): CarrierStatus {
    return {
      ...{ name: this.#name, state: this.#state, ...this.#counts },
      ...(this.#lastProgress !== undefined && { lastProgress: this.#lastProgress }),
      ...(this.#lastError && { lastError: this.#lastError }),
    }
  }

  async caughtUp(signal: AbortSignal): Promise<void> {
    const { manager } = this.#connected
    const [stream, durable] = this.#names
    let last: number | undefined
    for (const end = AbortSignal.any([signal, this.#ended.signal]); !end.aborted; await pause(LOOK_MS, end)) {
      try {
        last ??= (await manager.streams.info(stream)).state.last_seq
        const { ack_floor, num_pending, num_ack_pending } = await manager.consumers.info(stream, durable)
        // What is told may be of other networks. What comes meanwhile need not be waited for.
        if (num_pending + num_ack_pending === 0 || ack_floor.stream_seq >= last) return
      } catch (error) {
        // Asked again; without a connection there is no end to it.
        if (!end.aborted) this.#failed(error)
      }
    }
  }

  async close(): Promise<void> {
    const { nats } = this.#connected
    this.#closing.abort()
    const [publishing] = this.#tasks
    const flushed = new AbortController()
    await Promise.race([publishing, pause(FLUSH_MS, flushed.signal)])
    flushed.abort()
    this.#ended.abort()
    // Acknowledgements that were given still leave.
    await Promise.race([nats.flush().catch(() => {}), pause(FLUSH_MS, NEVER)])
    await nats.close().catch(() => {})
    await Promise.all(this.#tasks)
    this.#state = 'closed'
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#connected.nats.status()) {
      if (type === 'disconnect') this.#state = 'reconnecting'
      if (type === 'reconnect') this.#state = 'connected'
    }
    this.#state = 'closed'
    const error = await this.#connected.nats.closed()
    if (error && !this.#ended.signal.aborted) this.#failed(error)
  }

  #advance(counts: Partial<Record<'published' | 'received' | 'invalid', number>>): void {
    for (const [name, count] of Object.entries(counts)) this.#counts[name as keyof typeof counts] += count
    this.#lastProgress = Date.now()
  }

  #failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.#lastError = error instanceof CosmicError ? error : { code: 'unreachable', message }
    this.#host.failed(this.#lastError)
  }
}
