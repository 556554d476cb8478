import { COUNTED } from '../../../store/for-adapters'
import { type ErasedBlock } from '../../../store/index'
import { bytea, byteArrays } from './binary-array'
import { idOf, termBytes } from './block-terms'
import type { Transaction } from './database'
import type { Head } from './head'
import type { Row } from './pool'
import type { Tables } from './tables'
import type { VectorRows } from './vector-rows'
import { type RemovedRow, removeRows } from './write-rows'

export interface Erasure {
  readonly reason: ErasedBlock['reason']
  readonly digests: readonly Uint8Array[]
  /** The ids stay as stubs. */
  readonly leaveStubs?: boolean
  /** Retractions too: what they withdrew cannot come back, being below the floor. */
  readonly retractions?: boolean
}

/**
 * Takes blocks and stubs away, and tells of it in log and changes; or a stub stays. Answers, in the order
 * given, what there was: a stub is erased like a block, but not pruned a second time. Retractions stay, unless they are asked for:
 * what they withdrew would come back.
 */
export async function eraseRows(
  transaction: Transaction,
  tables: Tables,
  head: Head,
  { reason, digests, retractions = false, leaveStubs = false }: Erasure,
  vectors: VectorRows,
): Promise<ErasedBlock[]> {
  if (digests.length === 0) return []
  const wanted = byteArrays(digests)
  const held = await transaction.query(
    `SELECT b.seq FROM ${tables.block} b JOIN ${tables.term} k ON k.id = b.kind
      WHERE b.digest = ANY ($1::bytea[]) AND ($2 OR k.value <> $3::bytea)`,
    [wanted, retractions, bytea(termBytes(`${COUNTED.kind}retraction`))],
  )
  const seqs = held.map(({ seq }) => Number(seq))
  await vectors.remove(transaction, head, seqs)
  const removed = await removeRows(transaction, tables, head, seqs)
  if (leaveStubs) await insertStubs(transaction, tables, head, removed)
  else removed.push(...(await removeStubs(transaction, tables, head, wanted)))
  const order = new Map(digests.map((digest, i) => [idOf(digest), i]))
  removed.sort((a, b) => order.get(idOf(a.digest))! - order.get(idOf(b.digest))!)
  const state = leaveStubs ? 'p' : 'e'
  await transaction.execute(`UPDATE ${tables.log} SET state = '${state}' WHERE seq = ANY ($1::bigint[])`, [
    removed.map(({ seq }) => seq),
  ])
  const erased = removed.map(row => erasedOf(row, reason))
  await insertChanges(transaction, tables, head, removed, reason)
  return erased
}

function erasedOf({ digest, time, kind, author }: RemovedRow, reason: ErasedBlock['reason']): ErasedBlock {
  return { id: idOf(digest), time, kind, author, reason }
}

async function insertStubs(transaction: Transaction, { stub }: Tables, head: Head, removed: readonly RemovedRow[]) {
  head.pruned += await transaction.execute(
    `INSERT INTO ${stub} (digest, seq, time, kind, author, expires)
     SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bigint[])`,
    [
      byteArrays(removed.map(({ digest }) => digest)),
      removed.map(({ seq }) => seq),
      removed.map(({ time }) => time),
      byteArrays(removed.map(({ kind }) => Buffer.from(kind))),
      byteArrays(removed.map(({ author }) => Buffer.from(author))),
      removed.map(({ expires }) => expires),
    ],
  )
}

async function removeStubs(
  transaction: Transaction,
  { stub }: Tables,
  head: Head,
  digests: Buffer,
): Promise<RemovedRow[]> {
  if (head.pruned === 0) return []
  const rows = await transaction.query(
    `DELETE FROM ${stub} WHERE digest = ANY ($1::bytea[]) RETURNING digest, seq, time, kind, author, expires`,
    [digests],
  )
  head.pruned -= rows.length
  return rows.map(stubOf)
}

function stubOf(row: Row): RemovedRow {
  const text = (value: unknown) => new TextDecoder().decode(value as Uint8Array)
  return {
    seq: Number(row.seq),
    digest: row.digest as Uint8Array,
    time: Number(row.time),
    kind: text(row.kind),
    author: text(row.author),
    expires: row.expires === null ? null : Number(row.expires),
  }
}

/** Lines that other processes read; of judgements, without reason, only the place counts. */
export async function insertChanges(
  transaction: Transaction,
  { change }: Tables,
  head: Head,
  rows: readonly (Pick<RemovedRow, 'seq' | 'digest' | 'time'> & Partial<RemovedRow>)[],
  reason: ErasedBlock['reason'] | null,
): Promise<void> {
  if (rows.length === 0) return
  const first = head.change + 1
  head.change += rows.length
  await transaction.execute(
    `INSERT INTO ${change} (no, seq, digest, time, kind, author, reason)
     SELECT $1::bigint + no - 1, seq, digest, time, kind, author, $7::text
       FROM unnest($2::bigint[], $3::bytea[], $4::bigint[], $5::bytea[], $6::bytea[]) WITH ORDINALITY
         AS t (seq, digest, time, kind, author, no)`,
    [
      first,
      rows.map(({ seq }) => seq),
      byteArrays(rows.map(({ digest }) => digest)),
      rows.map(({ time }) => time),
      byteArrays(rows.map(({ kind = '' }) => Buffer.from(kind))),
      byteArrays(rows.map(({ author = '' }) => Buffer.from(author))),
      reason,
    ],
  )
}
