import { createHash } from 'node:crypto'
import { CosmicError, type Failure } from '../../../base/index'
import type { CarrierHost, CarrierStatus, OpenCarrier } from '../../../wire/index'
import type { ConnectedNats } from './connect'
import { publishAll } from './publisher'
import { Receiver } from './receiver'
import {
  ensureConsumer,
  ensureStream,
  isRefusal,
  MAX_PENDING,
  patiently,
  REDELIVERY_MS,
  type StreamTerms,
} from './stream-terms'
import { pause } from './waits'

/** The consumer is asked again when its server is silent for two heartbeats, such as after a change of the cluster's leader. */
const ASKING = { max_messages: MAX_PENDING, expires: 5_000, idle_heartbeat: 1_000 } as const
/** Signs of what an agent holds come so many times as often: one or two may be late. */
const SIGNS = 4
/** Between two looks at whether everything has come. */
const LOOK_MS = 100
/** How long the last blocks may take to leave when the carrier is closed. */
const FLUSH_MS = 1_000

/** Finds or makes stream and consumer, and begins. Rejects with `unreachable`, `timeout`, `bad-value` or `aborted`; then nothing is left open. */
export async function openStreamCarrier(
  connected: ConnectedNats,
  host: CarrierHost,
  terms: StreamTerms,
  signal: AbortSignal,
): Promise<OpenCarrier> {
  const subject = `${terms.stream}.${tokenOf(host.network)}.blocks`
  const durable = `agent-${digest(`${host.self} ${host.epoch}`)}`
  // Which ends every request that waits for an answer.
  const stop = () => void connected.nats.close().catch(() => {})
  signal.addEventListener('abort', stop)
  try {
    if (signal.aborted) throw new CosmicError({ code: 'aborted' })
    await patiently(terms, signal, () => findStream(connected, host, terms))
    await patiently(terms, signal, () => ensureConsumer(connected, terms, durable, subject))
  } catch (error) {
    await connected.nats.close()
    throw signal.aborted ? new CosmicError({ code: 'aborted' }, { cause: error }) : asError(error)
  } finally {
    signal.removeEventListener('abort', stop)
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

/** And tells the node which stream it is: another one than before has none of its blocks. */
function findStream(connected: ConnectedNats, host: CarrierHost, terms: StreamTerms): Promise<void> {
  return host.kept(async () => {
    const { created, state } = await ensureStream(connected, terms)
    return { keeper: created, mark: state.last_seq }
  })
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
  #connection: 'connected' | 'reconnecting' | 'closed' = 'connected'
  #goes = true
  #follows = true
  #told: CarrierStatus['state'] = 'connected'
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
    const goes = (goes: boolean) => this.#look(() => (this.#goes = goes))
    const follows = (follows: boolean) => this.#look(() => (this.#follows = follows))
    const receiver = new Receiver(host, { received, failed, follows }, signals.ended, redeliveryMs / SIGNS)
    const open = async (callback: Parameters<Parameters<Receiver['follow']>[0]>[0]) => {
      await findStream(connected, host, terms)
      await ensureConsumer(connected, terms, durable, subject)
      const consumer = await connected.stream.consumers.get(stream, durable)
      return consumer.consume({ ...ASKING, callback, abort_on_missing_resource: true })
    }
    this.#tasks = [
      publishAll(connected, subject, host, signals, { published, failed, goes }),
      receiver.follow(open),
      this.#watch(),
    ]
  }

  status(): CarrierStatus {
    return {
      ...{ name: this.#name, state: this.#state(), ...this.#counts },
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
    await atMost(FLUSH_MS, publishing!)
    this.#ended.abort()
    // Acknowledgements that were given still leave.
    await atMost(FLUSH_MS, nats.flush())
    await nats.close().catch(() => {})
    await Promise.all(this.#tasks)
    this.#connection = 'closed'
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#connected.nats.status()) {
      if (type === 'disconnect') this.#look(() => (this.#connection = 'reconnecting'))
      if (type === 'reconnect') this.#look(() => (this.#connection = 'connected'))
    }
    this.#look(() => (this.#connection = 'closed'))
    const error = await this.#connected.nats.closed()
    if (error && !this.#ended.signal.aborted) this.#failed(error)
  }

  #state(): CarrierStatus['state'] {
    if (this.#connection !== 'connected') return this.#connection
    return this.#goes && this.#follows ? 'connected' : 'stalled'
  }

  /** After what may have made the state another one. */
  #look(change: () => void): void {
    change()
    const state = this.#state()
    if (state === this.#told || this.#ended.signal.aborted) return
    this.#told = state
    this.#host.changed()
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

/** Waits for work that may fail or never end, and leaves no timer behind. */
async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController()
  await Promise.race([work.catch(() => {}), pause(milliseconds, over.signal)])
  over.abort()
}
