import type { SearchFilter } from '../../../search/index'
import { byteArrays } from './binary-array'
import { COUNTED } from '../../../store/for-adapters'
import { termBytes, termText } from './block-terms'
import type { Database } from './database'
import type { Tables } from './tables'

/** Mean radius of the Earth (IUGG), in metres. */
const EARTH = 6_371_008.8

/** Conditions on rows named `v`; their parameters are the first ones of the statement. */
export interface FilterClause {
  readonly conditions: readonly string[]
  readonly values: readonly unknown[]
  /** No more vectors than this can pass. */
  readonly atMost: number
}

/** SQL of a filter; `undefined` when nothing can pass it. Without `now` nothing has expired. */
export async function filterClause(
  { db, tables, indexFrom }: { readonly db: Database; readonly tables: Tables; readonly indexFrom: number },
  where: SearchFilter,
  now: number | undefined,
  signal: AbortSignal | undefined,
): Promise<FilterClause | undefined> {
  const { since, until, near, tags = [], author } = where
  const asked = [
    ...new Set([...tags.map(tag => COUNTED.tag + tag), ...(author === undefined ? [] : [COUNTED.author + author])]),
  ]
  const terms = asked.length > 0 ? await findTerms(db, tables, asked, signal) : []
  if (terms.length < asked.length) return undefined
  const values: unknown[] = []
  const conditions: string[] = []
  if (now !== undefined) conditions.push(`(v.expires IS NULL OR v.expires > $${values.push(now)}::float8)`)
  if (since !== undefined && since !== -Infinity) conditions.push(`v.time >= $${values.push(since)}::float8`)
  if (until !== undefined && until !== Infinity) conditions.push(`v.time < $${values.push(until)}::float8`)
  if (terms.length > 0) conditions.push(`v.terms @> $${values.push(terms.map(({ id }) => id))}::int[]`)
  const [rarest] = terms.toSorted((a, b) => a.blocks - b.blocks)
  if (rarest && rarest.blocks < indexFrom) {
    const id = `$${values.push(rarest.id)}`
    const looked = rarest.term.startsWith(COUNTED.tag)
      ? `SELECT p.seq FROM ${tables.posting} p WHERE p.term = ${id}`
      : `SELECT b.seq FROM ${tables.block} b WHERE b.author = ${id}`
    conditions.push(`v.seq IN (${looked})`)
  }
  if (near) conditions.push(circle(near, values))
  return { conditions, values, atMost: rarest?.blocks ?? Infinity }
}

/** The haversine of the angle, compared as such; latitudes first, since they cost little. */
function circle({ latitude, longitude, radius }: NonNullable<SearchFilter['near']>, values: unknown[]): string {
  const [north, east] = [`$${values.push(latitude)}::float8`, `$${values.push(longitude)}::float8`]
  const most = `$${values.push(Math.sin(Math.min(Math.PI, radius / EARTH) / 2) ** 2)}::float8`
  const reach = `$${values.push((radius / EARTH) * (180 / Math.PI) + 1e-6)}::float8`
  const along = `power(sin(radians(v.latitude - ${north}) / 2), 2)`
  const across = `power(sin(radians(v.longitude - ${east}) / 2), 2)`
  const angle = `${along} + cos(radians(${north})) * cos(radians(v.latitude)) * ${across}`
  return `v.latitude BETWEEN ${north} - ${reach} AND ${north} + ${reach} AND ${angle} <= ${most}`
}

async function findTerms(db: Database, { term }: Tables, asked: readonly string[], signal: AbortSignal | undefined) {
  const sql = `SELECT id, value, blocks FROM ${term} WHERE value = ANY ($1::bytea[])`
  const rows = await db.query(sql, [byteArrays(asked.map(termBytes))], { signal })
  return rows.map(({ id, value, blocks }) => ({ id: Number(id), term: termText(value), blocks: Number(blocks) }))
}
