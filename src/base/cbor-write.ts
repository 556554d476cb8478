import { utf8 } from './bytes'
import type { CborMap, CborValue } from './cbor'
import { Major } from './cbor-major'
import { Cid } from './cid'
import { CosmicError } from './errors'

const FALSE = 0xf4
const TRUE = 0xf5
const NULL = 0xf6
/** The head of tag 42, then that of its content: the byte string of a CID behind one zero byte. */
const CID_HEAD = Uint8Array.of(0xd8, 42, 0x58, 37, 0)
const LONGEST_HEAD = 9
/** Up to here a loop writes ASCII faster than the runtime's encoder is called. */
const SHORT_TEXT = 64
/** Bytes of the buffer kept from one call to the next; a longer one is let go. */
const LARGEST_KEPT = 65_536

let kept: Uint8Array | undefined

/** Writes one value; what it refuses is said at `encodeCanonical`. */
export function writeCanonical(value: CborValue): Uint8Array {
  const writer = new Writer(kept ?? new Uint8Array(4096))
  // Not kept while in use, since iterating a caller's map may call back into this function.
  kept = undefined
  writer.item(value)
  if (writer.bytes.length <= LARGEST_KEPT) kept = writer.bytes
  return writer.bytes.slice(0, writer.offset)
}

class Writer {
  bytes: Uint8Array
  offset = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  item(value: unknown): void {
    if (typeof value === 'string') return this.#text(value)
    if (typeof value === 'number') return this.#integer(value)
    if (value instanceof Uint8Array) return this.#byteString(value)
    if (value instanceof Map) return this.#map(value as CborMap)
    if (Array.isArray(value)) return this.#array(value)
    if (value instanceof Cid) return this.#cid(value)
    if (value === null) return this.#byte(NULL)
    if (typeof value === 'boolean') return this.#byte(value ? TRUE : FALSE)
    throw new CosmicError({ code: 'bad-type', hint: `cannot encode ${typeof value}` })
  }

  #reserve(length: number): void {
    const needed = this.offset + length
    if (needed <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length))
    larger.set(this.bytes.subarray(0, this.offset))
    this.bytes = larger
  }

  #byte(byte: number): void {
    this.#reserve(1)
    this.bytes[this.offset++] = byte
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.bytes.set(bytes, this.offset)
    this.offset += bytes.length
  }

  /** A head in its shortest form (RFC 8949 section 3). */
  #head(major: Major, argument: number): void {
    this.#reserve(LONGEST_HEAD)
    if (argument < 24) {
      this.bytes[this.offset++] = (major << 5) | argument
      return
    }
    const width = argument < 2 ** 8 ? 0 : argument < 2 ** 16 ? 1 : argument < 2 ** 32 ? 2 : 3
    this.bytes[this.offset++] = (major << 5) | (24 + width)
    for (let unit = 256 ** ((1 << width) - 1); unit >= 1; unit /= 256) {
      this.bytes[this.offset++] = Math.floor(argument / unit) & 0xff
    }
  }

  #integer(value: number): void {
    if (!Number.isSafeInteger(value)) {
      throw new CosmicError({ code: Number.isInteger(value) ? 'int-range' : 'float' })
    }
    if (value < 0) this.#head(Major.Negative, -1 - value)
    else this.#head(Major.Unsigned, value)
  }

  #byteString(bytes: Uint8Array): void {
    this.#head(Major.Bytes, bytes.length)
    this.#raw(bytes)
  }

  #text(text: string): void {
    const { length } = text
    if (length > SHORT_TEXT || !isAscii(text)) return this.#encodeText(text)
    this.#head(Major.Text, length)
    this.#reserve(length)
    for (let i = 0; i < length; i++) this.bytes[this.offset++] = text.charCodeAt(i)
  }

  #encodeText(text: string): void {
    const encoded = utf8(text)
    const isAscii = encoded.length === text.length
    if (!isAscii && /^\ufeff|\p{Surrogate}/u.test(text)) throw new CosmicError({ code: 'bad-utf8' })
    this.#head(Major.Text, encoded.length)
    this.#raw(encoded)
  }

  #array(items: readonly unknown[]): void {
    this.#head(Major.Array, items.length)
    for (const item of items) this.item(item)
  }

  #map(map: CborMap): void {
    this.#head(Major.Map, map.size)
    const entries = [...map].map(([key, value]) => ({ order: isAscii(key) ? key : byteText(key), key, value }))
    entries.sort((a, b) => a.order.length - b.order.length || (a.order < b.order ? -1 : 1))
    for (const { key, value } of entries) {
      this.#text(key)
      this.item(value)
    }
  }

  #cid(cid: Cid): void {
    this.#raw(CID_HEAD)
    this.#raw(cid.bytes)
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false
  return true
}

/** One character for every byte of UTF-8, so that strings compare as those bytes do. */
function byteText(text: string): string {
  return Array.from(utf8(text), byte => String.fromCharCode(byte)).join('')
}
