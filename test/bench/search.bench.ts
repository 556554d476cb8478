import { create, insertMultiple, search as searchOrama } from '@orama/orama'
import {
  createBlock,
  memoryStorage,
  openBlockStore,
  openSearch,
  type SearchQuery,
  type SearchResult,
  Signer,
  type StoredBlock,
  type VerifiedBlock,
} from 'cosmic-embeddings'
import type { Benchmark, BenchResult } from './benchmark'
import { compare } from './compare'
import { rateAt, type Point } from './equal-recall'
import { loadHnsw } from './native-peers'

const COUNT = 20_000
const DIMENSIONS = 384
const CLUSTERS = 200
const QUERIES = 64
const K = 10
const MODEL = 'acme:bench'
/** Every hundredth block carries it. */
const RARE = 'rare'

/** Settings that are swept; each contestant is then compared at equal recall. */
const RECALLS = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999]
const EFS = [10, 16, 24, 32, 48, 64, 96]
const EQUAL = [0.95, 0.98, 0.999]

const about = `The ten nearest of ${COUNT.toLocaleString('en-US')} vectors by cosine, ${DIMENSIONS} dimensions, ${CLUSTERS} clusters drawn with a fixed seed; ${QUERIES} queries near
random members; one thread, everything in memory. The plain loop is the simplest code that gives the answer: a dot product per
vector over one Float32Array, the best ten kept sorted; it and orama are exact. "exact" is our exact mode, whose answers the run
compares with the loop's. At equal recall each contestant's own knob is swept (our \`recall\`, hnswlib's \`ef\` with M 16 and
efConstruction 200) and its rate interpolated.`

async function run(): Promise<BenchResult[]> {
  const vectors = clusteredVectors(COUNT, 1)
  const queries = Array.from({ length: QUERIES }, (_, index) => nudged(vectors[(index * 7919) % COUNT]!, index))
  const query = (turn: number) => queries[turn % QUERIES]!
  const [ours, orama] = [await fillOurs(vectors), await fillOrama(vectors)]
  const loop = plainLoop(vectors)
  const truth = queries.map(loop)
  for (const [turn, expected] of truth.entries()) {
    const found = ours.rows(await ours.search(query(turn), { mode: 'exact' }))
    if (found.join() !== expected.join()) throw new Error(`query ${turn}: not the nearest ones`)
    if ((await orama(query(turn))).join() !== expected.join()) throw new Error(`query ${turn}: orama disagrees`)
  }
  const exactPeers = { orama: (turn: number) => orama(query(turn)), 'plain loop': (turn: number) => loop(query(turn)) }
  return [
    await compare({ case: 'exact', ours: turn => ours.search(query(turn), { mode: 'exact' }), peers: exactPeers }),
    await compare({ case: 'auto, recall 0.95 asked', ours: turn => ours.search(query(turn)), peers: exactPeers }),
    ...(await atEqualRecall(vectors, queries, truth, ours)),
    await compare({
      case: 'top 10 of the 1 % with a tag',
      ours: turn => ours.search(query(turn), { where: { tags: [RARE] } }),
      peers: { orama: turn => orama(query(turn), RARE) },
    }),
    {
      case: 'memory a vector',
      value: Math.round(ours.bytes),
      unit: 'bytes',
      ratios: { f32: Number(((4 * DIMENSIONS) / ours.bytes).toPrecision(3)) },
    },
  ]
}

type Ours = Awaited<ReturnType<typeof fillOurs>>

async function atEqualRecall(
  vectors: readonly Float32Array[],
  queries: readonly Float32Array[],
  truth: readonly number[][],
  ours: Ours,
): Promise<BenchResult[]> {
  const share = (found: readonly (number | undefined)[], turn: number) =>
    truth[turn]!.filter(row => found.includes(row)).length / K
  const mean = (shares: readonly number[]) => shares.reduce((a, b) => a + b) / shares.length
  const points: Point[] = []
  for (const recall of RECALLS) {
    const search = (turn: number) => ours.search(queries[turn % QUERIES]!, { recall })
    const shares: number[] = []
    for (const turn of queries.keys()) shares.push(share(ours.rows(await search(turn)), turn))
    const { value } = await compare({ case: '', ours: search, peers: {}, rounds: 3 })
    points.push({ recall: mean(shares), rate: value })
  }
  const hnsw = fillHnsw(vectors)
  const theirs: Point[] = []
  for (const ef of hnsw ? EFS : []) {
    hnsw!.setEf(ef)
    const plain = queries.map(vector => [...vector])
    const search = (turn: number) => hnsw!.searchKnn(plain[turn % QUERIES]!, K)
    const shares = queries.map((_, turn) => share(search(turn).neighbors, turn))
    const { value } = await compare({ case: '', ours: search, peers: {}, rounds: 3 })
    theirs.push({ recall: mean(shares), rate: value })
  }
  return EQUAL.flatMap(recall => {
    const [value, peer] = [rateAt(points, recall), rateAt(theirs, recall)]
    if (value === undefined) return []
    const ratios = peer === undefined ? {} : { 'hnswlib-node': Number((value / peer).toPrecision(3)) }
    return [{ case: `at recall ${recall}`, value: Math.round(value), unit: 'op/s', ratios }]
  })
}

function fillHnsw(vectors: readonly Float32Array[]) {
  const Index = loadHnsw()
  if (!Index) return undefined
  const index = new Index('cosine', DIMENSIONS)
  index.initIndex(COUNT, 16, 200)
  vectors.forEach((vector, row) => index.addPoint([...vector], row))
  return index
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
  const engine = await openSearch(store, { vectors: 'memory' })
  const stripped = await openSearch(store)
  await Promise.all([engine.settled(), stripped.settled()])
  const bytes = stripped.spaces[0]!.bytes / COUNT
  await stripped.close()
  const rowOf = new Map(stored.map(({ block }) => [block.id, block.time]))
  return {
    bytes,
    search: (vector: Float32Array, asked: Partial<SearchQuery> = {}) =>
      engine.search({ vector, model: MODEL, k: K, ...asked }),
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
