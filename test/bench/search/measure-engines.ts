import { memoryStorage, openBlockStore, openSearch, type SearchEngine } from 'cosmic-embeddings'
import { blockOf, MODEL } from './block-of'
import { clusteredSample } from './clustered-sample'

/** Searches a second by the clock, and the kernels that made them. */
export interface Rates {
  readonly flat: number
  readonly clusters: number
  readonly kernels: string
}

const DIMENSIONS = 384
const COUNT = 100_000
const ROUNDS = 7
const ROUND = 300

/** Fills our engine and measures it, with nothing that only one runtime has. The best of several rounds counts. */
export async function measureEngines(): Promise<Rates> {
  const { vectors, queries } = clusteredSample({ dims: DIMENSIONS, count: COUNT, queryCount: 200 })
  const fill = async (clustersFrom?: number) => {
    const store = await openBlockStore(memoryStorage())
    const engine = await openSearch(store, { persist: false, vectors: 'memory', ...(clustersFrom && { clustersFrom }) })
    for (let row = 0; row < COUNT; row++)
      engine.add(blockOf(row, vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS)))
    await engine.settled()
    return engine
  }
  const [flat, clusters] = [await fill(Infinity), await fill()]
  const best = { flat: 0, clusters: 0 }
  for (let round = 0; round < ROUNDS; round++) {
    best.flat = Math.max(best.flat, await rate(flat, queries))
    best.clusters = Math.max(best.clusters, await rate(clusters, queries))
  }
  return { ...best, kernels: flat.kernels }
}

async function rate(engine: SearchEngine, queries: readonly Float32Array[]): Promise<number> {
  const start = performance.now()
  let calls = 0
  for (;;) {
    for (let i = 0; i < 16; i++)
      await engine.search({ vector: queries[calls++ % queries.length]!, model: MODEL, k: 10 })
    const elapsed = performance.now() - start
    if (elapsed > ROUND) return (1000 * calls) / elapsed
  }
}
