import { CosmicError } from '../../../base/index'
import { directionOf, NOTHING_FOUND, wrongLength } from '../../../search/for-adapters'
import {
  checkFilter,
  checkSearch,
  type Direction,
  type Metric,
  type Predicate,
  recallOf,
  type SearchQuery,
  type SearchResult,
  type SearchSpace,
  type VectorSearch,
  type VectorSearchPorts,
} from '../../../search/index'
import { COUNTED } from '../../../store/for-adapters'
import { type StoredBlock } from '../../../store/index'
import { termBytes, termName } from './block-terms'
import type { Database, Transaction } from './database'
import { distributionOf, Judge } from './judged-rows'
import type { Row } from './pool'
import { doubtOf, exactHits, type RoundedRow, roundedRows, scoreColumns } from './rounded-rows'
import type { Tables } from './tables'
import { type FilterClause, filterClause } from './vector-filter'
import { encodeVector } from './vector-rows'
import type { VectorTypes } from './vector-schema'

/** Scores of which mean and deviation are told where not all are known. */
const SAMPLE = 1_024
/** Rows that a scan of an index may visit for a filter. */
const MAX_VISITED = 100_000
/** An index knows its way where scores spread so many times as far as rounding goes. */
const TELLING = 16
/** Those first that may be the nearest. */
const NEAREST = 'high DESC, f.digest'
/** Lengths that differ less are one: then every metric orders alike. */
const SAME_LENGTH = 1e-5

export interface PushedSearchParts {
  readonly db: Database
  readonly tables: Tables
  readonly types: VectorTypes
  readonly indexFrom: number
  getMany(ids: readonly string[]): Promise<(StoredBlock | undefined)[]>
}

/** A model's vectors of one length, as the table of spaces has them. */
interface Space {
  readonly model: number
  readonly dims: number
  readonly size: number
  readonly expiring: number
  readonly indexed: boolean
  readonly uniform: boolean
}

interface Asked {
  readonly space: Space
  readonly query: Direction
  readonly metric: Metric
  readonly k: number
  readonly minScore: number
  readonly recall: number
  readonly filter: FilterClause
  readonly signal: AbortSignal | undefined
}

/**
 * Search in the server, with the meaning of `SearchEngine`: the same answers where it compares one by one, and nearly the same
 * where it walks an index of pgvector, of which `recall` sets the effort.
 */
export class PgvectorSearch implements VectorSearch {
  readonly thread = 'server'
  readonly #parts: PushedSearchParts
  readonly #ports: VectorSearchPorts
  #closed = false

  constructor(parts: PushedSearchParts, ports: VectorSearchPorts) {
    this.#parts = parts
    this.#ports = ports
  }

  async look() {
    const { db, tables } = this.#parts
    const rows = await db.query(
      `SELECT t.value, s.dims, s.size FROM ${tables.space} s JOIN ${tables.term} t ON t.id = s.model ORDER BY s.model, s.dims`,
    )
    const spaces = rows.map(({ value, dims, size }): SearchSpace => {
      return { model: termName(value), dims: Number(dims), size: Number(size), bytes: 0 }
    })
    return { kernels: 'pgvector' as const, spaces, bytes: 0, omitted: 0 }
  }

