import { digestOf, type Rejudgement, type StoredBlock } from '../../../store/index'
import { byteArrays } from './binary-array'
import type { Transaction } from './database'
import { insertChanges } from './erase-rows'
import type { Head } from './head'
import type { Row } from './pool'
import { storedColumns, storedOf } from './stored-row'
import type { Tables } from './tables'
import type { VectorRows } from './vector-rows'

/** Judges held blocks anew, under the lock of `head`; answers those that are judged otherwise now. */
export async function writeJudgements(
  transaction: Transaction,
  tables: Tables,
  head: Head,
  judgements: readonly Rejudgement[],
  vectors: VectorRows,
): Promise<StoredBlock[]> {
  const last = new Map(judgements.map(judgement => [judgement.id, judgement]))
  const digests = [...last.keys()].map(digestOf).filter(digest => digest !== undefined)
  const sql = `SELECT ${storedColumns(tables)} FROM ${tables.block} b WHERE b.digest = ANY ($1::bytea[]) ORDER BY b.seq`
  const rows = await transaction.query(sql, [byteArrays(digests)])
  const held = new Map(rows.flatMap(row => readable(row)))
  const changed = [...last.values()].flatMap(judgement => {
    const found = held.get(judgement.id)
    return found && !isAlike(found, judgement) ? [{ ...found, ...judged(found, judgement) }] : []
  })
  if (changed.length === 0) return []
  await update(transaction, tables, head, changed)
  const seqs = changed.map(({ seq }) => seq)
  await vectors.remove(transaction, head, seqs)
  await vectors.insert(transaction, head, changed)
  await insertChanges(transaction, tables, head, changed, null)
  return changed.map(({ block, admitted, code }) =>
    Object.freeze({ block, admitted, ...(code !== undefined && { code }) }),
  )
}

interface Held extends StoredBlock {
  readonly seq: number
  readonly digest: Uint8Array
  readonly time: number
}

/** A damaged block is passed over. */
function readable(row: Row): [id: string, held: Held][] {
  try {
    const stored = storedOf(row)
    const place = { seq: Number(row.seq), digest: row.digest as Uint8Array, time: stored.block.time }
    return [[stored.block.id, { ...stored, ...place }]]
  } catch {
    return []
  }
}

const isAlike = (held: StoredBlock, { admitted, code }: Rejudgement) => held.admitted === admitted && held.code === code
const judged = ({ admitted: before }: StoredBlock, { admitted, code }: Rejudgement) => ({
  ...{ admitted, code: code!, growth: Number(admitted) - Number(before) },
})

async function update(
  transaction: Transaction,
  { block, term }: Tables,
  head: Head,
  changed: readonly (Held & { growth: number })[],
): Promise<void> {
  const seqs = changed.map(({ seq }) => seq)
  await transaction.execute(
    `UPDATE ${block} b SET admitted = j.admitted, code = j.code
       FROM unnest($1::bigint[], $2::boolean[], $3::text[]) AS j (seq, admitted, code) WHERE b.seq = j.seq`,
    [seqs, changed.map(({ admitted }) => admitted), changed.map(({ code = null }) => code)],
  )
  const growth = changed.map(each => each.growth)
  head.admitted += growth.reduce((sum, each) => sum + each, 0)
  await transaction.execute(
    `UPDATE ${term} t SET admitted = t.admitted + g.growth
       FROM (SELECT term, sum(j.growth) AS growth FROM unnest($1::bigint[], $2::int[]) AS j (seq, growth)
               JOIN ${block} b ON b.seq = j.seq, unnest(b.terms) AS term GROUP BY term) g
      WHERE t.id = g.term AND g.growth <> 0`,
    [seqs, growth],
  )
}
