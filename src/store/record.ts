import { attempt, CosmicError, concat, utf8, type ErrorCode } from '../base/index'
import { restoreVerified } from '../validate/index'
import type { StoredBlock } from './block-store'
import { crc32 } from './crc32'

const ADMITTED = 1
const HEADER_BYTES = 6

/**
 * A block's record: CRC-32 of the rest (4 bytes, big-endian), flags (bit 0: admitted), length of the code, the code, the
 * envelope verbatim. The sum covers the signature too, which nothing checks again when a record is read.
 */
export function encodeRecord({ block, admitted, code = '' as ErrorCode }: StoredBlock): Uint8Array {
  const reason = utf8(code)
  const record = concat(new Uint8Array(4), Uint8Array.of(admitted ? ADMITTED : 0, reason.length), reason, block.bytes)
  new DataView(record.buffer).setUint32(0, crc32(record.subarray(4)))
  return record
}

/** A record whose sum is right; its envelope is not decoded yet. */
export interface OpenedRecord extends Pick<StoredBlock, 'admitted' | 'code'> {
  readonly envelope: Uint8Array
}

/** Checks a record's sum and reads its header. Throws `storage` with the field `blocks.<id>` when it is damaged. */
export function openRecord(id: string, record: Uint8Array): OpenedRecord {
  const view = new DataView(record.buffer, record.byteOffset, record.length)
  if (record.length < HEADER_BYTES || view.getUint32(0) !== crc32(record.subarray(4))) throw damaged(id)
  const start = HEADER_BYTES + record[5]!
  const code = String.fromCharCode(...record.subarray(HEADER_BYTES, start)) as ErrorCode | ''
  return { admitted: record[4] === ADMITTED, ...(code !== '' && { code }), envelope: record.slice(start) }
}

/** What a record, damaged or not, counts for in the totals. */
export function outlineRecord(record: Uint8Array): { admitted: number; bytes: number } {
  return {
    admitted: record[4] === ADMITTED ? 1 : 0,
    bytes: Math.max(0, record.length - HEADER_BYTES - (record[5] ?? 0)),
  }
}

/** Whether a record is what was written for this block. */
export function isIntact(id: string, record: Uint8Array): boolean {
  return attempt(() => restoreRecord(id, openRecord(id, record))).ok
}

/** Decodes an opened record. Throws as `openRecord` when it is another block's. */
export function restoreRecord(id: string, { envelope, ...judgement }: OpenedRecord): StoredBlock {
  const restored = restoreVerified(envelope)
  if (!restored.ok) throw damaged(id, new CosmicError(restored.error))
  if (restored.value.id !== id) throw damaged(id)
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
