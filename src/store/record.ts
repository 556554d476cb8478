import { crc32 } from '#platform'
import { CosmicError, type ErrorCode } from '../base/index'
import { restoreVerified } from '../validate/index'
import type { StoredBlock } from './block-store'
import { readUint32, writeUint32 } from './uint48'

const ADMITTED = 1
const HEADER_BYTES = 6

/**
 * A block's record: CRC-32 of its id's digest and of the rest (4 bytes), flags (bit 0: admitted), length of the code, the
 * code, the envelope verbatim. The sum covers the signature too, which nothing checks again when a record is read, and
 * binds the record to its id, which therefore need not be hashed again.
 */
export function encodeRecord({ block, admitted, code = '' as ErrorCode }: StoredBlock, digest: Uint8Array): Uint8Array {
  const start = HEADER_BYTES + code.length
  const record = new Uint8Array(start + block.bytes.length)
  record[4] = admitted ? ADMITTED : 0
  record[5] = code.length
  for (let i = 0; i < code.length; i++) record[HEADER_BYTES + i] = code.charCodeAt(i)
  record.set(block.bytes, start)
  writeUint32(record, 0, crc32(record, crc32(digest), 4))
  return record
}

/** A record whose sum is right; its envelope is not decoded yet. */
export interface OpenedRecord extends Pick<StoredBlock, 'admitted' | 'code'> {
  readonly envelope: Uint8Array
}

/** Whether a record is what was written for this block. */
export function isIntact(record: Uint8Array, digest: Uint8Array): boolean {
  return record.length >= HEADER_BYTES && readUint32(record, 0) === crc32(record, crc32(digest), 4)
}

/** The envelope of a record that is intact: a view of it. */
export function envelopeIn(record: Uint8Array): Uint8Array {
  return record.subarray(HEADER_BYTES + record[5]!)
}

/** Checks a record's sum and reads its header. Throws `storage` with the field `blocks.<id>` when it is damaged. */
export function openRecord(id: string, digest: Uint8Array, record: Uint8Array): OpenedRecord {
  if (!isIntact(record, digest)) throw damaged(id)
  const start = HEADER_BYTES + record[5]!
  const code = record[5] === 0 ? '' : String.fromCharCode(...record.subarray(HEADER_BYTES, start))
  return {
    admitted: (record[4]! & ADMITTED) !== 0,
    ...(code !== '' && { code: code as ErrorCode }),
    envelope: envelopeIn(record),
  }
}

/** Decodes a record, whose bytes the block keeps; `id` and `digest` are the same. Throws as `openRecord`. */
export function readRecord(id: string, digest: Uint8Array, record: Uint8Array): StoredBlock {
  const { envelope, ...judgement } = openRecord(id, digest, record)
  const restored = restoreVerified(envelope, digest, id)
  if (!restored.ok) throw damaged(id, new CosmicError(restored.error))
  return Object.freeze({ block: restored.value, ...judgement })
}

/** A block whose record is missing or not what was written. */
export function damaged(id: string, cause?: unknown): CosmicError {
  const message = `storage: the record of block ${id} is damaged`
  return new CosmicError(
    { code: 'storage', field: `blocks.${id}`, message, hint: 'fetch it again from a peer' },
    { cause },
  )
}
