import { SUM_BYTES, checkSum, sum } from './summed'
import { readUint32, readUint48, writeUint32, writeUint48 } from './uint48'

/** What the dictionary says of a term. */
export interface TermRow {
  /** By which its postings are keyed; never given twice. */
  readonly number: number
  blocks: number
  admitted: number
  /** Sum of the envelopes' sizes. */
  bytes: number
  /** Of an author: retractions that wait for their block. */
  waiting: number
}

/** CRC-32, number (4), blocks, admitted, bytes (6 each), waiting (4). */
const ROW_BYTES = SUM_BYTES + 26

export function encodeRow(key: Uint8Array, { number, blocks, admitted, bytes, waiting }: TermRow): Uint8Array {
  const value = new Uint8Array(ROW_BYTES)
  writeUint32(value, 4, number)
  writeUint48(value, 8, blocks)
  writeUint48(value, 14, admitted)
  writeUint48(value, 20, bytes)
  writeUint32(value, 26, waiting)
  return sum(value, key)
}

/** Throws `storage` with the field `terms` when it is not what was written. */
export function decodeRow(key: Uint8Array, value: Uint8Array): TermRow {
  checkSum(value, key, 'terms')
  return {
    number: readUint32(value, 4),
    blocks: readUint48(value, 8),
    admitted: readUint48(value, 14),
    bytes: readUint48(value, 20),
    waiting: readUint32(value, 26),
  }
}
