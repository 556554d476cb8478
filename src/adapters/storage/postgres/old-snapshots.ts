import { CosmicError, throwIfAborted } from '../../../base/index'
import type { Database } from './database'

/** Milliseconds to wait for transactions, which are mostly short. */
const PATIENCE = 1_000
const PAUSE = 10

/**
 * Resolves when no transaction, standby or replication slot can see a row any more that was erased before the call, so that a
 * rewriting leaves none. Rejects with `storage` where one still can after a while.
 */
export async function awaitOldSnapshots(db: Database, signal: AbortSignal | undefined): Promise<void> {
  const [row] = await db.query('SELECT txid_snapshot_xmax(txid_current_snapshot()) % (2::bigint ^ 32)::bigint AS next')
  const next = String(row!.next)
  const end = performance.now() + PATIENCE
  for (let pause = PAUSE; ; pause = Math.min(2 * pause, PATIENCE / 10)) {
    throwIfAborted(signal)
    const [holder] = await db.query(HOLDERS, [next], { signal })
    if (holder === undefined) return
    if (performance.now() >= end) throw stillSeen(holder.name)
    await new Promise(resolve => setTimeout(resolve, pause))
  }
}

/** Who keeps the server from letting go of rows: see `ComputeXidHorizons` in its source. A lazy `VACUUM` does not. */
const HOLDERS = `
  SELECT name FROM (
    SELECT 'process ' || pid AS name, unnest(ARRAY[backend_xmin, backend_xid]) AS since FROM pg_stat_activity
     WHERE pid <> pg_backend_pid() AND (datname IS NULL OR datname = current_database())
       AND pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum)
    UNION ALL SELECT 'prepared transaction ' || gid, transaction FROM pg_prepared_xacts WHERE database = current_database()
    UNION ALL SELECT 'replication slot ' || slot_name, xmin FROM pg_replication_slots
  ) holders WHERE since IS NOT NULL AND age(since) > age($1::text::xid) LIMIT 1`

function stillSeen(name: unknown): CosmicError {
  const hint = `${String(name)} of the server has a transaction open that still sees erased rows: compact again once it has ended`
  return new CosmicError({ code: 'storage', field: 'compact', hint })
}
