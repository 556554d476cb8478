import { fail, ok, type Result } from '../base/index'

/** Bytes of a Poly1305 tag. */
export const TAG_LENGTH = 16

const SMALLEST_CLASS = 1024
/** ISO/IEC 7816-4: one marker, then zeros to the end. */
const MARKER = 0x80

/**
 * The smallest size class that holds so many bytes: 4, 5, 6 or 7 times a power of two, at least 1,024. A ciphertext thus
 * tells the length of its content to within a quarter.
 */
export function sizeClass(length: number): number {
  if (length <= SMALLEST_CLASS) return SMALLEST_CLASS
  const step = 2 ** (Math.floor(Math.log2(length - 1)) - 2)
  return Math.ceil(length / step) * step
}

/** Whether a length is a size class. */
export function isSizeClass(length: number): boolean {
  return length >= SMALLEST_CLASS && sizeClass(length) === length
}

/** The content, a marker, and zeros up to the size class. */
export function pad(content: Uint8Array): Uint8Array {
  const out = new Uint8Array(sizeClass(content.length + 1))
  out.set(content)
  out[content.length] = MARKER
  return out
}

/** The content that `pad` would pad to these very bytes. */
export function unpad(padded: Uint8Array): Result<Uint8Array> {
  const end = padded.findLastIndex(byte => byte !== 0)
  const isPadded = padded[end] === MARKER && sizeClass(end + 1) === padded.length
  return isPadded ? ok(padded.subarray(0, end)) : fail({ code: 'bad-value', field: 'sealed.data', hint: 'padding' })
}
