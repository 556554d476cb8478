import {
  MAX_PAGE_LIMIT,
  PAGE_LIMIT,
  readCursor,
  type Place,
  termsAsked,
  writeCursor,
} from '../../../store/for-adapters'
import { type BlockQuery, type Page, type PageQuery } from '../../../store/index'
import { byteArrays, bytea } from './binary-array'
import { columnOf, termBytes, termText } from './block-terms'
import type { Database } from './database'
import { readHead } from './head'
import type { Row } from './pool'
import type { Tables } from './tables'

interface PlannedTerm {
  readonly term: string
  readonly id: number
  readonly blocks: number
  readonly admitted: number
}

/** A query with the ids of its terms; `undefined` instead of it: nothing can be found. */
interface Planned {
  readonly query: BlockQuery
  /** Fewest blocks first. */
  readonly terms: readonly PlannedTerm[]
}

/** The index with the fewest blocks is walked; everything else is asked of each block met there. */
export class BlockSelector {
  readonly #db: Database
  readonly #tables: Tables

  constructor(db: Database, tables: Tables) {
    this.#db = db
    this.#tables = tables
  }

  /** Rows of `block` with what `columns` asks for, in order, after a place. */
  async rows(query: BlockQuery, columns: string, limit: number, after?: Place): Promise<Row[]> {
    const planned = limit > 0 ? await this.#plan(query) : undefined
    if (planned === undefined) return []
    const values: unknown[] = []
    const { from, where, walked } = this.#clauses(planned, values, after)
    const direction = query.reverse ? 'DESC' : 'ASC'
    const order = (name: string) => `ORDER BY ${name}.time ${direction}, ${name}.digest ${direction}`
    // What is read of a block is read after the limit: a plan that read it before could read all of them.
    const found = `SELECT b.* FROM ${from} ${where} ${order(walked)} LIMIT $${values.push(limit)}`
    const sql = `SELECT ${columns} FROM (${found}) b ${order('b')}`
    return this.#db.query(sql, values, { signal: query.signal })
  }

  async count(query: BlockQuery): Promise<number> {
    const planned = await this.#plan(query)
    if (planned === undefined) return 0
    const { limit = Infinity } = query
    const most = Math.max(0, Math.min(limit, Number.MAX_SAFE_INTEGER))
    const all = query.admittedOnly === false
    const [only] = planned.terms
    if (query.since === undefined && query.until === undefined && planned.terms.length < 2) {
      const counted = only ?? (await readHead(this.#db, this.#tables))
      return Math.min(most, all ? counted.blocks : counted.admitted)
    }
    const values: unknown[] = []
    const { from, where } = this.#clauses(planned, values)
    const limited = `SELECT FROM ${from} ${where} LIMIT $${values.push(most)}`
    const [row] = await this.#db.query(`SELECT count(*) FROM (${limited}) found`, values, { signal: query.signal })
    return Number(row!.count)
  }

  async #plan(query: BlockQuery): Promise<Planned | undefined> {
    const asked = termsAsked(query)
    if (asked === undefined) return undefined
    if (asked.length === 0) return { query, terms: [] }
    const rows = await this.#db.query(
      `SELECT id, value, blocks, admitted FROM ${this.#tables.term} WHERE value = ANY ($1::bytea[])`,
      [byteArrays(asked.map(termBytes))],
      { signal: query.signal },
    )
    const terms = rows.map(({ id, value, blocks, admitted }) => {
      return { term: termText(value), id: Number(id), blocks: Number(blocks), admitted: Number(admitted) }
    })
    return terms.length < asked.length ? undefined : { query, terms: terms.sort((a, b) => a.blocks - b.blocks) }
  }

  /** Appends to `values` what the clauses name by number. */
  #clauses({ query, terms }: Planned, values: unknown[], after?: Place) {
    const { since, until, reverse = false, admittedOnly = true } = query
    const [walked, ...others] = terms
    const column = walked && columnOf(walked.term)
    const postings = walked !== undefined && column === undefined
    const name = postings ? 'p' : 'b'
    const conditions: string[] = []
    if (walked)
      conditions.push(postings ? `p.term = $${values.push(walked.id)}` : `b.${column} = $${values.push(walked.id)}`)
    if (since !== undefined && since > 0) conditions.push(`${name}.time >= $${values.push(wholeTime(since))}::bigint`)
    if (until !== undefined && until < Infinity)
      conditions.push(`${name}.time < $${values.push(wholeTime(until))}::bigint`)
    if (after) {
      const [time, digest] = [values.push(after.time), values.push(bytea(after.digest))]
      conditions.push(`(${name}.time, ${name}.digest) ${reverse ? '<' : '>'} ($${time}::bigint, $${digest}::bytea)`)
    }
    const own: string[] = []
    if (admittedOnly) own.push('b.admitted')
    if (others.length > 0) own.push(`b.terms @> $${values.push(others.map(({ id }) => id))}::int[]`)
    const table = this.#tables.block
    if (!postings) return { from: `${table} b`, where: whereOf([...conditions, ...own]), walked: name }
    // `OFFSET 0` keeps the postings the ones that are walked, in their order.
    const joined = `(SELECT * FROM ${table} b ${whereOf(['b.seq = p.seq', ...own])} OFFSET 0) b`
    return { from: `${this.#tables.posting} p CROSS JOIN LATERAL ${joined}`, where: whereOf(conditions), walked: name }
  }

  /** A page of what `read` makes of rows: `undefined` leaves a row out, and the page that much shorter. */
  async page<T>(
    query: PageQuery,
    columns: string,
    epoch: Uint8Array,
    read: (row: Row) => T | undefined,
  ): Promise<Page<T>> {
    const { limit = PAGE_LIMIT } = query
    const most = Math.min(Math.max(0, Math.floor(limit)), MAX_PAGE_LIMIT)
    const after = readCursor(epoch, query)
    const rows = await this.rows(query, columns, most === 0 ? 0 : most + 1, after)
    const page = rows.slice(0, most)
    const items = page.map(read).filter(item => item !== undefined)
    if (rows.length <= most) return { items }
    const last = page.at(-1)!
    const cursor = writeCursor(epoch, query, { time: Number(last.time), digest: last.digest as Uint8Array })
    return { items, cursor }
  }
}

const whereOf = (conditions: readonly string[]) => (conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '')

/** Times are whole, so a bound between two of them is the later one. */
function wholeTime(time: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.ceil(time)))
}
