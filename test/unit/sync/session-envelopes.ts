import { createHash } from 'node:crypto'
import { Cid } from '../../../src/base/index'
import type { BlockTraits } from '../../../src/sync/index'

export const sha256 = (bytes: Uint8Array) => Uint8Array.from(createHash('sha256').update(bytes).digest())

/** A stand-in for an envelope: 8 bytes of time, a number that makes it unique, then filling. Its id is its hash. */
export function envelope(time: number, n: number, size = 40): Uint8Array {
  const bytes = new Uint8Array(Math.max(size, 16))
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(time))
  view.setUint32(12, n)
  return bytes
}

export const idOf = (bytes: Uint8Array) => Cid.fromDigest(sha256(bytes)).toString()
export const timeOf = (bytes: Uint8Array) => Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0))
/** Envelopes that begin with this byte are malformed. */
export const MALFORMED = 0xff

/** What a stand-in is, by its number: a retraction from 10,000 on, else an embedding with one of three tags. */
export function traitsOf(bytes: Uint8Array): BlockTraits {
  const n = new DataView(bytes.buffer, bytes.byteOffset).getUint32(12)
  const kind = n >= 10_000 ? 'retraction' : 'embedding'
  return { version: 1, kind, author: 'did:key:z1', time: timeOf(bytes), tags: [`t${n % 3}`, n % 2 ? 'odd' : 'even'] }
}
