import { Cid, CID_LENGTH, concat, equal, utf8 } from '../base/index'
import { LIMITS } from './limits'

/** Bytes of the longest section that a block needs: an id and a payload. Longer ones are passed over unread. */
export const MAX_SECTION = CID_LENGTH + LIMITS.envelope

/**
 * The header `{roots: [bafkqaaa], version: 1}`. An archive is written before its last block is known and has no root of its
 * own; some readers refuse a header without roots, so the empty identity CID stands there, which needs no section.
 */
export const CAR_HEADER = concat(
  Uint8Array.of(0xa2, 0x65),
  utf8('roots'),
  Uint8Array.of(0x81, 0xd8, 0x2a, 0x45, 0x00, 0x01, 0x55, 0x00, 0x00, 0x67),
  utf8('version'),
  Uint8Array.of(0x01),
)

/** `{block: CID, signature: 64 bytes}` in DAG-CBOR has one length and two constant parts. */
const NODE_HEAD = concat(Uint8Array.of(0xa2, 0x65), utf8('block'), Uint8Array.of(0xd8, 0x2a, 0x58, 0x25, 0x00))
const NODE_MIDDLE = concat(Uint8Array.of(0x69), utf8('signature'), Uint8Array.of(0x58, 0x40))
const NODE_SIGNATURE = NODE_HEAD.length + CID_LENGTH + NODE_MIDDLE.length
const NODE_LENGTH = NODE_SIGNATURE + 64

/** What an archive holds beside each payload: who the payload is, and the signature that makes it a block. */
export interface CarNode {
  readonly id: Cid
  readonly signature: Uint8Array
}

export function encodeNode({ id, signature }: CarNode): Uint8Array {
  return concat(NODE_HEAD, id.bytes, NODE_MIDDLE, signature)
}

/** The node that these bytes are, or `undefined`: a payload, whose first key is another, is none. */
export function decodeNode(bytes: Uint8Array): CarNode | undefined {
  const middle = bytes.subarray(NODE_SIGNATURE - NODE_MIDDLE.length, NODE_SIGNATURE)
  const isNode = bytes.length === NODE_LENGTH && startsWith(bytes, NODE_HEAD) && equal(middle, NODE_MIDDLE)
  if (!isNode) return undefined
  const id = Cid.fromBytes(bytes.subarray(NODE_HEAD.length, NODE_HEAD.length + CID_LENGTH))
  return id.ok ? { id: id.value, signature: bytes.subarray(NODE_SIGNATURE) } : undefined
}

/** An unsigned LEB128 (https://github.com/multiformats/unsigned-varint). */
export function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = []
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80)
  return Uint8Array.of(...bytes, value)
}

export function startsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  return equal(bytes.subarray(0, head.length), head)
}
