import type { SyncMember } from '../../../store/index'
import { checkRows } from './check-rows'
import { mendVectors } from './mend-vectors'
import type { Transaction } from './database'
import { postingsOf } from './expected'
import type { Head } from './head'
import { markLines } from './quarantine-rows'
import type { Slice } from './repair-tables'
import type { Tables } from './tables'
import type { VectorRows } from './vector-rows'
import { insertRows, removeRows } from './write-rows'

/**
 * The next rows of `block` behind a place of the log: those whose records are damaged are let go, and their lines say `lost`; those
 * whose columns say otherwise than their records are written anew; postings that are missing are added; vectors that differ are written anew. Answers the last place.
 */
export async function mendBlocks(
  transaction: Transaction,
  tables: Tables,
  head: Head,
  vectors: VectorRows,
  after: number,
): Promise<Slice<number | undefined>> {
  const { value: rows = [] } = await checkRows(transaction, tables, after).next()
  if (rows.length === 0) return { answer: undefined }
  const lost = rows.filter(({ stored }) => stored === undefined)
  const untrue = rows.flatMap(({ stored, isTrue, seq, waiting }) =>
    stored && !isTrue ? [{ ...stored, seq, waiting }] : [],
  )
  const seqs = [...lost, ...untrue].map(({ seq }) => seq)
  await vectors.remove(transaction, head, seqs)
  await removeRows(transaction, tables, head, seqs)
  await insertRows(transaction, tables, head, untrue)
  await vectors.insert(transaction, head, untrue)
  await markLines(
    transaction,
    tables,
    lost.map(({ seq }) => seq),
    'l',
  )
  const last = rows.at(-1)!.seq
  const added = await addPostings(transaction, tables, after, last)
  const directed = await mendVectors(transaction, head, vectors, rows)
  const members = lost.map(({ id, time }): SyncMember => ({ id, time }))
  const findings = members.map(({ id }) => `blocks.${id}`)
  if (untrue.length + added > 0) findings.push('indexes')
  if (directed) findings.push('vectors')
  return { answer: last, findings, change: members.length > 0 ? { lost: members } : {} }
}

/** Of blocks between two places, the later one among them. */
function addPostings(transaction: Transaction, tables: Tables, after: number, last: number): Promise<number> {
  return transaction.execute(
    `INSERT INTO ${tables.posting} AS p (term, time, digest, seq) ${postingsOf(tables)} AND b.seq > $1 AND b.seq <= $2
     ON CONFLICT (term, time, digest) DO UPDATE SET seq = excluded.seq WHERE p.seq <> excluded.seq`,
    [after, last],
  )
}
