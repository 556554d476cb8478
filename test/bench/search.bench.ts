import { create, insertMultiple, search as searchOrama } from '@orama/orama'
import {
  createBlock,
  memoryStorage,
  openBlockStore,
  openSearch,
  type SearchResult,
  Signer,
  type StoredBlock,
  type VerifiedBlock,
} from 'cosmic-embeddings'
import type { Benchmark, BenchResult } from './benchmark'
import { compare } from './compare'

const COUNT = 20_000
const DIMENSIONS = 384
const CLUSTERS = 200
const QUERIES = 64
const K = 10
const MODEL = 'acme:bench'
/** Every hundredth block carries it. */
const RARE = 'rare'

const about = `The ten nearest of ${COUNT.toLocaleString('en-US')} vectors by cosine, ${DIMENSIONS} dimensions, ${CLUSTERS} clusters drawn with a fixed seed; ${QUERIES} queries near
random members; one thread, everything in memory. All contestants search exactly, so recall is 1 for each, which the run
checks. The plain loop is the simplest code that gives the answer: a dot product per vector over one Float32Array, the best
ten kept sorted.`

async function run(): Promise<BenchResult[]> {
  const vectors = clusteredVectors(COUNT, 1)
  const queries = Array.from({ length: QUERIES }, (_, index) => nudged(vectors[(index * 7919) % COUNT]!, index))
  const query = (turn: number) => queries[turn % QUERIES]!
  const [ours, orama] = [await fillOurs(vectors), await fillOrama(vectors)]
  const loop = plainLoop(vectors)

  for (let turn = 0; turn < QUERIES; turn++) {
    const expected = loop(query(turn)).join()
    if (ours.rows(await ours.search(query(turn))).join() !== expected)
      throw new Error(`query ${turn}: not the nearest ones`)
    if ((await orama(query(turn))).join() !== expected) throw new Error(`query ${turn}: orama disagrees`)
  }

  return [
    await compare({
      case: 'top 10',
      ours: turn => ours.search(query(turn)),
      peers: { orama: turn => orama(query(turn)), 'plain loop': turn => loop(query(turn)) },
    }),
    await compare({
      case: 'top 10 of the 1 % with a tag',
      ours: turn => ours.search(query(turn), [RARE]),
      peers: { orama: turn => orama(query(turn), RARE) },
    }),
  ]
}

/** The blocks are our own and need no verification before they are stored. */
async function fillOurs(vectors: readonly Float32Array[]) {
  const signer = await Signer.fromSeed(new Uint8Array(32).fill(1))
  const store = await openBlockStore(memoryStorage())
  const stored: StoredBlock[] = []
  for (const [time, embedding] of vectors.entries()) {
    const block = await createBlock({ embedding, model: MODEL, time, tags: tagsOf(time) }, signer)
    stored.push({ block: block as unknown as VerifiedBlock, admitted: true })
  }
  for (let start = 0; start < COUNT; start += 1000) await store.put(stored.slice(start, start + 1000))
  const engine = await openSearch(store)
  const rowOf = new Map(stored.map(({ block }) => [block.id, block.time]))
  return {
    search: (vector: Float32Array, tags?: string[]) =>
      engine.search({ vector, model: MODEL, k: K, ...(tags && { where: { tags } }) }),
    rows: ({ hits }: SearchResult) => hits.map(({ id }) => rowOf.get(id)),
  }
}

async function fillOrama(vectors: readonly Float32Array[]) {
  const index = create({ schema: { tag: 'enum', vector: `vector[${DIMENSIONS}]` } as const })
  const documents = vectors.map((vector, row) => ({
    id: String(row),
    tag: tagsOf(row)[0] ?? 'common',
    vector: [...vector],
  }))
  await insertMultiple(index, documents, 1000)
  return async (vector: Float32Array, tag?: string) => {
    const target = { value: [...vector], property: 'vector' as const }
    const where = tag === undefined ? {} : { where: { tag: { eq: tag } } }
    const { hits } = await searchOrama(index, { mode: 'vector', vector: target, similarity: -1, limit: K, ...where })
    return hits.map(hit => Number(hit.id))
  }
}

function plainLoop(vectors: readonly Float32Array[]) {
  const all = new Float32Array(COUNT * DIMENSIONS)
  vectors.forEach((vector, row) => all.set(vector, row * DIMENSIONS))
  return (query: Float32Array): number[] => {
    const best: { row: number; score: number }[] = []
    for (let row = 0, at = 0; row < COUNT; row++) {
      let score = 0
      for (let i = 0; i < DIMENSIONS; i++) score += query[i]! * all[at++]!
      if (best.length === K && score <= best[K - 1]!.score) continue
      best.push({ row, score })
      best.sort((a, b) => b.score - a.score)
      best.length = Math.min(best.length, K)
    }
    return best.map(({ row }) => row)
  }
}

function tagsOf(row: number): string[] {
  return row % 100 === 0 ? [RARE] : []
}

function clusteredVectors(count: number, seed: number): Float32Array[] {
  const normal = normalNumbers(seed)
  const centres = Array.from({ length: CLUSTERS }, () => Float32Array.from({ length: DIMENSIONS }, normal))
  return Array.from({ length: count }, (_, row) => unit(centres[row % CLUSTERS]!.map(x => x + 0.6 * normal())))
}

function nudged(vector: Float32Array, seed: number): Float32Array {
  const normal = normalNumbers(seed + 1000)
  return unit(vector.map(x => x + 0.02 * normal()))
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  return vector.map(x => x / length)
}

/** Standard normal numbers (Box and Muller) over a 32-bit linear congruential generator: the same on every run. */
function normalNumbers(seed: number): () => number {
  let state = seed >>> 0
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
}

export default { about, run } satisfies Benchmark
