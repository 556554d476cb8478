import { bytea } from './binary-array'
import type { Transaction } from './database'
import { WITHOUT_POSTINGS } from './expected'
import type { Slice } from './repair-tables'
import type { Tables } from './tables'

/** Postings looked at in one slice. */
const PAGE = 5_000

/** A place in the order of postings. */
export interface PostingPlace {
  readonly term: number
  readonly time: number
  readonly digest: Uint8Array
}

export const BEFORE_ALL: PostingPlace = { term: -1, time: 0, digest: new Uint8Array(0) }

/** Deletes what no block has of the next postings behind a place. Answers the last of them. */
export async function dropForeignPostings(
  transaction: Transaction,
  { posting, block, term }: Tables,
  after: PostingPlace,
): Promise<Slice<PostingPlace | undefined>> {
  const [row] = await transaction.query(
    `WITH page AS MATERIALIZED (
       SELECT term, time, digest, seq FROM ${posting} WHERE (term, time, digest) > ($1::int, $2::bigint, $3::bytea)
        ORDER BY term, time, digest LIMIT ${PAGE}),
     own AS (
       SELECT p.term, p.time, p.digest FROM page p JOIN ${block} b ON b.seq = p.seq AND b.digest = p.digest AND b.time = p.time
          AND p.term = ANY (b.terms) JOIN ${term} t ON t.id = p.term AND ${WITHOUT_POSTINGS('t')} IS FALSE),
     gone AS (
       DELETE FROM ${posting} d USING page p WHERE d.term = p.term AND d.time = p.time AND d.digest = p.digest
          AND NOT EXISTS (SELECT FROM own o WHERE o.term = p.term AND o.time = p.time AND o.digest = p.digest) RETURNING 1)
     SELECT term, time, digest, (SELECT count(*) FROM gone) AS gone FROM page ORDER BY term DESC, time DESC, digest DESC LIMIT 1`,
    [after.term, after.time, bytea(after.digest)],
  )
  if (row === undefined) return { answer: undefined }
  const answer = { term: Number(row.term), time: Number(row.time), digest: row.digest as Uint8Array }
  return { answer, findings: Number(row.gone) > 0 ? ['indexes'] : [] }
}
