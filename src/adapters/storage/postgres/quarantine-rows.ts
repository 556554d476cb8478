import type { SyncMember } from '../../../store/index'
import { byteArrays } from './binary-array'
import { idOf } from './block-terms'
import type { Transaction } from './database'
import type { Head } from './head'
import { isWhole } from './stored-row'
import type { Tables } from './tables'
import type { VectorRows } from './vector-rows'
import { removeRows } from './write-rows'

/**
 * Lets those of these blocks go whose records are damaged, under the lock of `head`: their log lines say `lost` until they come
 * again, from a peer who then sends them. Answers which they were.
 */
export async function quarantineRows(
  transaction: Transaction,
  tables: Tables,
  head: Head,
  digests: readonly Uint8Array[],
  vectors: VectorRows,
): Promise<SyncMember[]> {
  const rows = await transaction.query(
    `SELECT b.seq FROM ${tables.block} b WHERE b.digest = ANY ($1::bytea[]) AND NOT ${isWhole(tables)}`,
    [byteArrays(digests)],
  )
  const seqs = rows.map(({ seq }) => Number(seq))
  if (seqs.length === 0) return []
  await vectors.remove(transaction, head, seqs)
  const removed = await removeRows(transaction, tables, head, seqs)
  await markLines(transaction, tables, seqs, 'l')
  return removed.map(({ digest, time }) => ({ id: idOf(digest), time }))
}

/** What lines of the log say of their blocks: that they are lost, or that nothing stands there any more. */
export async function markLines(
  transaction: Transaction,
  { log }: Tables,
  seqs: readonly number[],
  state: 'e' | 'l',
): Promise<void> {
  if (seqs.length === 0) return
  await transaction.execute(`UPDATE ${log} SET state = '${state}' WHERE seq = ANY ($1::bigint[])`, [seqs])
}

/** Whether the last that was told of an id is that its block was damaged. */
export async function isLost(
  db: Pick<Transaction, 'query'>,
  { log }: Pick<Tables, 'log'>,
  digest: Uint8Array,
): Promise<boolean> {
  const lines = ['l', 'e'].map(
    state => `SELECT seq, state::text AS state FROM ${log} WHERE state = '${state}' AND digest = ANY ($1::bytea[])`,
  )
  const [last] = await db.query(`${lines.join(' UNION ALL ')} ORDER BY seq DESC LIMIT 1`, [byteArrays([digest])])
  return last?.state === 'l'
}