  async search(query: SearchQuery): Promise<SearchResult> {
    if (this.#closed) throw new CosmicError({ code: 'closed', field: 'search' })
    checkSearch(query)
    const { predicates = {} } = this.#ports
    const { vector, model, k = 10, where = {}, metric = 'cosine', signal } = query
    checkFilter(where, predicates)
    const { minScore = metric === 'cosine' ? -1 : -Infinity } = query
    const direction = directionOf(vector)
    const spaces = await this.#spacesOf(model, signal)
    const space = spaces.find(({ dims }) => dims === vector.length)
    if (spaces.length > 0 && space === undefined)
      throw wrongLength(
        model,
        spaces.map(({ dims }) => dims),
      )
    if (direction === undefined)
      throw new CosmicError({ code: 'bad-value', field: 'vector', hint: 'a vector of zeros has no direction' })
    const { model: asked = model, kind = 'embedding' } = where
    if (space === undefined || asked !== model || kind !== 'embedding') return NOTHING_FOUND
    const filter = await filterClause(this.#parts, where, this.#ports.clock?.now(), signal)
    if (filter === undefined) return NOTHING_FOUND
    const request = { space, query: direction, metric, k, minScore, recall: recallOf(query), filter, signal }
    const conditions = (where.predicates ?? []).map(name => predicates[name]!)
    if (conditions.length > 0) return this.#satisfying(request, conditions)
    return this.#isWalked(request) ? this.#walk(request) : this.#compare(request)
  }

  close(): void {
    this.#closed = true
  }

  async #spacesOf(model: string, signal: AbortSignal | undefined): Promise<Space[]> {
    const { db, tables } = this.#parts
    const rows = await db.query(
      `SELECT s.*, i.indisvalid AS indexed FROM ${tables.space} s JOIN ${tables.term} t ON t.id = s.model
         LEFT JOIN pg_index i ON i.indexrelid = to_regclass($2 || '.hnsw_' || s.model || '_' || s.dims) WHERE t.value = $1::bytea`,
      [Buffer.from(termBytes(COUNTED.model + model)), tables.quoted],
      { signal },
    )
    return rows.map(row => ({
      ...{ model: Number(row.model), dims: Number(row.dims), size: Number(row.size), expiring: Number(row.expiring) },
      indexed: row.indexed === true,
      uniform: Number(row.high) <= Number(row.low) * (1 + SAME_LENGTH),
    }))
  }

  /** Whether an index is walked: there is one, it orders by this metric, and it is the shorter way. */
  #isWalked({ space, metric, recall, filter }: Asked): boolean {
    const passing = Math.min(space.size, filter.atMost)
    return recall < 1 && space.indexed && (metric === 'cosine' || space.uniform) && passing >= this.#parts.indexFrom
  }

