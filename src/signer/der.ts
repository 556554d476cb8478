/** One element of a DER document; `content` is a view. */
export interface DerElement {
  readonly tag: number
  readonly content: Uint8Array
}

/**
 * The elements that fill the bytes, or `undefined` where they are not DER (ITU-T X.690 section 10.1) of single-byte tags and
 * lengths below 65,536, which is all that a key needs.
 */
export function readDer(bytes: Uint8Array): readonly DerElement[] | undefined {
  const elements: DerElement[] = []
  let offset = 0
  while (offset < bytes.length) {
    const head = readLength(bytes, offset + 1)
    if (head === undefined || head.start + head.length > bytes.length) return undefined
    const end = head.start + head.length
    elements.push({ tag: bytes[offset]!, content: bytes.subarray(head.start, end) })
    offset = end
  }
  return elements
}

function readLength(bytes: Uint8Array, at: number): { readonly start: number; readonly length: number } | undefined {
  const [first, second, third] = [bytes[at], bytes[at + 1], bytes[at + 2]]
  if (first === undefined) return undefined
  if (first < 0x80) return { start: at + 1, length: first }
  if (first === 0x81 && second !== undefined && second >= 0x80) return { start: at + 2, length: second }
  if (first !== 0x82 || third === undefined) return undefined
  const length = second! * 256 + third
  return length < 256 ? undefined : { start: at + 3, length }
}
