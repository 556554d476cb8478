import { blockVector } from '../../src/block/index'
import type { SearchEngine } from '../../src/search/index'
import type { StoredBlock } from '../../src/store/index'
import { MODEL } from './search-scenes'

/** The share of the true ten nearest of some blocks that an engine finds, on average. */
export async function recallOf(engine: SearchEngine, blocks: readonly StoredBlock[], queries: readonly Float32Array[]) {
  const vectors = blocks.map(({ block }) => {
    if (block.opaque || block.kind !== 'embedding') throw new Error('not an embedding')
    return { id: block.id, unit: unitOf(blockVector(block)) }
  })
  let found = 0
  for (const query of queries) {
    const asked = unitOf(query)
    const scored = vectors.map(({ id, unit }) => ({ id, score: dot(unit, asked) }))
    const nearest = new Set(
      scored
        .sort((a, b) => b.score - a.score)
        .slice(0, 10)
        .map(({ id }) => id),
    )
    const { hits } = await engine.search({ vector: query, model: MODEL, k: 10 })
    found += hits.filter(({ id }) => nearest.has(id)).length / nearest.size
  }
  return found / queries.length
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0)

function unitOf(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector))
  return vector.map(value => value / length)
}