  /** Every vector that passes, one by one; of those in doubt the numbers of the blocks decide. */
  async #compare(asked: Asked): Promise<SearchResult> {
    const { k, minScore, signal } = asked
    const { found, values } = this.#found(asked)
    const { score, low, high } = scoreColumns(asked)
    const least = minScore === -Infinity ? '' : `AND ${high} >= $${values.push(minScore)}::float8`
    const rows = await this.#parts.db.query(
      `WITH f AS MATERIALIZED (${found}),
         whole AS (SELECT count(*) AS scanned, avg(${score}) AS mean, stddev_pop(${score}) AS deviation FROM f),
         edge AS (SELECT ${low} AS low FROM f ORDER BY 1 DESC OFFSET ${k - 1} LIMIT 1),
         best AS (SELECT digest, ${score} AS score, ${low} AS low, ${high} AS high FROM f
                  WHERE ${high} >= coalesce((SELECT low FROM edge), '-Infinity'::float8) ${least})
       SELECT whole.*, best.* FROM whole LEFT JOIN best ON true`,
      values,
      { signal },
    )
    const { scanned, mean, deviation } = rows[0]!
    const { hits, ...expected } = await exactHits(roundedRows(rows), asked, this.#parts.getMany)
    return { hits, scanned: Number(scanned), mean: Number(mean ?? 0), deviation: Number(deviation ?? 0), ...expected }
  }

  /** SQL of every vector that passes, with its cosine, and what its parameters stand for. */
  #found({ space, filter, query }: Asked): { found: string; values: unknown[]; vector: string } {
    const { tables, types } = this.#parts
    const values: unknown[] = [...filter.values]
    const vector = `$${values.push(encodeVector(query.unit))}`
    const where = [`v.model = ${space.model}`, `v.dims = ${space.dims}`, ...filter.conditions].join(' AND ')
    const cosine = `-(v.unit OPERATOR(${types.schema}.<#>) ${vector}::${types.schema}.vector)`
    return {
      found: `SELECT v.digest, v.norm, v.sample, ${cosine} AS cosine FROM ${tables.vector} v WHERE ${where}`,
      ...{ values, vector },
    }
  }

  /**
   * The nearest by an index. Where fewer come than were asked for the index gave up, and where rounding is most of what sets vectors apart
   * it knows no way: then all are compared.
   */
  async #walk(asked: Asked): Promise<SearchResult> {
    const { k, signal, space, filter } = asked
    const { db, types, getMany } = this.#parts
    const result = await db.read(
      async transaction => {
        await transaction.query(`SET LOCAL hnsw.ef_search = ${effort(asked)}`)
        if (types.iterative) {
          await transaction.query(`SET LOCAL hnsw.iterative_scan = 'strict_order'`)
          await transaction.query(`SET LOCAL hnsw.max_scan_tuples = ${MAX_VISITED}`)
        }
        const rows = roundedRows(await this.#nearest(transaction, asked))
        if (rows.length < Math.min(k, filter.conditions.length > 0 ? k : space.size)) return undefined
        const sampled = await this.#sampled(transaction, asked)
        return sampled.deviation > TELLING * doubtOf(rows.at(-1)!) ? { rows, sampled } : undefined
      },
      { signal },
    )
    if (!result) return this.#compare(asked)
    const { hits } = await exactHits(result.rows, asked, getMany)
    return { hits, ...result.sampled }
  }

  #nearest(transaction: Transaction, asked: Asked): Promise<Row[]> {
    const { types } = this.#parts
    const { space, k } = asked
    const { found, values, vector } = this.#found(asked)
    const { score, low, high } = scoreColumns(asked)
    const type = `${types.schema}.vector(${space.dims})`
    return transaction.query(
      `SELECT f.digest, ${score} AS score, ${low} AS low, ${high} AS high FROM (${found}
        ORDER BY (v.unit::${type}) OPERATOR(${types.schema}.<#>) ${vector}::${type} LIMIT ${k}) f`,
      values,
    )
  }

  async #sampled(transaction: Transaction, asked: Asked): Promise<Omit<SearchResult, 'hits'>> {
    const { space, filter } = asked
    const { found, values } = this.#found(asked)
    const { score } = scoreColumns(asked)
    const [row] = await transaction.query(
      `SELECT avg(${score}) AS mean, stddev_pop(${score}) AS deviation FROM (${found} ORDER BY v.sample LIMIT ${SAMPLE}) f`,
      values,
    )
    const scanned = filter.conditions.length === 0 ? space.size : await this.#passing(transaction, asked)
    return { scanned, mean: Number(row!.mean ?? 0), deviation: Number(row!.deviation ?? 0) }
  }

  async #passing(transaction: Pick<Transaction, 'query'>, { space, filter }: Asked): Promise<number> {
    const where = [`v.model = ${space.model}`, `v.dims = ${space.dims}`, ...filter.conditions].join(' AND ')
    const sql = `SELECT count(*) FROM ${this.#parts.tables.vector} v WHERE ${where}`
    return Number((await transaction.query(sql, [...filter.values]))[0]!.count)
  }

  /**
   * Conditions that only this process can judge, by reading blocks: of up to `indexFrom` that pass the others each; of more, the
   * nearest until there are enough, and a sample, from which the distribution and the count are told.
   */
  async #satisfying(asked: Asked, conditions: readonly Predicate[]): Promise<SearchResult> {
    const { db, getMany, indexFrom } = this.#parts
    const { found, values } = this.#found(asked)
    const { score, low, high } = scoreColumns(asked)
    const rowsBy = async (tail: string, limit: number): Promise<RoundedRow[]> => {
      const columns = `f.digest, f.sample, ${score} AS score, ${low} AS low, ${high} AS high`
      const sql = `SELECT ${columns} FROM (${found} OFFSET 0) f ORDER BY ${tail} LIMIT ${limit}`
      return roundedRows(await db.query(sql, values, { signal: asked.signal }))
    }
    const judge = new Judge(getMany, conditions, asked.signal)
    const all = await rowsBy(NEAREST, indexFrom + 1)
    if (all.length <= indexFrom) {
      const passing = await judge.passing(all)
      return { ...(await exactHits(passing, asked, getMany)), ...distributionOf(passing, passing.length) }
    }
    const passing = await judge.nearest(asked.k, limit => rowsBy(NEAREST, limit))
    const sample = await rowsBy('f.sample', SAMPLE)
    const kept = await judge.passing(sample)
    const total = await this.#passing(db, asked)
    const scanned = Math.max(passing.length, Math.round((total * kept.length) / sample.length))
    return {
      ...(await exactHits(passing, asked, getMany)),
      ...distributionOf(kept.length > 0 ? kept : passing, scanned),
    }
  }
}

/** How many candidates a walk keeps: measured to find its share on clustered vectors. */
function effort({ recall, k }: Asked): number {
  const factor = recall > 0.99 ? 12 : recall > 0.95 ? 6 : recall > 0.9 ? 4 : 2
  return Math.min(1_000, Math.max(40, Math.ceil(k * factor), recall > 0.9 ? 100 : 40))
}
