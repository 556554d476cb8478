import { equal } from '../../../base/index'
import { nextChain } from '../../../store/index'
import { byteArrays } from './binary-array'
import type { Transaction } from './database'
import { lineState } from './expected'
import type { Head } from './head'
import type { Slice } from './repair-tables'
import type { Tables } from './tables'

/** Lines looked at in one slice. */
const PAGE = 1_000

/** How far the chain was followed. */
export interface LogEnd {
  readonly seq: number
  readonly chain: Uint8Array
}

/** Lines that stubs should have, where others or none are. */
export async function insertStubLines(transaction: Transaction, { log, stub }: Tables): Promise<Slice<undefined>> {
  const rows = await transaction.query(
    `INSERT INTO ${log} AS l (seq, digest, time, chain, state)
       SELECT s.seq, s.digest, s.time, ''::bytea, 'p' FROM ${stub} s LEFT JOIN ${log} o ON o.seq = s.seq
        WHERE o.digest IS DISTINCT FROM s.digest
     ON CONFLICT (seq) DO UPDATE SET digest = excluded.digest, time = excluded.time, state = excluded.state RETURNING l.seq`,
  )
  return { answer: undefined, findings: rows.map(({ seq }) => `log.${Number(seq)}`) }
}

/** The next lines of the log, with their states and their chain; at its end, that of the store. */
export async function mendLines(
  transaction: Transaction,
  tables: Tables,
  head: Head,
  { seq, chain }: LogEnd,
): Promise<Slice<LogEnd | undefined>> {
  const last = Math.min(seq + PAGE, head.seq)
  const wrong = await mendStates(transaction, tables, seq, last)
  const rows = await transaction.query(
    `SELECT seq, digest, chain FROM ${tables.log} WHERE seq > $1 AND seq <= $2 ORDER BY seq`,
    [seq, last],
  )
  const chains: LogEnd[] = []
  let end: LogEnd = { seq, chain }
  for (const row of rows) {
    end = { seq: Number(row.seq), chain: nextChain(end.chain, row.digest as Uint8Array) }
    if (!equal(end.chain, row.chain as Uint8Array)) chains.push(end)
  }
  await writeChains(transaction, tables, chains)
  const findings = [...wrong, ...chains.slice(0, 1).map(each => each.seq)].map(each => `log.${each}`)
  if (last < head.seq) return { answer: { seq: last, chain: end.chain }, findings }
  if (!equal(head.chain, end.chain) || head.seq !== end.seq) findings.push('totals')
  Object.assign(head, end)
  return { answer: undefined, findings }
}

/** Digests, times and states of lines between two places, the later one among them; answers which were others. */
async function mendStates(transaction: Transaction, tables: Tables, after: number, last: number): Promise<number[]> {
  const { log, block, stub } = tables
  const rows = await transaction.query(
    `WITH held AS (
       SELECT seq, digest, time, 'h' AS state FROM ${block} WHERE seq > $1 AND seq <= $2
       UNION ALL SELECT s.seq, s.digest, s.time, 'p' FROM ${log} l JOIN ${stub} s ON s.digest = l.digest AND s.seq = l.seq
                  WHERE l.seq > $1 AND l.seq <= $2),
     expected AS (
       SELECT coalesce(l.seq, h.seq) AS seq, coalesce(h.digest, l.digest) AS digest, coalesce(h.time, l.time) AS time,
              ${lineState(tables)} AS state, l.digest AS was_digest, l.time AS was_time, l.state AS was
         FROM (SELECT * FROM ${log} WHERE seq > $1 AND seq <= $2) l FULL JOIN held h ON h.seq = l.seq)
     INSERT INTO ${log} AS l (seq, digest, time, chain, state)
       SELECT seq, digest, time, ''::bytea, state::"char" FROM expected
        WHERE (digest, time, state) IS DISTINCT FROM (was_digest, was_time, was::text)
     ON CONFLICT (seq) DO UPDATE SET digest = excluded.digest, time = excluded.time, state = excluded.state RETURNING l.seq`,
    [after, last],
  )
  return rows.map(({ seq }) => Number(seq)).sort((a, b) => a - b)
}

async function writeChains(transaction: Transaction, { log }: Tables, ends: readonly LogEnd[]): Promise<void> {
  if (ends.length === 0) return
  await transaction.execute(
    `UPDATE ${log} l SET chain = c.chain FROM unnest($1::bigint[], $2::bytea[]) AS c (seq, chain) WHERE l.seq = c.seq`,
    [ends.map(({ seq }) => seq), byteArrays(ends.map(({ chain }) => chain))],
  )
}
