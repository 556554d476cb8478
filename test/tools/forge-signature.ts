import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat, encodeCanonical, unwrap } from '../../src/base/index'
import { type Block, openEnvelope } from '../../src/block/index'

const PROTECTED = Uint8Array.of(0xa1, 0x01, 0x27)

/** The block's envelope around another signature. */
function reseal(block: Block, signature: Uint8Array): Uint8Array {
  const { payload } = unwrap(openEnvelope(block.bytes))
  return encodeCanonical([PROTECTED, new Map(), payload, signature])
}

/** The same payload under a signature that is wrong. */
export function withBadSignature(block: Block): Uint8Array {
  return reseal(block, new Uint8Array(64).fill(1))
}

/** The same payload under a second valid signature: RFC 8032 section 5.1.6 with another nonce than the prescribed one. */
export function withSecondSignature(block: Block, seed: Uint8Array): Uint8Array {
  const { toBeSigned } = unwrap(openEnvelope(block.bytes))
  const { scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(seed)
  const { Fn, BASE } = ed25519.Point
  const nonce = 123_456_789n
  const point = BASE.multiply(nonce).toBytes()
  const challenge = Fn.create(littleEndian(sha512(concat(point, pointBytes, toBeSigned))))
  const response = Fn.create(nonce + challenge * scalar)
  return reseal(block, concat(point, fixedBytes(response)))
}

const littleEndian = (bytes: Uint8Array) => bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
const fixedBytes = (value: bigint) => Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
