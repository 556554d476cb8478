import type { CompactionOptions } from '../../../store/index'
import { throwIfAborted } from '../../../base/index'
import type { Database } from './database'
import { SIDE, takeMarks, TERMS, VECTORS } from './erased-marks'
import { awaitOldSnapshots } from './old-snapshots'
import type { Tables } from './tables'

/** Lines of changes are kept so long for processes that are behind, in SQL. */
const KEPT = "interval '1 day'"
/**
 * Rewrites the tables that hold erased bytes, one after the other: `VACUUM` alone would leave the bytes in their pages until
 * something is written over them. A mark goes only after its table was rewritten without them. While a part of the records (a sixteenth) is rewritten, reading and writing in it waits. Every
 * call rewrites at least one, or rejects with `storage` where a transaction keeps erased rows alive; those for which there is no time left are left for the next call.
 */
export async function compactTables(db: Database, tables: Tables, options: CompactionOptions): Promise<boolean> {
  const { budgetMs = Infinity, signal, onProgress } = options
  const start = performance.now()
  await db.query(`DELETE FROM ${tables.change} WHERE at < now() - ${KEPT}`, [], { signal })
  const { parts, clear } = await takeMarks(db, tables)
  if (parts.length > 0) await awaitOldSnapshots(db, signal)
  for (const [done, part] of parts.entries()) {
    throwIfAborted(signal)
    if (done > 0 && performance.now() - start >= budgetMs) return false
    await db.maintain(connection => connection.query(`VACUUM (FULL) ${tableOf(tables, part)}`), 0, { signal })
    await clear(part)
    onProgress?.(done + 1, parts.length)
  }
  return true
}

function tableOf({ record, vector, term, side }: Tables, part: number): string {
  const others: Record<number, string> = { [VECTORS]: vector, [TERMS]: term, [SIDE]: side }
  return others[part] ?? `${record}_${part}`
}
