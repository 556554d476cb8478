/**
 * CBOR by hand, which shares nothing with `src/`: canonical unless told otherwise, so that each vector can depart from the
 * canonical form in exactly one place.
 */

/** Bytes that stand in a document as they are. */
export class Raw {
  readonly bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** What can be written; a plain object becomes a map in canonical order without its `undefined` entries. */
export type Item =
  string | number | boolean | null | undefined | Uint8Array | Raw | readonly Item[] | { readonly [key: string]: Item }

export const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], pair => Number.parseInt(pair, 16))
/** Bytes as they are: `raw('9f ff')`. */
export const raw = (...parts: readonly (string | Uint8Array | Raw)[]): Raw =>
  new Raw(join(parts.map(part => (typeof part === 'string' ? hex(part) : part instanceof Raw ? part.bytes : part))))
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

/** Major type and argument (RFC 8949 section 3), in `width` bytes after the first, or the fewest. */
export function head(major: number, argument: number, width = widthOf(argument)): Uint8Array {
  if (width === 0) return Uint8Array.of((major << 5) | argument)
  const bytes = Array.from({ length: width }, (_, i) =>
    Number((BigInt(argument) >> BigInt(8 * (width - 1 - i))) & 255n),
  )
  return Uint8Array.of((major << 5) | (24 + Math.log2(width)), ...bytes)
}

function widthOf(argument: number): number {
  if (argument < 24) return 0
  if (argument < 2 ** 8) return 1
  if (argument < 2 ** 16) return 2
  return argument < 2 ** 32 ? 4 : 8
}

export const byteString = (content: Uint8Array, width?: number): Uint8Array =>
  join([head(2, content.length, width), content])
export const textString = (content: string | Uint8Array, width?: number): Uint8Array => {
  const bytes = typeof content === 'string' ? utf8(content) : content
  return join([head(3, bytes.length, width), bytes])
}

/** Tag 42 around the binary form of a block id, behind the identity prefix of multibase. */
export const cid = (digest: Uint8Array): Raw => raw('d82a 5825 00 01 71 12 20', digest)

/** A map whose entries stand in the given order, whatever it is. */
export const mapOf = (...entries: readonly (readonly [key: Item, value: Item])[]): Raw =>
  raw(head(5, entries.length), ...entries.flatMap(([key, value]) => [write(key), write(value)]))

export function write(item: Item): Uint8Array {
  if (item instanceof Raw) return item.bytes
  if (item instanceof Uint8Array) return byteString(item)
  if (typeof item === 'string') return textString(item)
  if (typeof item === 'number') return item < 0 ? head(1, -1 - item) : head(0, item)
  if (typeof item === 'boolean' || item === null) return hex(item === null ? 'f6' : item ? 'f5' : 'f4')
  if (Array.isArray(item)) return join([head(4, item.length), ...item.map(write)])
  const entries = Object.entries(item as { readonly [key: string]: Item }).filter(([, value]) => value !== undefined)
  entries.sort(([a], [b]) => Buffer.compare(textString(a), textString(b)))
  return mapOf(...entries).bytes
}
