import { compare } from './bytes'
import { CID_LENGTH } from './cid'
import { CosmicError, type ErrorCode } from './errors'

/** Where the scan stands. Invariant: `offset` never passes the end, so a declared length is believed only once its bytes are there. */
interface Cursor {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly maxDepth: number
  offset: number
}

const enum Major {
  Unsigned,
  Negative,
  Bytes,
  Text,
  Array,
  Map,
  Tag,
  Simple,
}

const CID_TAG = 42
const ADDITIONAL_INDEFINITE = 31

/**
 * Walks one CBOR item and throws a `CosmicError` with code and byte offset at the first departure from deterministic
 * DAG-CBOR (RFC 8949 section 4.2 with the length-first key order of section 4.2.3; https://ipld.io/specs/codecs/dag-cbor/spec/)
 * restricted to safe integers, no floats, and CIDs of the block form. Allocates nothing in proportion to declared lengths.
 */
export function scanCanonical(bytes: Uint8Array, maxDepth: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const cursor: Cursor = { bytes, view, maxDepth, offset: 0 }
  scanItem(cursor, 0)
  if (cursor.offset !== bytes.length) refuse('trailing-bytes', cursor.offset)
}

function refuse(code: ErrorCode, offset: number, limit?: number): never {
  throw new CosmicError({ code, offset, ...(limit !== undefined && { limit }) })
}

/** `depth` counts the containers around the item. */
function scanItem(cursor: Cursor, depth: number): void {
  const start = cursor.offset
  const major = readMajor(cursor)
  switch (major) {
    case Major.Simple:
      return scanSimple(cursor, start)
    case Major.Unsigned:
    case Major.Negative:
      return scanInteger(cursor, start, major)
    case Major.Bytes:
      return void takeString(cursor, start)
    case Major.Text:
      return checkText(cursor, start, takeString(cursor, start))
    case Major.Tag:
      return scanCid(cursor, start)
  }
  if (depth >= cursor.maxDepth) refuse('too-deep', start, cursor.maxDepth)
  const count = readCount(cursor, start, major === Major.Map ? 2 : 1)
  if (major === Major.Map) return scanEntries(cursor, count, depth + 1)
  for (let i = 0; i < count; i++) scanItem(cursor, depth + 1)
}

/** The major type of the next item, which is not yet consumed. */
function readMajor(cursor: Cursor): Major {
  const initial = cursor.bytes[cursor.offset]
  if (initial === undefined) refuse('truncated', cursor.offset)
  return initial >> 5
}

/** Consumes a head (RFC 8949 section 3) and returns its argument, which may exceed the safe integers (then rounded). */
function readArgument(cursor: Cursor, start: number): number {
  const info = cursor.bytes[cursor.offset++]! & 0x1f
  if (info < 24) return info
  if (info === ADDITIONAL_INDEFINITE) refuse('indefinite-length', start)
  if (info > 27) refuse('bad-simple', start)
  const width = 1 << (info - 24)
  if (cursor.offset + width > cursor.bytes.length) refuse('truncated', start)
  const argument = readUnsigned(cursor.view, cursor.offset, width)
  cursor.offset += width
  const smallest = width === 1 ? 24 : 2 ** (width * 4)
  if (argument < smallest) refuse('not-shortest', start)
  return argument
}

function readUnsigned(view: DataView, offset: number, width: number): number {
  if (width === 1) return view.getUint8(offset)
  if (width === 2) return view.getUint16(offset)
  if (width === 4) return view.getUint32(offset)
  return view.getUint32(offset) * 2 ** 32 + view.getUint32(offset + 4)
}

function scanInteger(cursor: Cursor, start: number, major: Major): void {
  const argument = readArgument(cursor, start)
  const largest = major === Major.Negative ? Number.MAX_SAFE_INTEGER - 1 : Number.MAX_SAFE_INTEGER
  if (argument > largest) refuse('int-range', start, Number.MAX_SAFE_INTEGER)
}

/** Only false, true and null; half, single and double floats are refused by name. */
function scanSimple(cursor: Cursor, start: number): void {
  const info = cursor.bytes[cursor.offset++]! & 0x1f
  if (info >= 25 && info <= 27) refuse('float', start)
  if (info === ADDITIONAL_INDEFINITE) refuse('indefinite-length', start)
  if (info < 20 || info > 22) refuse('bad-simple', start)
}

/** A number of items, each at least one byte (`perItem` of them a map entry), so that no count beyond the input is believed. */
function readCount(cursor: Cursor, start: number, perItem: number): number {
  const count = readArgument(cursor, start)
  if (count * perItem > cursor.bytes.length - cursor.offset) refuse('truncated', start)
  return count
}

/** Consumes a byte or text string and returns its content's bytes, a view. */
function takeString(cursor: Cursor, start: number): Uint8Array {
  const length = readCount(cursor, start, 1)
  const content = cursor.bytes.subarray(cursor.offset, cursor.offset + length)
  cursor.offset += length
  return content
}

/**
 * UTF-8 without U+FEFF in front: RFC 3629 section 6 asks protocols whose text is always UTF-8 to forbid it, and a decoder
 * that strips it would show another text than the one that was signed.
 */
function checkText(cursor: Cursor, start: number, content: Uint8Array): void {
  if (isAscii(content)) return
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
    if (!text.startsWith('\ufeff')) return
  } catch {
    // refused below: the decoder's own message carries no offset
  }
  refuse('bad-utf8', start)
}

/** A plain loop: most texts are ASCII, and this runs over every one of them. */
function isAscii(content: Uint8Array): boolean {
  for (let i = 0; i < content.length; i++) if (content[i]! >= 0x80) return false
  return true
}

function scanCid(cursor: Cursor, start: number): void {
  if (readArgument(cursor, start) !== CID_TAG) refuse('bad-tag', start)
  const contentStart = cursor.offset
  if (readMajor(cursor) !== Major.Bytes) refuse('bad-cid', contentStart)
  const content = takeString(cursor, contentStart)
  const prefix = [0x00, 0x01, 0x71, 0x12, 0x20]
  if (content.length !== CID_LENGTH + 1 || prefix.some((byte, i) => content[i] !== byte))
    refuse('bad-cid', contentStart)
}

function scanEntries(cursor: Cursor, count: number, depth: number): void {
  let previous: Uint8Array | undefined
  for (let i = 0; i < count; i++) {
    const start = cursor.offset
    if (readMajor(cursor) !== Major.Text) refuse('bad-key', start)
    const key = takeString(cursor, start)
    checkText(cursor, start, key)
    const order = previous === undefined ? -1 : compareKeys(previous, key)
    if (order === 0) refuse('duplicate-key', start)
    if (order > 0) refuse('unsorted-keys', start)
    previous = key
    scanItem(cursor, depth)
  }
}

/** Canonical order of map keys: shorter first, then bytewise. */
export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return a.length - b.length || compare(a, b)
}
