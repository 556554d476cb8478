import {
  abortSignal,
  anything,
  CosmicError,
  flag,
  func,
  having,
  isObject,
  list,
  nearestName,
  positive,
  randomPort,
  record,
  refuse,
  such,
  text,
  type Clock,
  type Read,
  type Timers,
} from '../base/index'
import type { SigningIdentity } from '../signer/index'
import type { SessionTiming } from '../sync/index'
import type { Carrier, Transport } from '../wire/index'
import type { ClientEvents } from './events'
import type { ClientPorts, SyncClientOptions } from './options'
import type { BlockFilter, SubscribeOptions } from './subscription'

// What plain JavaScript may have got wrong is refused here by name, not met later as a missing method, or not at all.

/** The longest network name, in UTF-16 units. */
const MAX_NETWORK_LENGTH = 64
/** The most items in a list of an option. */
const MAX_ITEMS = 10_000

export const names = /* @__PURE__ */ list(text, MAX_ITEMS)

const signer = /* @__PURE__ */ such<SigningIdentity>(
  value => isObject(value) && typeof value.sign === 'function' && typeof value.did === 'string',
  'a Signer: await Signer.generate()',
)
const transport = /* @__PURE__ */ such<Transport>(
  value => isObject(value) && typeof value.dial === 'function' && Array.isArray(value.schemes),
  'a Transport: memoryTransport()',
)
const network: Read<string> = (value, path) => {
  const { length } = text(value, path)
  if (length > 0 && length <= MAX_NETWORK_LENGTH) return value as string
  throw new CosmicError({ code: 'out-of-range', field: path, limit: MAX_NETWORK_LENGTH })
}
const clientOptions = /* @__PURE__ */ record<SyncClientOptions>({
  signer,
  storage: /* @__PURE__ */ having('an open storage: await lmdbStorage(path)', 'getMany', 'close'),
  transports: /* @__PURE__ */ list(transport, MAX_ITEMS),
  carriers: /* @__PURE__ */ list(
    /* @__PURE__ */ having<Carrier>('a Carrier: natsCarrier({ servers })', 'open'),
    MAX_ITEMS,
  ),
  embedder: /* @__PURE__ */ having('an Embedder: await miniLm()', 'embed'),
  validator: /* @__PURE__ */ having('new CosmicValidator(policy)', 'validate'),
  network,
  timing: /* @__PURE__ */ record<Partial<SessionTiming>>({
    greeting: positive,
    heartbeat: positive,
    stall: positive,
    audit: positive,
  }),
  ports: /* @__PURE__ */ record<ClientPorts>({
    clock: /* @__PURE__ */ having<Clock>('{ now() }', 'now'),
    timers: /* @__PURE__ */ having<Timers>('{ set() }', 'set'),
    random: randomPort,
    crypto: anything,
    observe: func,
    extensions: names,
  }),
  // These are read when the client starts.
  retention: anything,
  search: anything,
  interests: anything,
})

/** A copy. Throws `bad-type`, `unknown-field` or `out-of-range` with the field. */
export function readClientOptions(options: SyncClientOptions): SyncClientOptions {
  const read = clientOptions(options, '')
  signer(read.signer, 'signer')
  return read
}

/** Throws `bad-type`. */
export const checkId = (id: unknown): string => blockId(id, 'id')
const blockId = /* @__PURE__ */ such<string>(value => typeof value === 'string', 'a block id (CID string)')

export const readGetOptions = /* @__PURE__ */ record<{ admitted?: boolean }>({ admitted: flag })

export const readFilter = /* @__PURE__ */ record<BlockFilter>({ kind: text, author: text, model: text, tags: names })
export const readSubscribeOptions = /* @__PURE__ */ record<SubscribeOptions>({ after: text, signal: abortSignal })

type EventName = keyof { [K in keyof ClientEvents as string extends K ? never : K]: true }
const EVENTS: Readonly<Record<EventName, 1>> = {
  ...{ connected: 1, disconnected: 1, unreachable: 1, retry: 1, sync: 1, progress: 1, block: 1, withdrawn: 1 },
  ...{ erased: 1, retention: 1, compaction: 1, refused: 1, error: 1, closed: 1 },
}

/** Throws `bad-value` for an event that never comes, and `bad-type`. */
export function checkListening(event: unknown, listener: unknown): void {
  const known = Object.keys(EVENTS)
  if (!known.includes(event as string))
    refuse('bad-value', 'event', nearestName(typeof event === 'string' ? event : '', known))
  func(listener, 'listener')
}
