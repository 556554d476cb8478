import type { CborValue } from './cbor'
import { Major } from './cbor-major'
import { Cid, CID_LENGTH } from './cid'
import { CosmicError, type ErrorCode } from './errors'
import { MAX_SHORT_TEXT, shortText } from './short-text'

const CID_TAG = 42
/** The multibase identity prefix that DAG-CBOR asks for, then CIDv1, dag-cbor, sha2-256 of 32 bytes. */
const CID_HEAD = [0x00, 0x01, 0x71, 0x12, 0x20] as const
const ADDITIONAL_INDEFINITE = 31
/** The smallest argument that needs 1, 2, 4 and 8 bytes (RFC 8949 section 4.2.1). */
const SMALLEST = [24, 2 ** 8, 2 ** 16, 2 ** 32] as const

/**
 * Reads one item and throws a `CosmicError` with code and byte offset at the first departure from deterministic DAG-CBOR
 * (RFC 8949 section 4.2 with the length-first key order of section 4.2.3; https://ipld.io/specs/codecs/dag-cbor/spec/)
 * restricted to safe integers, no floats, and CIDs of the block form. Byte strings are views of the input. A declared
 * length is believed only once its bytes are there, and nothing is allocated ahead of the items that fill it.
 */
export function readCanonical(bytes: Uint8Array, maxDepth: number, maxItems: number): CborValue {
  const reader = new Reader(bytes, maxDepth, maxItems)
  const value = reader.item(0)
  if (reader.offset !== bytes.length) refuse('trailing-bytes', reader.offset)
  return value
}

function refuse(code: ErrorCode, offset: number, limit?: number): never {
  throw new CosmicError({ code, offset, ...(limit !== undefined && { limit }) })
}

/** Invariant: `offset` never passes the end. */
class Reader {
  readonly #bytes: Uint8Array
  readonly #maxDepth: number
  readonly #maxItems: number
  #items = 0
  offset = 0

  constructor(bytes: Uint8Array, maxDepth: number, maxItems: number) {
    this.#bytes = bytes
    this.#maxDepth = maxDepth
    this.#maxItems = maxItems
  }

  /** `depth` counts the containers around the item. */
  item(depth: number): CborValue {
    const start = this.offset
    if (++this.#items > this.#maxItems) refuse('too-many-items', start, this.#maxItems)
    switch (this.#major()) {
      case Major.Unsigned:
        return this.#integer(start, Number.MAX_SAFE_INTEGER)
      case Major.Negative:
        return -1 - this.#integer(start, Number.MAX_SAFE_INTEGER - 1)
      case Major.Bytes:
        return this.#byteString(start)
      case Major.Text:
        return this.#text(start)
      case Major.Array:
        return this.#array(start, depth)
      case Major.Map:
        return this.#map(start, depth)
      case Major.Tag:
        return this.#cid(start)
      default:
        return this.#simple(start)
    }
  }

  /** The major type of the next item, which is not yet consumed. */
  #major(): number {
    const { offset } = this
    if (offset === this.#bytes.length) refuse('truncated', offset)
    return this.#bytes[offset]! >> 5
  }

  /** Consumes a head (RFC 8949 section 3) and returns its argument, which may exceed the safe integers (then rounded). */
  #argument(start: number): number {
    const info = this.#bytes[this.offset++]! & 0x1f
    if (info < 24) return info
    if (info > 27) refuse(info === ADDITIONAL_INDEFINITE ? 'indefinite-length' : 'bad-simple', start)
    const end = this.offset + (1 << (info - 24))
    if (end > this.#bytes.length) refuse('truncated', start)
    let argument = 0
    for (let i = this.offset; i < end; i++) argument = argument * 256 + this.#bytes[i]!
    this.offset = end
    if (argument < SMALLEST[info - 24]!) refuse('not-shortest', start)
    return argument
  }

  #integer(start: number, largest: number): number {
    const argument = this.#argument(start)
    if (argument > largest) refuse('int-range', start, Number.MAX_SAFE_INTEGER)
    return argument
  }

