import type { Claim } from '../types'

/**
 * Signatures laid one behind the other: claim `i` begins at `starts[i]` with the second half of the signature (32 bytes), its
 * first half (32) and the key (32), then the message up to the next: what is hashed stands in one piece.
 */
export interface Claims {
  readonly bytes: Uint8Array
  /** One more than there are claims. */
  readonly starts: Uint32Array
}

/** Claims of one batch, and their bytes; at least one claim is taken, however long. */
export const MAX_CLAIMS = 512
const MAX_BYTES = 4 << 20
const HEAD = 96

/** How many of the first claims make a batch. */
export function batchLength(claims: readonly Claim[]): number {
  let [count, bytes] = [0, 0]
  while (count < claims.length && count < MAX_CLAIMS) {
    bytes += lengthOf(claims[count]!)
    if (count > 0 && bytes > MAX_BYTES) break
    count++
  }
  return count
}

/** `spare` is written over when it is large enough. */
export function layClaims(claims: readonly Claim[], spare?: Uint8Array): Claims {
  const starts = new Uint32Array(claims.length + 1)
  claims.forEach((claim, i) => (starts[i + 1] = starts[i]! + lengthOf(claim)))
  const size = starts[claims.length]!
  const bytes = spare && spare.length >= size ? spare : new Uint8Array(size)
  claims.forEach(([publicKey, message, signature, before], i) => {
    const at = starts[i]!
    bytes.set(signature.subarray(32), at)
    bytes.set(signature.subarray(0, 32), at + 32)
    bytes.set(publicKey, at + 64)
    if (before) bytes.set(before, at + HEAD)
    bytes.set(message, at + HEAD + (before?.length ?? 0))
  })
  return { bytes, starts }
}

function lengthOf([, message, , before]: Claim): number {
  return HEAD + (before?.length ?? 0) + message.length
}
