import { pow } from '@noble/curves/abstract/modular.js'
import { montgomery } from '@noble/curves/abstract/montgomery.js'

/** The field of Curve25519 (RFC 7748 section 4.1). */
const P = 2n ** 255n - 19n

/**
 * X25519 (RFC 7748 section 5), on noble's Montgomery ladder alone: its ready-made export brings Edwards25519, ristretto
 * and hash-to-curve into every bundle, 7 kB that nothing here calls.
 */
export const x25519 = /* @__PURE__ */ montgomery({
  P,
  type: 'x25519',
  powPminus2: x => pow(x, P - 2n, P),
  adjustScalarBytes(bytes: Uint8Array) {
    bytes[0]! &= 248
    bytes[31]! = (bytes[31]! & 127) | 64
    return bytes
  },
})
