import { type SpaceError, spaceErrors } from './mend-vectors'
import { TERMS } from './erased-marks'
import type { Transaction } from './database'
import { countsOf, totalsOf } from './expected'
import { type Head, readHead } from './head'
import type { Tables } from './tables'

const TOTALS = ['blocks', 'admitted', 'bytes', 'pruned', 'waiting'] as const

/** How much more the counts of a term say than there is. */
interface TermError {
  readonly id: number
  readonly blocks: number
  readonly admitted: number
  readonly bytes: number
}

export interface CountErrors {
  readonly terms: readonly TermError[]
  /** By their names in `store`; without those that are right. */
  readonly totals: ReadonlyMap<(typeof TOTALS)[number], number>
  readonly spaces: readonly SpaceError[]
}

/** What counts say too much, in one state. */
export async function countErrors(transaction: Transaction, tables: Tables): Promise<CountErrors> {
  const excess = (name: string) => `t.${name} - coalesce(g.${name}, 0) AS ${name}`
  const terms = await transaction.query(
    `SELECT t.id, ${['blocks', 'admitted', 'bytes'].map(excess).join(', ')}
       FROM ${tables.term} t LEFT JOIN (${countsOf(tables)}) g ON g.term = t.id
      WHERE (t.blocks, t.admitted, t.bytes) IS DISTINCT FROM (g.blocks, g.admitted, g.bytes)`,
  )
  const head = await readHead(transaction, tables)
  const [row] = await transaction.query(totalsOf(tables))
  const totals = TOTALS.map(name => [name, head[name] - Number(row![name])] as const)
  const spaces = await spaceErrors(transaction, tables, head)
  return { terms: terms.map(termError), totals: new Map(totals.filter(([, error]) => error !== 0)), spaces }
}

const termError = ({ id, blocks, admitted, bytes }: Record<string, unknown>): TermError => ({
  ...{ id: Number(id), blocks: Number(blocks), admitted: Number(admitted), bytes: Number(bytes) },
})

/** Takes errors off. Ids of terms stay, since vectors name them; a term that no block has goes. */
export async function mendTerms(
  transaction: Transaction,
  { term }: Tables,
  head: Head,
  errors: readonly TermError[],
): Promise<void> {
  const ids = errors.map(({ id }) => id)
  await transaction.execute(
    `UPDATE ${term} t SET blocks = t.blocks - e.blocks, admitted = t.admitted - e.admitted, bytes = t.bytes - e.bytes
       FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[]) AS e (id, blocks, admitted, bytes) WHERE t.id = e.id`,
    [ids, ...(['blocks', 'admitted', 'bytes'] as const).map(name => errors.map(error => error[name]))],
  )
  const gone = await transaction.execute(`DELETE FROM ${term} WHERE blocks <= 0 AND id = ANY ($1::int[])`, [ids])
  if (gone > 0 && !head.erased.includes(TERMS)) head.erased.push(TERMS)
}

export function mendTotals(head: Head, errors: CountErrors['totals']): void {
  for (const [name, error] of errors) head[name] -= error
}
