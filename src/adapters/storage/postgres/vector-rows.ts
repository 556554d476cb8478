import { blockVector } from '../../../block/index'
import { directionOf } from '../../../search/for-adapters'
import { digestOf, type StoredBlock } from '../../../store/index'
import { byteArrays } from './binary-array'
import { VECTORS } from './erased-marks'
import type { Transaction } from './database'
import type { Head } from './head'
import type { Tables } from './tables'
import { findVectorTypes, type VectorTypes } from './vector-schema'

type Placed = Pick<StoredBlock, 'block' | 'admitted'> & { readonly seq: number }

/** A vector of an admitted embedding, as a direction and a length. */
interface VectorRow {
  readonly seq: number
  readonly unit: Buffer
  readonly norm: number
  readonly sample: number
  readonly place: { readonly latitude: number; readonly longitude: number } | undefined
}

/**
 * The vectors of admitted embeddings in a table of their own, where pgvector compares them. Whether they are written is the
 * store's affair, not the process': else those of one process would be missing to another.
 */
export class VectorRows {
  readonly #tables: Tables
  #types: VectorTypes | undefined

  constructor(tables: Tables) {
    this.#tables = tables
  }

  /** Those that are there already stay. A vector of zeros has no direction and is never found. */
  async insert(transaction: Transaction, head: Pick<Head, 'vectors'>, placed: readonly Placed[]): Promise<void> {
    if (head.vectors === 'none') return
    const rows = placed.flatMap(stored => rowOf(stored) ?? [])
    if (rows.length === 0) return
    const types = await this.#typesOf(transaction)
    const { vector, space, block } = this.#tables
    await transaction.execute(
      `WITH fresh AS (
         INSERT INTO ${vector} (${COLUMNS.join(', ')})
         SELECT ${expectedOf(types)} FROM ${given(types)} JOIN ${block} b ON b.seq = w.seq
         ON CONFLICT (seq) DO NOTHING RETURNING model, dims, norm, expires)
       INSERT INTO ${space} AS s (model, dims, size, low, high, expiring)
       SELECT model, dims, count(*), min(norm), max(norm), count(expires) FROM fresh GROUP BY model, dims
       ON CONFLICT (model, dims) DO UPDATE SET size = s.size + excluded.size, expiring = s.expiring + excluded.expiring,
         low = least(s.low, excluded.low), high = greatest(s.high, excluded.high)`,
      parametersOf(rows, types),
    )
  }

  /** Places of those among these blocks that have another vector than they should, or one or none where they should not. */
  async differing(
    transaction: Pick<Transaction, 'query'>,
    head: Pick<Head, 'vectors'>,
    placed: readonly Placed[],
  ): Promise<number[]> {
    if (head.vectors === 'none' || placed.length === 0) return []
    const types = await this.#typesOf(transaction)
    const { vector, block, store } = this.#tables
    const columns = COLUMNS.filter(name => name !== 'unit')
    // Where older blocks are still on their way, theirs may be missing.
    const found = await transaction.query(
      `SELECT b.seq FROM ${block} b LEFT JOIN ${given(types)} ON w.seq = b.seq LEFT JOIN ${vector} v ON v.seq = b.seq
        WHERE b.seq = ANY ($7::bigint[]) AND CASE
          WHEN v.seq IS NULL THEN w.seq IS NOT NULL AND ($8 OR b.seq <= (SELECT filled FROM ${store}))
          WHEN w.seq IS NULL THEN true
          ELSE NOT v.unit OPERATOR(${types.schema}.=) w.unit
            OR (${columns.map(name => `v.${name}`).join(', ')}) IS DISTINCT FROM (${expectedOf(types, columns)}) END`,
      [
        ...parametersOf(
          placed.flatMap(stored => rowOf(stored) ?? []),
          types,
        ),
        placed.map(({ seq }) => seq),
        head.vectors === 'ready',
      ],
    )
    return found.map(({ seq }) => Number(seq))
  }

  async #typesOf(transaction: Pick<Transaction, 'query'>): Promise<VectorTypes> {
    return (this.#types ??= await findVectorTypes(transaction))!
  }

  async remove(
    transaction: Transaction,
    head: Pick<Head, 'vectors' | 'erased'>,
    seqs: readonly number[],
  ): Promise<void> {
    if (head.vectors === 'none' || seqs.length === 0) return
    const { vector, space } = this.#tables
    const gone = await transaction.execute(
      `WITH gone AS (DELETE FROM ${vector} WHERE seq = ANY ($1::bigint[]) RETURNING model, dims, expires)
       UPDATE ${space} s SET size = s.size - g.size, expiring = s.expiring - g.expiring
         FROM (SELECT model, dims, count(*) AS size, count(expires) AS expiring FROM gone GROUP BY model, dims) g
        WHERE s.model = g.model AND s.dims = g.dims`,
      [seqs],
    )
    if (gone === 0) return
    if (!head.erased.includes(VECTORS)) head.erased.push(VECTORS)
    await transaction.execute(`DELETE FROM ${space} WHERE size <= 0`)
  }
}

const OF_BLOCK = ['seq', 'digest', 'model', 'terms', 'time', 'expires']
const COLUMNS = [...OF_BLOCK, 'dims', 'unit', 'norm', 'sample', 'latitude', 'longitude']

/** SQL: what the columns of a vector should be, by its block `b` and `w`. */
const expectedOf = ({ schema }: VectorTypes, columns: readonly string[] = COLUMNS): string =>
  columns
    .map(name => (name === 'dims' ? `${schema}.vector_dims(w.unit)` : `${OF_BLOCK.includes(name) ? 'b' : 'w'}.${name}`))
    .join(', ')

/** SQL: the first six parameters, those of `parametersOf`, as the table `w`. */
const given = ({ schema }: VectorTypes): string =>
  `unnest($1::bigint[], $2::${schema}.vector[], $3::double precision[], $4::int[], $5::double precision[], $6::double precision[])
     AS w (seq, unit, norm, sample, latitude, longitude)`

const parametersOf = (rows: readonly VectorRow[], { oid }: VectorTypes) => [
  rows.map(({ seq }) => seq),
  byteArrays(
    rows.map(({ unit }) => unit),
    oid,
  ),
  rows.map(({ norm }) => norm),
  rows.map(({ sample }) => sample),
  rows.map(({ place }) => place?.latitude ?? null),
  rows.map(({ place }) => place?.longitude ?? null),
]

function rowOf({ block, admitted, seq }: Placed): VectorRow | undefined {
  if (!admitted || block.opaque || block.kind !== 'embedding') return undefined
  const direction = directionOf(blockVector(block))
  if (direction === undefined) return undefined
  // The digest is as good as random: a sample in its order is one of the whole set.
  const sample = Buffer.from(digestOf(block.id)!).readInt32BE(0)
  return { seq, unit: encodeVector(direction.unit), norm: direction.norm, sample, place: block.place }
}

/** The binary form of pgvector (`vector_recv`): length, two bytes of nothing, then floats, big-endian. */
export function encodeVector(vector: Float32Array): Buffer {
  const buffer = Buffer.alloc(4 + 4 * vector.length)
  buffer.writeInt16BE(vector.length, 0)
  for (let i = 0; i < vector.length; i++) buffer.writeFloatBE(vector[i]!, 4 + 4 * i)
  return buffer
}
