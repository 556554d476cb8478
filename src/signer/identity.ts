import { KeyCache } from '../base/index'

/** The field's prime, 2^255 − 19 (RFC 8032 section 5.1). */
const PRIME = 2n ** 255n - 19n

/**
 * The y coordinates of the eight points whose order divides the cofactor: order 1 (y = 1), 2 (−1), 4 (0) and 8 (the last
 * two). The sign bit makes two points of each of the last three.
 */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  1n,
  PRIME - 1n,
  0n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
])

/**
 * Whether a public key may stand for somebody: 32 bytes, canonically encoded (y < p) and not of small order. Under ZIP-215
 * anyone can sign for a small-order key, and a second encoding of one point would be a second name.
 * Keys that are no curve point pass here and never verify.
 */
export function isAcceptableIdentity(publicKey: Uint8Array): boolean {
  return publicKey.length === 32 && judged.get(publicKey)
}

const judged = new KeyCache(publicKey => {
  const y = yCoordinate(publicKey)
  return y < PRIME && !SMALL_ORDER_Y.has(y)
})

/** The low 255 bits, little-endian; the top bit is the sign of x. */
function yCoordinate(publicKey: Uint8Array): bigint {
  let y = BigInt(publicKey[31]! & 0x7f)
  for (let i = 30; i >= 0; i--) y = (y << 8n) | BigInt(publicKey[i]!)
  return y
}
