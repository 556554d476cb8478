import { createHash } from 'node:crypto'
import { CosmicError, type ErrorCode } from '../../../base/index'
import type { StoredBlock } from '../../../store/index'
import { restoreVerified } from '../../../validate/index'
import { toBytes } from './binary-array'
import { idOf } from './block-terms'
import type { Row } from './pool'
import type { Tables } from './tables'

/** Bytes of a sum: it finds damage, and proves nothing. */
const SUM_BYTES = 8

/** The beginning of the SHA-256 of an envelope, which the server can compute too. */
export function sumOf(envelope: Uint8Array): Buffer {
  return createHash('sha256').update(envelope).digest().subarray(0, SUM_BYTES)
}

/** What makes a stored block of rows of `block` named `b`. Looked up one by one, so that no plan reads all records. */
export const storedColumns = ({ record }: Pick<Tables, 'record'>): string =>
  `b.seq, b.digest, b.time, b.admitted, b.code, b.sum, (SELECT r.envelope FROM ${record} r WHERE r.seq = b.seq) AS envelope`

/** SQL that is true when the record of a row of `block` named `b` is whole. */
export const isWhole = ({ record }: Pick<Tables, 'record'>): string =>
  `EXISTS (SELECT FROM ${record} r WHERE r.seq = b.seq AND substr(sha256(r.envelope), 1, ${SUM_BYTES}) = b.sum)`

/** The block of a row with `storedColumns`. Throws `storage` with the field `blocks.<id>` when its record is damaged. */
export function storedOf(row: Row): StoredBlock {
  const id = idOf(toBytes(row.digest))
  const { envelope, admitted, code } = row
  const bytes = envelope === null ? undefined : toBytes(envelope)
  if (bytes === undefined || !sumOf(bytes).equals(row.sum as Uint8Array)) throw damaged(id)
  const restored = restoreVerified(bytes)
  if (!restored.ok || restored.value.id !== id) throw damaged(id)
  const judgement = { admitted: admitted === true, ...(typeof code === 'string' && { code: code as ErrorCode }) }
  return Object.freeze({ block: restored.value, ...judgement })
}

export function damaged(id: string): CosmicError {
  const message = `storage: the record of block ${id} is damaged`
  return new CosmicError({ code: 'storage', field: `blocks.${id}`, message, hint: 'fetch it again from a peer' })
}
