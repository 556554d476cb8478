/** Bytes up to which a text is looked up before it is made. */
export const MAX_SHORT_TEXT = 32

const SLOTS = 512
/** Made on first use. */
let known: string[] | undefined

/**
 * The text of ASCII bytes; `undefined` when one of them is none. Keys and names come again in every block: the string that
 * was made before is found by its bytes faster than another is made, and is hashed already where it is looked up in a map.
 */
export function shortText(bytes: Uint8Array, start: number, end: number): string | undefined {
  let hash = end - start
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte >= 0x80) return undefined
    hash = (hash * 31 + byte) | 0
  }
  known ??= new Array<string>(SLOTS).fill('')
  const slot = (hash ^ (hash >>> 9)) & (SLOTS - 1)
  const text = known[slot]!
  return isText(text, bytes, start, end) ? text : (known[slot] = makeText(bytes, start, end))
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false
  for (let i = start; i < end; i++) if (text.charCodeAt(i - start) !== bytes[i]) return false
  return true
}

function makeText(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[])
}
