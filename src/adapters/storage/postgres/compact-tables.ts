import type { CompactionOptions } from '../../../store/index'
import { throwIfAborted } from '../../../base/index'
import type { Database } from './database'
import { readHead } from './head'
import type { Tables } from './tables'

/** Lines of changes are kept so long for processes that are behind, in SQL. */
const KEPT = "interval '1 day'"
/** What stands in `erased` for other tables; numbers from 0 on are parts of the records. */
export const VECTORS = -1
export const TERMS = -2

/**
 * Rewrites the tables that hold erased bytes, one after the other: `VACUUM` alone would leave the bytes in their pages until
 * something is written over them. While a part of the records (a sixteenth) is rewritten, reading and writing in it waits. Every
 * call rewrites at least one; those for which there is no time left are left for the next call.
 */
export async function compactTables(db: Database, tables: Tables, options: CompactionOptions): Promise<boolean> {
  const { budgetMs = Infinity, signal, onProgress } = options
  const start = performance.now()
  await db.query(`DELETE FROM ${tables.change} WHERE at < now() - ${KEPT}`, [], { signal })
  const { erased } = await readHead(db, tables)
  for (const [done, part] of erased.entries()) {
    throwIfAborted(signal)
    if (done > 0 && performance.now() - start >= budgetMs) return false
    await rewrite(db, tables, part, signal)
    onProgress?.(done + 1, erased.length)
  }
  return true
}

async function rewrite(db: Database, tables: Tables, part: number, signal: AbortSignal | undefined): Promise<void> {
  const { store, record, vector, term } = tables
  const table = part === VECTORS ? vector : part === TERMS ? term : `${record}_${part}`
  // What is erased from here on marks the part again.
  await db.query(`UPDATE ${store} SET erased = array_remove(erased, $1)`, [part])
  try {
    await db.maintain(connection => connection.query(`VACUUM (FULL) ${table}`), 0, { signal })
  } catch (error) {
    await db.query(`UPDATE ${store} SET erased = array_append(array_remove(erased, $1), $1)`, [part])
    throwIfAborted(signal)
    throw error
  }
}
