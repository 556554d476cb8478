import type { Transaction } from './database'
import type { Head } from './head'
import type { Slice } from './repair-tables'
import type { Tables } from './tables'
import type { VectorRows } from './vector-rows'
import type { CheckedRow } from './check-rows'

/** Vectors of no block that are deleted in one slice. */
const PAGE = 1_000

/** SQL: places of vectors whose blocks are not there. */
const foreignOf = ({ vector, block }: Tables): string =>
  `SELECT v.seq FROM ${vector} v WHERE NOT EXISTS (SELECT FROM ${block} b WHERE b.seq = v.seq)`

/** How much more the counts of a space say than there is, and bounds that hold all lengths. */
export interface SpaceError {
  readonly model: number
  readonly dims: number
  readonly size: number
  readonly expiring: number
  readonly low: number
  readonly high: number
}

/** Whether vectors are there of no block. */
export async function hasForeignVectors(db: Transaction, tables: Tables, { vectors }: Head): Promise<boolean> {
  return vectors !== 'none' && (await db.query(`${foreignOf(tables)} LIMIT 1`)).length > 0
}

/** What is counted wrongly of vectors, in one state. */
export async function spaceErrors(
  db: Transaction,
  { vector, space }: Tables,
  { vectors }: Head,
): Promise<SpaceError[]> {
  if (vectors === 'none') return []
  const rows = await db.query(
    `SELECT model, dims, coalesce(s.size, 0) - coalesce(g.size, 0) AS size, coalesce(s.expiring, 0) - coalesce(g.expiring, 0) AS expiring,
            least(s.low, g.low) AS low, greatest(s.high, g.high) AS high
       FROM ${space} s FULL JOIN (SELECT model, dims, count(*) AS size, count(expires) AS expiring, min(norm) AS low, max(norm) AS high
                                    FROM ${vector} GROUP BY model, dims) g USING (model, dims)
      WHERE (s.size, s.expiring) IS DISTINCT FROM (g.size, g.expiring) OR s.low > g.low OR s.high < g.high`,
  )
  return rows.map(row => ({
    ...{ model: Number(row.model), dims: Number(row.dims), size: Number(row.size), expiring: Number(row.expiring) },
    ...{ low: Number(row.low), high: Number(row.high) },
  }))
}

/** Takes errors off. */
export async function mendSpaces(db: Transaction, { space }: Tables, errors: readonly SpaceError[]): Promise<void> {
  if (errors.length === 0) return
  const of = (name: keyof SpaceError) => errors.map(error => error[name])
  await db.execute(
    `INSERT INTO ${space} AS s (model, dims, size, expiring, low, high)
     SELECT model, dims, -size, -expiring, low, high
       FROM unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[], $5::double precision[], $6::double precision[])
         AS e (model, dims, size, expiring, low, high)
     ON CONFLICT (model, dims) DO UPDATE SET size = s.size + excluded.size, expiring = s.expiring + excluded.expiring,
       low = excluded.low, high = excluded.high`,
    [of('model'), of('dims'), of('size'), of('expiring'), of('low'), of('high')],
  )
  await db.execute(`DELETE FROM ${space} WHERE size <= 0`)
}

/** Writes those anew that are not what their blocks say; answers whether there were any. */
export async function mendVectors(
  transaction: Transaction,
  head: Head,
  vectors: VectorRows,
  rows: readonly CheckedRow[],
): Promise<boolean> {
  const blocks = rows.flatMap(({ stored, seq }) => (stored ? [{ ...stored, seq }] : []))
  const wrong = new Set(await vectors.differing(transaction, head, blocks))
  await vectors.remove(transaction, head, [...wrong])
  await vectors.insert(
    transaction,
    head,
    blocks.filter(({ seq }) => wrong.has(seq)),
  )
  return wrong.size > 0
}

/** Deletes some vectors of no block; answers 0 while more may be there. */
export async function dropForeignVectors(
  transaction: Transaction,
  tables: Tables,
  head: Head,
  vectors: VectorRows,
): Promise<Slice<0 | undefined>> {
  if (head.vectors === 'none') return { answer: undefined }
  const rows = await transaction.query(`${foreignOf(tables)} LIMIT ${PAGE}`)
  const seqs = rows.map(({ seq }) => Number(seq))
  await vectors.remove(transaction, head, seqs)
  return { answer: seqs.length < PAGE ? undefined : 0, findings: seqs.length > 0 ? ['vectors'] : [] }
}
