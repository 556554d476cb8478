import { Cid, decodeCanonical, encodeCanonical, fail, ok, unwrap } from '../base/index'
import type { CborValue, Result } from '../base/index'
import { nameOf, type Collection } from './collection'
import type { Interests } from './interest'
import { readCollection, readInterests, writeInterest } from './interest-codec'
import {
  isCells,
  isCount,
  isCursor,
  isDigest,
  isEnvelope,
  isItem,
  isListOf,
  isText,
  isTime,
  malformed,
} from './message-fields'
import { FINGERPRINT_BYTES } from './negentropy/fingerprint'
import type { Sketch } from './negentropy/sketch'
import type { TimeSpan } from './negentropy/set-span'
import { readHello } from './read-hello'
import { SESSION_LIMITS, SESSION_VERSION } from './session-limits'
import type { SupportedKind, SyncItem } from './session-types'

/** The first message of each side. */
export interface Hello {
  readonly type: 'hello'
  /** Largest message, bytes of envelopes and number of announced items that this side accepts (see `SESSION_LIMITS`). */
  readonly maxMessage: number
  readonly window: number
  readonly items: number
  readonly kinds: readonly SupportedKind[]
  readonly software: string
  /** Between which times this side keeps blocks. */
  readonly floor: number
  readonly ceiling: number
  /** What this side can beyond the protocol that every session speaks, by name; used where both sides name it. */
  readonly extensions?: readonly string[]
}

/** The messages of a session; docs/spec/sync.md gives the CBOR shape of each. */
export type Message =
  | Hello
  | { readonly type: 'reconcile'; readonly bytes: Uint8Array }
  | { readonly type: 'reconciled' }
  | { readonly type: 'want'; readonly ids: readonly string[] }
  | { readonly type: 'blocks'; readonly blocks: readonly Uint8Array[] }
  | { readonly type: 'gone'; readonly ids: readonly string[] }
  | { readonly type: 'announce'; readonly items: readonly SyncItem[] }
  | { readonly type: 'credit'; readonly bytes: number; readonly items: number }
  | { readonly type: 'done' }
  | { readonly type: 'audit' }
  | { readonly type: 'ping' }
  | { readonly type: 'pong' }
  | { readonly type: 'bye'; readonly code: string }
  | { readonly type: 'floor'; readonly time: number }
  | ({ readonly type: 'span' } & TimeSpan)
  | { readonly type: 'resume' | 'position'; readonly cursor: Uint8Array }
  | { readonly type: 'stale' }
  /** What the sender's set has in the span: how many items, their fingerprint, and the first of `available` coded cells. */
  | ({ readonly type: 'sketch'; readonly cells: Uint8Array } & Sketch)
  | { readonly type: 'more'; readonly count: number }
  | { readonly type: 'cells'; readonly cells: Uint8Array }
  | { readonly type: 'interests'; readonly interests: Interests }
  | Scope
  | { readonly type: 'coarser' }

/** What the initiator compares next, between which times, and whether it wants what it lacks. */
export interface Scope extends TimeSpan {
  readonly type: 'scope'
  readonly collection: Collection
  readonly fetches: boolean
}

/** A message's type is its first element: its place in this list. */
const TYPES = [
  'hello',
  'reconcile',
  'reconciled',
  'want',
  'blocks',
  'gone',
  'announce',
  'credit',
  'done',
  'audit',
  'ping',
  'pong',
  'bye',
  'floor',
  'span',
  'resume',
  'position',
  'stale',
  'sketch',
  'more',
  'cells',
  'interests',
  'scope',
  'coarser',
] as const satisfies readonly Message['type'][]

const MAX_BYE_BYTES = 32

/** The canonical CBOR array of a message. */
export function encodeMessageOf(message: Message): Uint8Array {
  return encodeCanonical([TYPES.indexOf(message.type), ...body(message)])
}

function body(message: Message): readonly CborValue[] {
  switch (message.type) {
    case 'hello': {
      const kinds = message.kinds.map(({ version, kind }) => [version, kind])
      const { maxMessage, window, items, software, floor, ceiling, extensions = [] } = message
      const more = extensions.length > 0 ? [extensions] : []
      return [SESSION_VERSION, maxMessage, window, items, kinds, software, floor, ceiling, ...more]
    }
    case 'reconcile':
      return [message.bytes]
    case 'want':
    case 'gone':
      return [message.ids.map(digestOf)]
    case 'blocks':
      return [message.blocks]
    case 'announce':
      return [message.items.map(({ time, id }) => [time, digestOf(id)])]
    case 'credit':
      return [message.bytes, message.items]
    case 'bye':
      return [message.code]
    case 'floor':
      return [message.time]
    case 'span':
      return [message.floor, message.ceiling]
    case 'resume':
    case 'position':
      return [message.cursor]
    case 'sketch':
      return [message.size, message.fingerprint, message.available, message.cells]
    case 'more':
      return [message.count]
    case 'cells':
      return [message.cells]
    case 'interests':
      return [message.interests.map(writeInterest)]
    case 'scope':
      return [nameOf(message.collection), message.floor, message.ceiling, message.fetches]
    default:
      return []
  }
}

