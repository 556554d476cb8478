import { COUNTED, expiryOf, termsOf } from '../../../store/for-adapters'
import { digestOf, type StoredBlock } from '../../../store/index'
import { byteArrays } from './binary-array'
import { hasPostings, termBytes, termName, termText } from './block-terms'
import { TERMS } from './erased-marks'
import type { Transaction } from './database'
import type { Head } from './head'
import { sumOf } from './stored-row'
import type { Tables } from './tables'

/** A block with its place in the log. */
export interface PlacedBlock extends StoredBlock {
  readonly seq: number
  /** It is a retraction whose block is not here yet. */
  readonly waiting: boolean
}

/** Rows of blocks, with their terms, postings and counts. The log is written apart: a block whose row is made anew has its line. */
export async function insertRows(
  transaction: Transaction,
  tables: Tables,
  head: Head,
  placed: readonly PlacedBlock[],
): Promise<void> {
  if (placed.length === 0) return
  const terms = placed.map(({ block }) => termsOf(block))
  const ids = await countTerms(transaction, tables, placed, terms)
  await insertBlocks(transaction, tables, placed, terms, ids)
  await insertPostings(transaction, tables, placed, terms, ids)
  for (const { block, admitted, waiting } of placed) {
    head.blocks++
    head.admitted += admitted ? 1 : 0
    head.bytes += block.bytes.length
    head.waiting += waiting ? 1 : 0
  }
}

/** Adds to the counts of every term; answers their ids by name. */
async function countTerms(
  transaction: Transaction,
  { term }: Tables,
  placed: readonly PlacedBlock[],
  terms: readonly (readonly string[])[],
): Promise<Map<string, number>> {
  const counts = new Map<string, { blocks: number; admitted: number; bytes: number }>()
  for (const [i, { block, admitted }] of placed.entries()) {
    for (const each of terms[i]!) {
      const count = counts.get(each) ?? { blocks: 0, admitted: 0, bytes: 0 }
      counts.set(each, count)
      count.blocks++
      count.admitted += admitted ? 1 : 0
      count.bytes += block.bytes.length
    }
  }
  const all = [...counts.values()]
  const rows = await transaction.query(
    // Not by `ON CONFLICT`: each known term would use up an id, too. The lock of the writer keeps others from adding one meanwhile.
    `WITH asked AS (SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[]) AS a (value, blocks, admitted, bytes)),
       known AS (UPDATE ${term} t SET blocks = t.blocks + a.blocks, admitted = t.admitted + a.admitted, bytes = t.bytes + a.bytes
                   FROM asked a WHERE t.value = a.value RETURNING t.id, t.value),
       added AS (INSERT INTO ${term} (value, blocks, admitted, bytes)
                 SELECT * FROM asked a WHERE NOT EXISTS (SELECT FROM ${term} t WHERE t.value = a.value) RETURNING id, value)
     SELECT id, value FROM known UNION ALL SELECT id, value FROM added`,
    [
      byteArrays([...counts.keys()].map(termBytes)),
      ...(['blocks', 'admitted', 'bytes'] as const).map(name => all.map(count => count[name])),
    ],
  )
  return new Map(rows.map(({ id, value }) => [termText(value), Number(id)]))
}

async function insertBlocks(
  transaction: Transaction,
  { block: table, record }: Tables,
  placed: readonly PlacedBlock[],
  terms: readonly (readonly string[])[],
  ids: ReadonlyMap<string, number>,
): Promise<void> {
  const seqs = placed.map(({ seq }) => seq)
  const idIn = (i: number, index: string) => ids.get(terms[i]!.find(term => term.startsWith(index)) ?? '') ?? null
  await transaction.execute(
    `INSERT INTO ${table} (seq, digest, time, kind, author, model, terms, admitted, code, expires, size, sum, waiting)
     SELECT seq, digest, time, kind, author, model, terms::int[], admitted, code, expires, size, sum, waiting
       FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::int[], $5::int[], $6::int[], $7::text[], $8::boolean[],
                   $9::text[], $10::bigint[], $11::int[], $12::bytea[], $13::boolean[])
         AS t (seq, digest, time, kind, author, model, terms, admitted, code, expires, size, sum, waiting)`,
    [
      seqs,
      byteArrays(placed.map(({ block }) => digestOf(block.id)!)),
      placed.map(({ block }) => block.time),
      ...[COUNTED.kind, COUNTED.author, COUNTED.model].map(index => placed.map((_, i) => idIn(i, index))),
      terms.map(list => `{${list.map(term => ids.get(term)).join(',')}}`),
      placed.map(({ admitted }) => admitted),
      placed.map(({ code = null }) => code),
      placed.map(({ block }) => expiryOf(block) || null),
      placed.map(({ block }) => block.bytes.length),
      byteArrays(placed.map(({ block }) => sumOf(block.bytes))),
      placed.map(({ waiting }) => waiting),
    ],
  )
  await transaction.execute(`INSERT INTO ${record} (seq, envelope) SELECT * FROM unnest($1::bigint[], $2::bytea[])`, [
    seqs,
    byteArrays(placed.map(({ block }) => block.bytes)),
  ])
}