  /** Only false, true and null; half, single and double floats are refused by name. */
  #simple(start: number): boolean | null {
    const info = this.#bytes[this.offset++]! & 0x1f
    if (info >= 25 && info <= 27) refuse('float', start)
    if (info === ADDITIONAL_INDEFINITE) refuse('indefinite-length', start)
    if (info < 20 || info > 22) refuse('bad-simple', start)
    return info === 22 ? null : info === 21
  }

  /** A number of items, each at least one byte (`perItem` of them a map entry), so that no count beyond the input is believed. */
  #count(start: number, perItem: number): number {
    const count = this.#argument(start)
    if (count * perItem > this.#bytes.length - this.offset) refuse('truncated', start)
    return count
  }

  #byteString(start: number): Uint8Array {
    const length = this.#count(start, 1)
    const at = this.#bytes.byteOffset + this.offset
    this.offset += length
    return new Uint8Array(this.#bytes.buffer, at, length)
  }

  #text(start: number): string {
    const length = this.#count(start, 1)
    const end = this.offset + length
    const short = length <= MAX_SHORT_TEXT ? shortText(this.#bytes, this.offset, end) : undefined
    if (short === undefined) return this.#decodeText(start, end)
    this.offset = end
    return short
  }

  /**
   * UTF-8 without U+FEFF in front: RFC 3629 section 6 asks protocols whose text is always UTF-8 to forbid it, and a decoder
   * that strips it would show another text than the one that was signed.
   */
  #decodeText(start: number, end: number): string {
    const text = decodeUtf8(this.#bytes.subarray(this.offset, end))
    if (text === undefined || text.startsWith('\ufeff')) refuse('bad-utf8', start)
    this.offset = end
    return text
  }

  #array(start: number, depth: number): CborValue[] {
    if (depth >= this.#maxDepth) refuse('too-deep', start, this.#maxDepth)
    const count = this.#count(start, 1)
    // A list that grows has room for seventeen at once, and a sky is made of pairs.
    if (count === 2) return [this.item(depth + 1), this.item(depth + 1)]
    const items: CborValue[] = []
    for (let i = 0; i < count; i++) items.push(this.item(depth + 1))
    return items
  }

  #map(start: number, depth: number): Map<string, CborValue> {
    if (depth >= this.#maxDepth) refuse('too-deep', start, this.#maxDepth)
    const count = this.#count(start, 2)
    const map = new Map<string, CborValue>()
    let [previous, previousEnd] = [0, 0]
    for (let i = 0; i < count; i++) {
      const keyStart = this.offset
      if (this.#major() !== Major.Text) refuse('bad-key', keyStart)
      const key = this.#text(keyStart)
      if (i > 0) this.#checkOrder(previous, previousEnd, keyStart)
      ;[previous, previousEnd] = [keyStart, this.offset]
      map.set(key, this.item(depth + 1))
    }
    return map
  }

  /**
   * Shorter keys first, then bytewise. Both keys are compared with their heads, which are in shortest form: a longer text
   * has the greater head, so the order of the whole encodings is the order asked for (RFC 8949 section 4.2.1).
   */
  #checkOrder(previous: number, previousEnd: number, start: number): void {
    const bytes = this.#bytes
    for (let i = 0; previous + i < previousEnd; i++) {
      const difference = bytes[start + i]! - bytes[previous + i]!
      if (difference > 0) return
      if (difference < 0) refuse('unsorted-keys', start)
    }
    refuse('duplicate-key', start)
  }

  #cid(start: number): Cid {
    if (this.#argument(start) !== CID_TAG) refuse('bad-tag', start)
    const contentStart = this.offset
    if (this.#major() !== Major.Bytes) refuse('bad-cid', contentStart)
    const content = this.#byteString(contentStart)
    if (content.length !== CID_LENGTH + 1 || CID_HEAD.some((byte, i) => content[i] !== byte)) {
      refuse('bad-cid', contentStart)
    }
    return Cid.fromDigest(content.subarray(CID_HEAD.length))
  }
}

let decoder: TextDecoder | undefined

/** Strict: `undefined` for what is no UTF-8. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