/** Reads one message. Failures are `too-large`, `version`, or `protocol` with the field and, as `hint`, what is wrong. */
export function decodeMessageOf(bytes: Uint8Array): Result<Message> {
  const limit = SESSION_LIMITS.message
  if (bytes.length > limit) return fail({ code: 'too-large', field: 'message', limit })
  const value = decodeCanonical(bytes, { maxBytes: limit })
  if (!value.ok) return fail(malformed('message', value.error.code))
  if (!Array.isArray(value.value)) return fail(malformed('message', 'bad-type'))
  const [index, ...fields] = value.value as readonly CborValue[]
  const type = typeof index === 'number' ? TYPES[index] : undefined
  if (type === undefined) return fail(malformed('type', 'bad-value'))
  if (type === 'hello') return readHello(fields)
  const message = READERS[type](fields)
  return message ? ok(message) : fail(malformed(type, 'bad-value'))
}

/** `undefined` for fields that are not of the message's shape. */
type BodyReader = (fields: readonly CborValue[]) => Message | undefined

const READERS: Readonly<Record<Exclude<Message['type'], 'hello'>, BodyReader>> = {
  reconcile: ([bytes, ...rest]) =>
    bytes instanceof Uint8Array && rest.length === 0 ? { type: 'reconcile', bytes } : undefined,
  reconciled: fields => (fields.length === 0 ? { type: 'reconciled' } : undefined),
  want: fields => withIds('want', fields),
  blocks: ([blocks, ...rest]) =>
    isListOf(blocks, isEnvelope, SESSION_LIMITS.blocks) &&
    sumOfLengths(blocks) <= SESSION_LIMITS.blockBytes &&
    !rest.length
      ? { type: 'blocks', blocks }
      : undefined,
  gone: fields => withIds('gone', fields),
  announce: ([items, ...rest]) =>
    isListOf(items, isItem, SESSION_LIMITS.ids) && rest.length === 0
      ? { type: 'announce', items: items.map(([time, digest]) => ({ time, id: idOf(digest) })) }
      : undefined,
  credit: ([bytes, items, ...rest]) =>
    isCount(bytes, SESSION_LIMITS.maxWindow) && isCount(items, SESSION_LIMITS.maxItems) && rest.length === 0
      ? { type: 'credit', bytes, items }
      : undefined,
  done: fields => (fields.length === 0 ? { type: 'done' } : undefined),
  audit: fields => (fields.length === 0 ? { type: 'audit' } : undefined),
  ping: fields => (fields.length === 0 ? { type: 'ping' } : undefined),
  pong: fields => (fields.length === 0 ? { type: 'pong' } : undefined),
  bye: ([code, ...rest]) => (isText(code, MAX_BYE_BYTES) && rest.length === 0 ? { type: 'bye', code } : undefined),
  floor: ([time, ...rest]) => (isTime(time) && rest.length === 0 ? { type: 'floor', time } : undefined),
  span: ([floor, ceiling, ...rest]) =>
    isTime(floor) && isTime(ceiling) && floor <= ceiling && rest.length === 0
      ? { type: 'span', floor, ceiling }
      : undefined,
  resume: ([cursor, ...rest]) => (isCursor(cursor, 0) && rest.length === 0 ? { type: 'resume', cursor } : undefined),
  position: ([cursor, ...rest]) =>
    isCursor(cursor, 1) && rest.length === 0 ? { type: 'position', cursor } : undefined,
  stale: fields => (fields.length === 0 ? { type: 'stale' } : undefined),
  sketch: ([size, fingerprint, available, cells, ...rest]) =>
    isCount(size) &&
    isCount(available, SESSION_LIMITS.cells) &&
    fingerprint instanceof Uint8Array &&
    fingerprint.length === FINGERPRINT_BYTES &&
    isCells(cells) &&
    rest.length === 0
      ? { type: 'sketch', size, fingerprint, available, cells }
      : undefined,
  more: ([count, ...rest]) =>
    isCount(count, SESSION_LIMITS.cellsInMessage) && count > 0 && rest.length === 0
      ? { type: 'more', count }
      : undefined,
  cells: ([cells, ...rest]) => (isCells(cells) && rest.length === 0 ? { type: 'cells', cells } : undefined),
  interests: ([list, ...rest]) => {
    const interests = rest.length === 0 ? readInterests(list) : undefined
    return interests && { type: 'interests', interests }
  },
  scope: ([name, floor, ceiling, fetches, ...rest]) => {
    const collection = rest.length === 0 ? readCollection(name) : undefined
    if (!collection || !isTime(floor) || !isTime(ceiling) || typeof fetches !== 'boolean') return undefined
    return floor <= ceiling ? { type: 'scope', collection, floor, ceiling, fetches } : undefined
  },
  coarser: fields => (fields.length === 0 ? { type: 'coarser' } : undefined),
}

function withIds(type: 'want' | 'gone', fields: readonly CborValue[]): Message | undefined {
  const [digests] = fields
  if (fields.length !== 1 || !isListOf(digests, isDigest, SESSION_LIMITS.ids)) return undefined
  return { type, ids: digests.map(idOf) }
}

/** Bytes of a list of envelopes, as the window counts them. */
export function sumOfLengths(blocks: readonly Uint8Array[]): number {
  return blocks.reduce((sum, bytes) => sum + bytes.length, 0)
}

/** The digest inside an id of our own. */
export function digestOf(id: string): Uint8Array {
  return unwrap(Cid.parse(id)).digest
}

/** The id around a digest of 32 bytes. */
export function idOf(digest: Uint8Array): string {
  return Cid.textOf(digest)
}
