import { concat, fail, ok, type Failure, type Result } from '../../base/index'
import { addTimes, compareBounds, HIGHEST, LOWEST, subtractTimes } from './bound'
import { FINGERPRINT_BYTES } from './fingerprint'
import type { Bound, Timestamp } from './reconcile-set'
import { encodeVarint, MAX_U64, Reader } from './varint'

/** Negentropy protocol version 1. */
export const PROTOCOL_VERSION = 0x61

/** Bytes of an id. */
export const ID_BYTES = 32

const SKIP = 0
const FINGERPRINT = 1
const ID_LIST = 2

/** A section of the order that ends, exclusively, at `upper` and begins where the one before ended. */
export type Range =
  | { readonly mode: 'skip'; readonly upper: Bound }
  | { readonly mode: 'fingerprint'; readonly upper: Bound; readonly fingerprint: Uint8Array }
  | { readonly mode: 'ids'; readonly upper: Bound; readonly ids: readonly Uint8Array[] }

/** Limits of one message, kept by the sender and enforced by the receiver. */
export interface MessageLimits {
  /** Bytes of a whole message; at least 4,096. */
  readonly bytes: number
  /** Ranges in a message; at least 64. */
  readonly ranges: number
}

/** A message of ranges; the version byte stands first. */
export function encodeMessage(ranges: readonly Range[]): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(PROTOCOL_VERSION)]
  let time: Timestamp = 0
  for (const range of ranges) {
    parts.push(...encodeBound(range.upper, time))
    if (range.upper.time !== Infinity) time = range.upper.time
    parts.push(...encodePayload(range))
  }
  return concat(...parts)
}

function encodeBound(bound: Bound, previous: Timestamp): Uint8Array[] {
  const time = bound.time === Infinity ? 0 : addTimes(subtractTimes(bound.time, previous), 1)
  return [encodeVarint(time), encodeVarint(bound.id.length), bound.id]
}

function encodePayload(range: Range): readonly Uint8Array[] {
  if (range.mode === 'skip') return [encodeVarint(SKIP)]
  if (range.mode === 'fingerprint') return [encodeVarint(FINGERPRINT), range.fingerprint]
  return [encodeVarint(ID_LIST), encodeVarint(range.ids.length), ...range.ids]
}

/** The version byte of a message: `version` when it is well formed but not ours. */
export function checkVersion(message: Uint8Array): Result<undefined> {
  const version = message[0]
  if (version === undefined) return fail({ code: 'truncated', field: 'negentropy', offset: 0 })
  if (version === PROTOCOL_VERSION) return ok(undefined)
  if (version < 0x60 || version > 0x6f) return fail({ code: 'bad-value', field: 'negentropy.version', offset: 0 })
  return fail({ code: 'version', field: 'negentropy.version', limit: PROTOCOL_VERSION })
}

/** The ranges of a message, their bounds checked to ascend. Ids and fingerprints are views into `message`. */
export function decodeMessage(message: Uint8Array, limits: MessageLimits): Result<readonly Range[]> {
  if (message.length > limits.bytes) return fail({ code: 'too-large', field: 'negentropy', limit: limits.bytes })
  const version = checkVersion(message)
  if (!version.ok) return version
  const reader = new Reader(message)
  reader.offset = 1
  const ranges: Range[] = []
  let lower = LOWEST
  let time: Timestamp = 0
  while (reader.remaining > 0) {
    if (ranges.length === limits.ranges)
      return fail({ code: 'limit', field: 'negentropy.ranges', limit: limits.ranges })
    const upper = decodeBound(reader, time)
    if (!upper.ok) return upper
    if (compareBounds(upper.value, lower) < 0) return fail(bad('bound', reader))
    const range = decodePayload(reader, upper.value)
    if (!range.ok) return range
    ranges.push(range.value)
    lower = upper.value
    if (lower.time !== Infinity) time = lower.time
  }
  return ok(ranges)
}

/** Where the first range begins about which a message says something; above everything when it says nothing. */
export function openFrom(message: Uint8Array): Bound | undefined {
  const reader = new Reader(message)
  reader.offset = 1
  let lower = LOWEST
  while (reader.remaining > 0) {
    const upper = decodeBound(reader, lower.time)
    const mode = reader.varint()
    if (!upper.ok || !mode.ok) return undefined
    if (mode.value !== SKIP) return lower
    lower = upper.value
    if (lower.time === Infinity) return lower
  }
  return HIGHEST
}

function decodeBound(reader: Reader, previous: Timestamp): Result<Bound> {
  const encoded = reader.varint()
  if (!encoded.ok) return encoded
  const length = reader.count(1)
  if (!length.ok) return length
  if (length.value > ID_BYTES) return fail(bad('bound', reader))
  const id = reader.take(length.value)
  if (!id.ok) return id
  if (encoded.value === 0) return ok({ time: Infinity, id: id.value })
  const time = addTimes(previous, subtractTimes(encoded.value, 1))
  if (time >= MAX_U64) return fail({ code: 'int-range', field: 'negentropy.bound', offset: reader.offset })
  return ok({ time, id: id.value })
}

function decodePayload(reader: Reader, upper: Bound): Result<Range> {
  const mode = reader.varint()
  if (!mode.ok) return mode
  if (mode.value === SKIP) return ok({ mode: 'skip', upper })
  if (mode.value === FINGERPRINT) {
    const fingerprint = reader.take(FINGERPRINT_BYTES)
    return fingerprint.ok ? ok({ mode: 'fingerprint', upper, fingerprint: fingerprint.value }) : fingerprint
  }
  if (mode.value !== ID_LIST) return fail(bad('mode', reader))
  const count = reader.count(ID_BYTES)
  if (!count.ok) return count
  const ids: Uint8Array[] = []
  for (let i = 0; i < count.value; i++) {
    const id = reader.take(ID_BYTES)
    if (!id.ok) return id
    ids.push(id.value)
  }
  return ok({ mode: 'ids', upper, ids })
}

function bad(field: string, reader: Reader): Failure {
  return { code: 'bad-value', field: `negentropy.${field}`, offset: reader.offset }
}
