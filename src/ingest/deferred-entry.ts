import { Cid, concat, CosmicError, utf8 } from '../base/index'
import { readUint64, uint64 } from '../store/index'

/** A verified block that waits for its time. */
export interface DeferredBlock {
  readonly id: string
  /** When it is due, in milliseconds. */
  readonly until: number
  readonly bytes: Uint8Array
}

/** With who brought it, whose quota it takes from. */
export interface DeferredEntry extends DeferredBlock {
  readonly source: string
}

/**
 * `q`, due time (8 bytes, big-endian), id → length of the source (1 byte), source, envelope: a space of its own in a
 * storage that a block store may share.
 */
const SPACE = utf8('q')
const SPACE_END = utf8('r')
const ID_OFFSET = SPACE.length + 8

/** Where the name of a source is cut, in characters. A did:key has 56. */
const LONGEST_SOURCE = 64

export const everyEntry = () => ({ gte: SPACE, lt: SPACE_END })
export const entriesUntil = (time: number) => ({ gte: SPACE, lt: concat(SPACE, uint64(Math.floor(time) + 1)) })
export const entryKey = (until: number, id: string): Uint8Array => concat(SPACE, uint64(until), utf8(id))

export const sourceName = (source: string): string => source.slice(0, LONGEST_SOURCE)

export function encodeEntry(source: string, bytes: Uint8Array): Uint8Array {
  const name = utf8(sourceName(source))
  return concat(Uint8Array.of(name.length), name, bytes)
}

/** Throws `storage` when it is not what was written. */
export function decodeEntry(key: Uint8Array, value: Uint8Array): DeferredEntry {
  const until = readUint64(key, SPACE.length)
  const id = String.fromCharCode(...key.subarray(ID_OFFSET))
  const start = 1 + (value[0] ?? 0)
  if (!Cid.parse(id).ok || value.length < start) {
    throw new CosmicError({ code: 'storage', field: 'deferred', hint: 'the entry is damaged' })
  }
  return { id, until, source: new TextDecoder().decode(value.subarray(1, start)), bytes: value.slice(start) }
}
