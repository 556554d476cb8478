import { crc32 } from '#platform'
import { concat, utf8 } from '../base/index'
import { readUint32, writeUint32 } from './uint48'

/** What is kept of a block that was pruned, beside its id and time: enough to honour its author's retraction. */
export interface Stub {
  readonly author: string
  readonly kind: string
}

/** CRC-32 of the id's digest and of the rest, length of the kind, kind, author. */
export function encodeStub({ author, kind }: Stub, digest: Uint8Array): Uint8Array {
  const name = utf8(kind)
  const record = concat(new Uint8Array(4), Uint8Array.of(name.length), name, utf8(author))
  writeUint32(record, 0, crc32(record.subarray(4), crc32(digest)))
  return record
}

/** `undefined` when it is not what was written. */
export function decodeStub(record: Uint8Array | undefined, digest: Uint8Array): Stub | undefined {
  if (record === undefined || record.length < 5) return undefined
  if (readUint32(record, 0) !== crc32(record.subarray(4), crc32(digest))) return undefined
  const text = new TextDecoder()
  const start = 5 + record[4]!
  return { kind: text.decode(record.subarray(5, start)), author: text.decode(record.subarray(start)) }
}
