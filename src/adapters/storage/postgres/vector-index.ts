import type { Database } from './database'
import type { Tables } from './tables'
import type { VectorTypes } from './vector-schema'

/** Dimensions that pgvector can index. */
const MAX_DIMS = 2_000

/**
 * Builds the indexes that are wanting, beside readers and writers, one process at a time. Answers how many it built. An index
 * that a broken build left behind is built anew.
 */
export async function buildIndexes(
  db: Database,
  tables: Tables,
  types: VectorTypes,
  from: number,
  signal?: AbortSignal,
): Promise<number> {
  const { quoted, space, vector, schema } = tables
  return db.maintain(
    async connection => {
      const lock = `hashtextextended('cosmic-embeddings/vectors ' || $1, 0)`
      const [{ free } = {}] = await connection.query(`SELECT pg_try_advisory_lock(${lock}) AS free`, [schema])
      if (!free) return 0
      try {
        const wanting = await connection.query(
          `SELECT s.model, s.dims, i.indexrelid IS NOT NULL AS broken
             FROM ${space} s LEFT JOIN pg_index i ON i.indexrelid = to_regclass($1 || '.hnsw_' || s.model || '_' || s.dims)
            WHERE s.size >= $2 AND s.dims <= $3 AND i.indisvalid IS NOT TRUE ORDER BY s.size DESC`,
          [quoted, from, MAX_DIMS],
        )
        for (const { model, dims, broken } of wanting) {
          const [m, d] = [Number(model), Number(dims)]
          if (broken) await connection.query(`DROP INDEX CONCURRENTLY IF EXISTS ${quoted}.hnsw_${m}_${d}`)
          await connection.query(
            `CREATE INDEX CONCURRENTLY hnsw_${m}_${d} ON ${vector}
               USING hnsw ((unit::${types.schema}.vector(${d})) ${types.schema}.vector_ip_ops) WHERE model = ${m} AND dims = ${d}`,
          )
        }
        return wanting.length
      } finally {
        await connection.query(`SELECT pg_advisory_unlock(${lock})`, [schema])
      }
    },
    0,
    { signal },
  )
}
