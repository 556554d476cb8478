import { crc32 } from '#platform'
import { concat, utf8 } from '../base/index'
import { readUint32, readUint48, writeUint32, writeUint48 } from './uint48'

/** What is kept of a block that was pruned, beside its id: enough to honour its author's retraction. */
export interface Stub {
  readonly time: number
  readonly author: string
  readonly kind: string
  /** When it is forgotten by itself, in milliseconds; not in records of earlier versions. */
  readonly expires?: number
}

const HEADER_BYTES = 11

/** Between the author and when it expires; no did:key has it. */
const BEFORE_EXPIRY = ' '

/** CRC-32 of the id's digest and of the rest, time (6), length of the kind, kind, author, and behind a space when it expires. */
export function encodeStub({ time, author, kind, expires = 0 }: Stub, digest: Uint8Array): Uint8Array {
  const name = utf8(kind)
  const end = expires > 0 ? BEFORE_EXPIRY + expires : ''
  const record = concat(new Uint8Array(HEADER_BYTES), name, utf8(author + end))
  writeUint48(record, 4, time)
  record[10] = name.length
  writeUint32(record, 0, crc32(record.subarray(4), crc32(digest)))
  return record
}

/** `undefined` when it is not what was written. */
export function decodeStub(record: Uint8Array | undefined, digest: Uint8Array): Stub | undefined {
  if (record === undefined || record.length < HEADER_BYTES) return undefined
  if (readUint32(record, 0) !== crc32(record.subarray(4), crc32(digest))) return undefined
  const text = new TextDecoder()
  const start = HEADER_BYTES + record[10]!
  const [author = '', expires] = text.decode(record.subarray(start)).split(BEFORE_EXPIRY)
  return {
    time: readUint48(record, 4),
    kind: text.decode(record.subarray(HEADER_BYTES, start)),
    author,
    ...(expires !== undefined && { expires: Number(expires) }),
  }
}