/** One that damage left there gives way. */
async function insertPostings(
  transaction: Transaction,
  { posting }: Tables,
  placed: readonly PlacedBlock[],
  terms: readonly (readonly string[])[],
  ids: ReadonlyMap<string, number>,
): Promise<void> {
  const rows = placed.flatMap(({ seq, block }, i) =>
    terms[i]!.filter(hasPostings).map(term => ({ seq, block, id: ids.get(term)! })),
  )
  if (rows.length === 0) return
  await transaction.execute(
    `INSERT INTO ${posting} (term, time, digest, seq) SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[], $4::bigint[])
     ON CONFLICT (term, time, digest) DO UPDATE SET seq = excluded.seq`,
    [
      rows.map(({ id }) => id),
      rows.map(({ block }) => block.time),
      byteArrays(rows.map(({ block }) => digestOf(block.id)!)),
      rows.map(({ seq }) => seq),
    ],
  )
}

/** What a row of `block` was, once it is gone. */
export interface RemovedRow {
  readonly seq: number
  readonly digest: Uint8Array
  readonly time: number
  readonly kind: string
  readonly author: string
  readonly expires: number | null
}

/** Takes blocks out of everything but the log. */
export async function removeRows(
  transaction: Transaction,
  { block, record, posting, term }: Tables,
  head: Head,
  seqs: readonly number[],
): Promise<RemovedRow[]> {
  if (seqs.length === 0) return []
  const rows = await transaction.query(
    `WITH gone AS (DELETE FROM ${block} WHERE seq = ANY ($1::bigint[]) RETURNING *),
       named AS (SELECT g.*, k.value AS kind_name, a.value AS author_name FROM gone g
                   JOIN ${term} k ON k.id = g.kind JOIN ${term} a ON a.id = g.author),
       records AS (DELETE FROM ${record} WHERE seq = ANY ($1::bigint[])
                   RETURNING tableoid::regclass::text AS part),
       postings AS (DELETE FROM ${posting} p USING (SELECT unnest(terms) AS term, time, digest FROM gone) g
                     WHERE p.term = g.term AND p.time = g.time AND p.digest = g.digest),
       counts AS (UPDATE ${term} t SET blocks = t.blocks - g.blocks, admitted = t.admitted - g.admitted, bytes = t.bytes - g.bytes
                    FROM (SELECT term, count(*) AS blocks, count(*) FILTER (WHERE admitted) AS admitted, sum(size) AS bytes
                            FROM gone, unnest(terms) AS term GROUP BY term) g
                   WHERE t.id = g.term RETURNING t.id, t.blocks)
     SELECT seq, digest, time, kind_name, author_name, expires, admitted, size, waiting,
            (SELECT array_agg(DISTINCT part) FROM records) AS parts, (SELECT array_agg(id) FROM counts WHERE blocks <= 0) AS unused
       FROM named ORDER BY time, digest`,
    [seqs],
  )
  const [{ unused, parts: touched } = {}] = rows
  const forgotten = Array.isArray(unused)
  if (forgotten) await transaction.execute(`DELETE FROM ${term} WHERE id = ANY ($1::int[])`, [unused])
  const numbers = ((touched as string[] | null | undefined) ?? []).map(part => Number(/_(\d+)"?$/.exec(part)![1]))
  head.erased = [...new Set([...head.erased, ...numbers, ...(forgotten ? [TERMS] : [])])].sort((a, b) => a - b)
  return rows.map(row => {
    head.blocks--
    head.admitted -= row.admitted ? 1 : 0
    head.bytes -= Number(row.size)
    head.waiting -= row.waiting ? 1 : 0
    return {
      seq: Number(row.seq),
      digest: row.digest as Uint8Array,
      time: Number(row.time),
      kind: termName(row.kind_name),
      author: termName(row.author_name),
      expires: row.expires === null ? null : Number(row.expires),
    }
  })
}
