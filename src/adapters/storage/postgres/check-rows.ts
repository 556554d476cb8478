import { COUNTED, expiryOf, termsOf } from '../../../store/for-adapters'
import { type StoredBlock } from '../../../store/index'
import { idOf, termText } from './block-terms'
import type { Transaction } from './database'
import type { Row } from './pool'
import { storedColumns, storedOf } from './stored-row'
import type { Tables } from './tables'

/** Rows of `block` read at once. */
const PAGE = 200

/** A row of `block`, judged by its record. */
export interface CheckedRow {
  readonly seq: number
  readonly id: string
  readonly time: number
  /** `undefined`: its record is damaged. */
  readonly stored: StoredBlock | undefined
  readonly waiting: boolean
  /** Its columns say what the record says. */
  readonly isTrue: boolean
}

/** Every row of `block` behind a place of the log, in pages in its order. */
export async function* checkRows(
  db: Pick<Transaction, 'query'>,
  tables: Tables,
  start = 0,
): AsyncGenerator<CheckedRow[], undefined> {
  const { block, term } = tables
  for (let after = start; ;) {
    const rows = await db.query(
      `SELECT ${storedColumns(tables)}, b.kind, b.author, b.model, b.terms, b.expires, b.size, b.waiting
         FROM ${block} b WHERE b.seq > $1 ORDER BY b.seq LIMIT ${PAGE}`,
      [after],
    )
    if (rows.length === 0) return undefined
    const ids = [...new Set(rows.flatMap(({ terms }) => terms as number[]))]
    const named = await db.query(`SELECT id, value FROM ${term} WHERE id = ANY ($1::int[])`, [ids])
    const names = new Map(named.map(({ id, value }) => [Number(id), termText(value)]))
    yield rows.map(row => checkRow(row, names))
    after = Number(rows.at(-1)!.seq)
  }
}

function checkRow(row: Row, names: ReadonlyMap<number, string>): CheckedRow {
  const place = { seq: Number(row.seq), id: idOf(row.digest as Uint8Array), time: Number(row.time) }
  const stored = readOr(row)
  const isTrue = stored !== undefined && agrees(row, stored, names)
  return { ...place, stored, waiting: row.waiting === true, isTrue }
}

function readOr(row: Row): StoredBlock | undefined {
  try {
    return storedOf(row)
  } catch {
    return undefined
  }
}

function agrees(row: Row, { block }: StoredBlock, names: ReadonlyMap<number, string>): boolean {
  const expected = termsOf(block)
  const found = (row.terms as number[]).map(id => names.get(Number(id)))
  const columns = (['kind', 'author', 'model'] as const).every(
    column =>
      (names.get(Number(row[column])) ?? '') === (expected.find(term => term.startsWith(COUNTED[column])) ?? ''),
  )
  const terms = found.length === expected.length && expected.every(term => found.includes(term))
  const numbers = Number(row.time) === block.time && Number(row.expires) === expiryOf(block)
  return columns && terms && numbers && Number(row.size) === block.bytes.length
}
