import { random } from '#platform'
import type { Database, Transaction } from './database'
import type { Tables } from './tables'

/** What stands in `erased` for other tables; numbers from 0 on are parts of the records. */
export const VECTORS = -1
export const TERMS = -2
export const SIDE = -3

/** A mark under work is `WORK * n + part + SHIFT`: whoever works on it takes away its own `n` and no other. */
const WORK = 1_000
const SHIFT = 100
const MOST = 2_000_000

/** The part that a mark stands for, whether somebody works on it or did when the process or the server ended. */
export const partOf = (mark: number) => (mark < WORK ? mark : (mark % WORK) - SHIFT)

/** Shared by whoever erases from `side` without the lock of a writer, alone for whoever takes up the marks. */
const sideLock = ({ schema }: Tables) => `cosmic-embeddings/side ${schema}`

export interface TakenMarks {
  readonly parts: readonly number[]
  /** What held erased bytes of this part when the marks were taken up does so no more. */
  clear(part: number): Promise<void>
}

/**
 * Takes up every mark: an erasure from here on makes a new one, so that `clear` takes away only what it stands for. Until
 * then the marks are there, also across a crash.
 */
export async function takeMarks(db: Database, tables: Tables): Promise<TakenMarks> {
  const number = WORK * (1 + (new DataView(random.bytes(4).buffer).getUint32(0) % MOST))
  const parts = await db.transaction(async transaction => {
    await transaction.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [sideLock(tables)])
    const [row] = await transaction.query(`SELECT erased FROM ${tables.store} FOR UPDATE`)
    const marked = [...new Set((row!.erased as unknown[]).map(Number).map(partOf))].sort((a, b) => a - b)
    if (marked.length > 0) {
      const taken = marked.map(part => number + part + SHIFT)
      await transaction.execute(`UPDATE ${tables.store} SET erased = $1::int[]`, [taken])
    }
    return marked
  })
  const clear = async (part: number) => {
    await db.query(`UPDATE ${tables.store} SET erased = array_remove(erased, $1::int)`, [number + part + SHIFT])
  }
  return { parts, clear }
}

/** Notes that `side` holds erased bytes, in the transaction that erased them. */
export async function markSide(transaction: Transaction, tables: Tables): Promise<void> {
  await transaction.query('SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))', [sideLock(tables)])
  const sql = `UPDATE ${tables.store} SET erased = array_append(erased, $1::int) WHERE NOT erased @> ARRAY[$1::int]`
  await transaction.execute(sql, [SIDE])
}
