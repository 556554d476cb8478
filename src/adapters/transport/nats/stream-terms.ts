import type { StreamConfig, StreamInfo } from '@nats-io/jetstream'
import type { ConnectedNats } from './connect'
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
export const MAX_PENDING = 128
/**
 * After how long without a sign of an agent a message comes again. Up to `MAX_PENDING` are lost on their way when a server
 * dies, and nothing else comes before they do.
 */
export const REDELIVERY_MS = 5_000
/** A consumer that nobody uses for so long is forgotten by the server; whoever comes back later reads the stream from its beginning. */
const FORGOTTEN_MS = 30 * DAY_MS

/** What the stream is now; made where the server says that it is not there. */
export async function ensureStream({ manager: { streams } }: ConnectedNats, terms: StreamTerms): Promise<StreamInfo> {
  const { stream: name, replicas = 1, maxAgeMs = 7 * DAY_MS, maxBytes = -1 } = terms
  const config: Partial<StreamConfig> & { name: string } = {
    ...{ name, subjects: [`${name}.*.blocks`], num_replicas: replicas },
    ...{ max_age: nanoseconds(maxAgeMs), max_bytes: maxBytes, max_msg_size: MAX_MESSAGE_BYTES },
    duplicate_window: nanoseconds(Math.min(DUPLICATES_MS, maxAgeMs)),
  }
  const found = await unlessMissing(streams.info(name), NO_STREAM)
  return found ?? streams.add(config)
}

/** `undefined` where the server answers that it does not have it. */
function unlessMissing<T>(asked: Promise<T>, missing: number): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if ((error as { code?: number }).code !== missing) throw error
    return undefined
  })
}

/** A cluster that has just begun, or has lost its leader, answers nobody: tried again until the time is over, or `signal` fires. */
export async function patiently(
  { timeoutMs = 10_000 }: StreamTerms,
  signal: AbortSignal,
  attempt: () => Promise<unknown>,
): Promise<unknown> {
  for (const end = performance.now() + timeoutMs; ; await pause(250, signal)) {
    try {
      return await attempt()
    } catch (error) {
      if (signal.aborted || performance.now() > end || isRefusal(error)) throw error
    }
  }
}

/** Makes it, or brings its terms up to date. */
export async function ensureConsumer(
  { manager: { consumers } }: ConnectedNats,
  { stream, redeliveryMs = REDELIVERY_MS }: Pick<StreamTerms, 'stream' | 'redeliveryMs'>,
  name: string,
  subject: string,
): Promise<void> {
  const ack_wait = nanoseconds(redeliveryMs)
  const found = await unlessMissing(consumers.info(stream, name), NO_CONSUMER)
  if (found) {
    if (found.config.ack_wait !== ack_wait) await consumers.update(stream, name, { ack_wait })
    return
  }
  await consumers.add(stream, {
    ...{ durable_name: name, filter_subject: subject, ack_policy: 'explicit', deliver_policy: 'all' },
    ...{ ack_wait, max_ack_pending: MAX_PENDING, inactive_threshold: nanoseconds(FORGOTTEN_MS) },
  })
}

/** Codes of the JetStream API: a lone server asked for replicas, a cluster that has not met yet, a consumer or stream that is not there. */
const [NO_CLUSTER, NO_PEERS, NO_CONSUMER, NO_STREAM] = [10_074, 10_005, 10_014, 10_059]

/** An answer of the server that another attempt would not change. */
export function isRefusal(error: unknown): boolean {
  const { name, status = 500, code } = error as { name?: string; status?: number; code?: number }
  return name === 'JetStreamApiError' && (code === NO_CLUSTER || (status < 500 && code !== NO_PEERS))
}
