import { throwIfAborted } from '../../../base/index'
import type { Database } from './database'
import { type Notice, readHead, writeHead } from './head'
import { storedColumns, storedOf } from './stored-row'
import type { Tables } from './tables'
import type { VectorRows } from './vector-rows'

/** Blocks whose vectors are written in one transaction. */
const PAGE = 500

/** Writes the vectors of what was stored before there were any, a page at a time; goes on where another process left off. */
export async function fillVectors(
  db: Database,
  tables: Tables,
  rows: VectorRows,
  notice: Notice,
  signal?: AbortSignal,
): Promise<void> {
  for (let done = false; !done;) {
    throwIfAborted(signal)
    done = await db.transaction(async transaction => {
      const head = await readHead(transaction, tables, { lock: true })
      if (head.vectors !== 'filling') return true
      const page = await transaction.query(
        `SELECT ${storedColumns(tables)} FROM ${tables.block} b
          WHERE b.seq > (SELECT filled FROM ${tables.store}) AND b.model IS NOT NULL AND b.admitted ORDER BY b.seq LIMIT ${PAGE}`,
      )
      await rows.insert(transaction, head, page.flatMap(readable))
      const last = page.at(-1)
      if (last) await transaction.execute(`UPDATE ${tables.store} SET filled = $1`, [last.seq])
      if (page.length === PAGE) return false
      head.vectors = 'ready'
      await writeHead(transaction, tables, head, notice)
      return true
    })
  }
}

/** A damaged block is passed over: when it is put again it brings its vector. */
function readable(row: Parameters<typeof storedOf>[0]) {
  try {
    return [{ ...storedOf(row), seq: Number(row.seq) }]
  } catch {
    return []
  }
}
