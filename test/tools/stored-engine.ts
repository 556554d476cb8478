import { SearchEngine } from '../../src/search/search-engine'
import type { Metric } from '../../src/search/vector-index'
import type { BlockStore } from '../../src/store/index'
import { fakeBlock } from './fake-block'

export const MODEL = 'test:model'
export const idOf = (row: number) => `id ${String(row).padStart(5, '0')}`

/** An engine over a store that counts what is read. */
export async function storedEngine(vectors: readonly ArrayLike<number>[]) {
  const byId = new Map(vectors.map((vector, row) => [idOf(row), fakeBlock({ id: idOf(row), vector, model: MODEL })]))
  const reads = { count: 0, most: 0 }
  const engine = new SearchEngine()
  const getMany = async (ids: readonly string[]) => {
    reads.count += ids.length
    reads.most = Math.max(reads.most, ids.length)
    return ids.map(id => byId.get(id))
  }
  engine.follow({ onChange: () => () => {}, getMany } as unknown as BlockStore)
  engine.add(...byId.values())
  await engine.settled()
  return { engine, byId, reads }
}

/** The best ten in 64-bit floats, and the score of the last of them. */
export function truth(vectors: readonly ArrayLike<number>[], query: ArrayLike<number>, metric: Metric = 'cosine') {
  const scored = vectors.map((vector, row) => ({ row, score: scoreOf(vector, query, metric) }))
  const best = scored.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, 10)
  return { ids: best.map(({ row }) => idOf(row)), scores: best.map(({ score }) => score) }
}

function scoreOf(a: ArrayLike<number>, b: ArrayLike<number>, metric: Metric): number {
  let [ab, aa, bb, apart] = [0, 0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!
    aa += a[i]! ** 2
    bb += b[i]! ** 2
    apart += (a[i]! - b[i]!) ** 2
  }
  if (metric === 'cosine') return ab / Math.sqrt(aa) / Math.sqrt(bb)
  return metric === 'dot' ? ab : -Math.sqrt(apart)
}
