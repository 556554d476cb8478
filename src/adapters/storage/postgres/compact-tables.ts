import type { CompactOptions } from '../../../store/index'
import { throwIfAborted } from '../../../base/index'
import type { Database } from './database'
import { readHead } from './head'
import { stateOf } from './postgres-error'
import type { Tables } from './tables'

const BUDGET = 1_000
/** Lines of changes are kept so long for processes that are behind, in SQL. */
const KEPT = "interval '1 day'"
/** What stands in `erased` for other tables; numbers from 0 on are parts of the records. */
export const VECTORS = -1
export const TERMS = -2

/**
 * Rewrites the tables that hold erased bytes, one after the other: `VACUUM` alone would leave the bytes in their pages until
 * something is written over them. While a part of the records is rewritten (a sixteenth), reading and writing in it waits.
 * A part that does not fit into the budget is left as it is for the next call.
 */
export async function compactTables(db: Database, tables: Tables, options: CompactOptions): Promise<boolean> {
  const { budgetMs = BUDGET, signal, onProgress } = options
  const end = performance.now() + budgetMs
  await db.query(`DELETE FROM ${tables.change} WHERE at < now() - ${KEPT}`, [], { signal })
  const { erased } = await readHead(db, tables)
  for (const [done, part] of erased.entries()) {
    onProgress?.(done, erased.length)
    throwIfAborted(signal)
    const left = end - performance.now()
    if (left <= 0 || !(await rewrite(db, tables, part, left, signal))) return false
  }
  onProgress?.(erased.length, erased.length)
  return true
}

/** False when there was not enough time. */
async function rewrite(db: Database, tables: Tables, part: number, left: number, signal: AbortSignal | undefined) {
  const { store, record, vector, term } = tables
  const table = part === VECTORS ? vector : part === TERMS ? term : `${record}_${part}`
  // What is erased from here on marks the part again.
  await db.query(`UPDATE ${store} SET erased = array_remove(erased, $1)`, [part])
  try {
    await db.maintain(connection => connection.query(`VACUUM (FULL) ${table}`), left, { signal })
    return true
  } catch (error) {
    await db.query(`UPDATE ${store} SET erased = array_append(array_remove(erased, $1), $1)`, [part])
    throwIfAborted(signal)
    const { limit } = error as { limit?: unknown }
    if (limit === '57014' || stateOf(error) === '57014') return false
    throw error
  }
}
