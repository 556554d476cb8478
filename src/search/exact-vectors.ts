import type { FlatIndex } from './flat-index'
import { exactQuery, exactScore, type ExactQuery } from './exact-score'
import type { CodeIndex } from './kernels/code-index'
import type { ExactVectors } from './refine'
import type { SpacePorts } from './space-ports'
import { directionOf } from './unit-vector'
import type { Direction, Metric } from './vector-index'

export interface VectorSources {
  readonly flat: () => FlatIndex | undefined
  readonly codes: () => CodeIndex | undefined
  readonly vectors?: SpacePorts['vectors'] | undefined
  /** The block of a row, unless it has gone. */
  readonly idOf: (row: number) => string | undefined
  readonly before: (a: number, b: number) => boolean
}

/** The vectors behind the rows of a space, in memory or in the store, compared with one query. */
export function exactVectors(sources: VectorSources, metric: Metric, query: Direction): ExactVectors {
  const asked = exactQuery(metric, query)
  return {
    scores: rows => {
      const flat = sources.flat()
      return flat ? fromMemory(flat, rows, asked) : fromStore(sources, rows, asked)
    },
    isSame: (a, b) => sources.codes()?.saved.isSame(a, b) ?? false,
    before: sources.before,
  }
}

async function fromMemory(flat: FlatIndex, rows: readonly number[], query: ExactQuery) {
  return rows.map(row => exactScore(query, flat.vectorOf(row), 0, flat.normOf(row)))
}

async function fromStore({ vectors, idOf }: VectorSources, rows: readonly number[], query: ExactQuery) {
  const there = rows.flatMap(row => idOf(row) ?? [])
  const found = await vectors!(there)
  const byId = new Map(there.map((id, i) => [id, found[i]]))
  return rows.map(row => {
    const vector = byId.get(idOf(row) ?? '')
    if (!vector) return undefined
    const norm = query.metric === 'cosine' ? directionOf(vector)?.norm : 1
    return norm === undefined ? undefined : exactScore(query, vector, 0, norm)
  })
}
