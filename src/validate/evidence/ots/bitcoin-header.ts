import { sha256 } from '#platform'
import { toHex } from '../../../base/index'

/** What a header of Bitcoin says that a timestamp needs. */
export interface BitcoinHeader {
  /** Merkle root of the block's transactions, 32 bytes in the order in which they are hashed. */
  readonly root: Uint8Array
  /** Milliseconds since the Unix epoch, by the clock of whoever found the block. */
  readonly time: number
}

const HEADER_LENGTH = 80
/** The easiest target that Bitcoin ever allowed. */
const EASIEST = 0xffffn << 208n

/**
 * Reads a header: version, hash of the one before, Merkle root, time, target and nonce. `undefined` when it has another
 * length or its hash does not meet its target, so that no two things can be mistaken for each other.
 */
export function readHeader(bytes: Uint8Array): BitcoinHeader | undefined {
  if (bytes.length !== HEADER_LENGTH) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_LENGTH)
  const target = targetOf(view.getUint32(72, true))
  // Hashes are numbers with their least significant byte first.
  const hash = BigInt(`0x${toHex(sha256(sha256(bytes)).slice().reverse())}`)
  if (target > EASIEST || hash > target) return undefined
  return { root: bytes.slice(36, 68), time: view.getUint32(68, true) * 1000 }
}

/** Three bytes of a number and its length in bytes. */
function targetOf(bits: number): bigint {
  const shift = 8 * ((bits >>> 24) - 3)
  const digits = BigInt(bits & 0x7fffff)
  return shift >= 0 ? digits << BigInt(shift) : digits >> BigInt(-shift)
}
