import { COUNTED } from '../../../store/for-adapters'
import { digestOf, isRetractable, retractedBy, type StoredBlock } from '../../../store/index'
import { bytea, byteArrays } from './binary-array'
import { idOf, termBytes, termName } from './block-terms'
import type { Transaction } from './database'
import { eraseRows } from './erase-rows'
import type { Head } from './head'
import type { Slice } from './repair-tables'
import { storedColumns, storedOf } from './stored-row'
import type { Tables } from './tables'
import type { VectorRows } from './vector-rows'

/** Retractions looked at at once. */
const PAGE = 200

/** What retractions say otherwise than what is held. */
export interface Withdrawals {
  /** The last place looked at; `undefined` when there was none. */
  readonly last: number | undefined
  /** Ids of blocks and stubs that are held although their authors withdrew them. */
  readonly withdrawn: readonly string[]
  /** Places of retractions that wait for what was here, or do not for what never was. */
  readonly untrue: readonly number[]
}

/** Compares the next retractions behind a place of the log with what they withdraw. */
export async function readWithdrawals(
  transaction: Pick<Transaction, 'query'>,
  tables: Tables,
  after: number,
): Promise<Withdrawals> {
  const { block, term } = tables
  const rows = await transaction.query(
    `SELECT ${storedColumns(tables)}, b.waiting FROM ${block} b JOIN ${term} k ON k.id = b.kind
      WHERE k.value = $1 AND b.seq > $2 ORDER BY b.seq LIMIT ${PAGE}`,
    [bytea(termBytes(`${COUNTED.kind}retraction`)), after],
  )
  const retractions = rows.flatMap(row => {
    const stored = readOr(row)
    const target = stored && retractedBy(stored.block)
    const place = { seq: Number(row.seq), waiting: row.waiting === true }
    return stored && target !== undefined ? [{ ...place, author: stored.block.author, target }] : []
  })
  const known = await findTargets(
    transaction,
    tables,
    retractions.map(({ target }) => target),
  )
  const isWithdrawn = ({ author, target }: (typeof retractions)[number]) => {
    const of = known.get(target)
    return of?.author === author && of.kind !== undefined && isRetractable({ kind: of.kind })
  }
  return {
    last: rows.length > 0 ? Number(rows.at(-1)!.seq) : undefined,
    withdrawn: [...new Set(retractions.filter(isWithdrawn).map(({ target }) => target))],
    untrue: retractions.filter(({ target, waiting }) => waiting === known.has(target)).map(({ seq }) => seq),
  }
}

/** Erases what the next retractions behind a place withdraw, and lets those wait whose blocks never were here. */
export async function mendWithdrawals(
  transaction: Transaction,
  tables: Tables,
  head: Head,
  vectors: VectorRows,
  after: number,
): Promise<Slice<number | undefined>> {
  const { last, withdrawn, untrue } = await readWithdrawals(transaction, tables, after)
  const erasure = { reason: 'retracted', digests: withdrawn.map(id => digestOf(id)!) } as const
  const erased = await eraseRows(transaction, tables, head, erasure, vectors)
  if (untrue.length > 0) {
    const rows = await transaction.query(
      `UPDATE ${tables.block} SET waiting = NOT waiting WHERE seq = ANY ($1::bigint[]) RETURNING waiting`,
      [untrue],
    )
    for (const { waiting } of rows) head.waiting += waiting === true ? 1 : -1
  }
  const findings = [...withdrawn.map(id => `blocks.${id}`), ...untrue.map(seq => `ids.${seq}`)]
  return { answer: last, findings, change: { erased } }
}

/** A block that is held has no stub beside it. */
export async function dropDoubledStubs(
  transaction: Transaction,
  { stub, block }: Tables,
  head: Head,
): Promise<Slice<undefined>> {
  const rows = await transaction.query(
    `DELETE FROM ${stub} s USING ${block} b WHERE b.digest = s.digest RETURNING s.seq`,
  )
  head.pruned -= rows.length
  return { answer: undefined, findings: rows.map(({ seq }) => `ids.${Number(seq)}`) }
}

interface Target {
  readonly author?: string
  readonly kind?: string
}

/** Of those of these ids that were ever here; who wrote them, where that is still told. */
async function findTargets(
  transaction: Pick<Transaction, 'query'>,
  { block, stub, log, term }: Tables,
  ids: readonly string[],
): Promise<Map<string, Target>> {
  if (ids.length === 0) return new Map()
  const rows = await transaction.query(
    `SELECT b.digest, a.value AS author, k.value AS kind, true AS held FROM ${block} b JOIN ${term} a ON a.id = b.author
       JOIN ${term} k ON k.id = b.kind WHERE b.digest = ANY ($1::bytea[])
     UNION ALL SELECT digest, author, kind, false FROM ${stub} WHERE digest = ANY ($1::bytea[])
     UNION ALL SELECT digest, NULL, NULL, false FROM ${log} WHERE state = 'e' AND digest = ANY ($1::bytea[])
     UNION ALL SELECT digest, NULL, NULL, false FROM ${log} WHERE state = 'l' AND digest = ANY ($1::bytea[])`,
    [byteArrays(ids.map(id => digestOf(id)!))],
  )
  const found = new Map<string, Target>()
  for (const { digest, author, kind, held } of rows) {
    const id = idOf(digest as Uint8Array)
    const name = (value: unknown) => (held === true ? termName(value) : new TextDecoder().decode(value as Uint8Array))
    if (author !== null) found.set(id, { author: name(author), kind: name(kind) })
    else if (!found.has(id)) found.set(id, {})
  }
  return found
}

function readOr(row: Parameters<typeof storedOf>[0]): StoredBlock | undefined {
  try {
    return storedOf(row)
  } catch {
    return undefined
  }
}
