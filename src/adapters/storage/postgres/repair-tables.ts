import type { StoredBlock, SyncMember } from '../../../store/index'
import { byteArrays } from './binary-array'
import { checkRows } from './check-rows'
import { walkChain } from './check-tables'
import type { Transaction } from './database'
import { countsOf, linesOf, postingsOf, totalsOf } from './expected'
import { type Head, renewEpoch } from './head'
import type { Tables } from './tables'
import type { VectorRows } from './vector-rows'
import { insertRows } from './write-rows'

type Untrue = StoredBlock & { readonly seq: number; readonly waiting: boolean }

/**
 * Makes columns, terms, postings, counts and log anew from the records, under the lock of `head` and a new epoch. Answers the
 * blocks whose records are damaged: they are let go, and their log lines say `lost`.
 */
export async function repairTables(
  transaction: Transaction,
  tables: Tables,
  head: Head,
  vectors: VectorRows,
): Promise<SyncMember[]> {
  const lost: (SyncMember & { seq: number })[] = []
  const untrue: Untrue[] = []
  for await (const rows of checkRows(transaction, tables)) {
    for (const { seq, id, time, stored, waiting, isTrue } of rows) {
      if (!stored) lost.push({ id, time, seq })
      else if (!isTrue) untrue.push({ ...stored, seq, waiting })
    }
  }
  const seqs = [...lost, ...untrue].map(({ seq }) => seq)
  await vectors.remove(transaction, head, seqs)
  for (const table of [tables.block, tables.record])
    await transaction.execute(`DELETE FROM ${table} WHERE seq = ANY ($1::bigint[])`, [seqs])
  await transaction.execute(`DELETE FROM ${tables.posting}`)
  await insertRows(transaction, tables, head, untrue)
  await vectors.insert(transaction, head, untrue)
  await rewriteTerms(transaction, tables)
  await rewriteLog(transaction, tables, head)
  const [totals] = await transaction.query(totalsOf(tables))
  for (const name of ['blocks', 'admitted', 'bytes', 'pruned', 'waiting'] as const) head[name] = Number(totals![name])
  renewEpoch(head)
  return lost.map(({ id, time }) => ({ id, time }))
}

/** Ids of terms stay: vectors name them. */
async function rewriteTerms(transaction: Transaction, tables: Tables): Promise<void> {
  const { term, posting } = tables
  await transaction.execute(
    `UPDATE ${term} t SET blocks = coalesce(g.blocks, 0), admitted = coalesce(g.admitted, 0), bytes = coalesce(g.bytes, 0)
       FROM ${term} o LEFT JOIN (${countsOf(tables)}) g ON g.term = o.id
      WHERE t.id = o.id AND (t.blocks, t.admitted, t.bytes) IS DISTINCT FROM (g.blocks, g.admitted, g.bytes)`,
  )
  await transaction.execute(`DELETE FROM ${term} WHERE blocks <= 0`)
  await transaction.execute(
    `INSERT INTO ${posting} (term, time, digest, seq) ${postingsOf(tables)} ON CONFLICT DO NOTHING`,
  )
}

async function rewriteLog(transaction: Transaction, tables: Tables, head: Head): Promise<void> {
  const { log } = tables
  await transaction.execute(
    `INSERT INTO ${log} AS l (seq, digest, time, chain, state)
       SELECT seq, digest, time, ''::bytea, state::"char" FROM (${linesOf(tables)}) x WHERE NOT x.right
     ON CONFLICT (seq) DO UPDATE SET digest = excluded.digest, time = excluded.time, state = excluded.state`,
  )
  const end = await walkChain(transaction, tables, async lines => {
    if (lines.length === 0) return
    await transaction.execute(
      `UPDATE ${log} l SET chain = c.chain FROM unnest($1::bigint[], $2::bytea[]) AS c (seq, chain) WHERE l.seq = c.seq`,
      [lines.map(({ seq }) => seq), byteArrays(lines.map(({ chain }) => chain))],
    )
  })
  Object.assign(head, end)
}
