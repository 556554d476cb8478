import { blockVector } from '../../../block/index'
import { directionOf } from '../../../search/index'
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
    const { oid, schema } = (this.#types ??= await findVectorTypes(transaction))!
    const { vector, space, block } = this.#tables
    await transaction.execute(
      `WITH fresh AS (
         INSERT INTO ${vector} (seq, digest, model, dims, unit, norm, terms, time, expires, sample, latitude, longitude)
         SELECT b.seq, b.digest, b.model, ${schema}.vector_dims(v.unit), v.unit, v.norm, b.terms, b.time, b.expires,
                v.sample, v.latitude, v.longitude
           FROM unnest($1::bigint[], $2::${schema}.vector[], $3::double precision[], $4::int[],
                       $5::double precision[], $6::double precision[])
                  AS v (seq, unit, norm, sample, latitude, longitude)
           JOIN ${block} b ON b.seq = v.seq
         ON CONFLICT (seq) DO NOTHING RETURNING model, dims, norm, expires)
       INSERT INTO ${space} AS s (model, dims, size, low, high, expiring)
       SELECT model, dims, count(*), min(norm), max(norm), count(expires) FROM fresh GROUP BY model, dims
       ON CONFLICT (model, dims) DO UPDATE SET size = s.size + excluded.size, expiring = s.expiring + excluded.expiring,
         low = least(s.low, excluded.low), high = greatest(s.high, excluded.high)`,
      [
        rows.map(({ seq }) => seq),
        byteArrays(
          rows.map(({ unit }) => unit),
          oid,
        ),
        rows.map(({ norm }) => norm),
        rows.map(({ sample }) => sample),
        rows.map(({ place }) => place?.latitude ?? null),
        rows.map(({ place }) => place?.longitude ?? null),
      ],
    )
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
