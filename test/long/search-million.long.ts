import { memoryStorage, openBlockStore, openSearch, type SearchEngine } from 'cosmic-embeddings'
import { rateAt, type Point } from '../bench/equal-recall'
import { blockOf, MODEL, rowsOf } from '../bench/search/block-of'
import { K } from '../bench/search/peer'
import { rateOf } from '../bench/search/sweep'
import { recallOf } from '../bench/search/truth'
import type { LongRun } from './long-run'
import { drawnVectors, NearestSoFar, type DrawnVectors } from './million-vectors'
import { progressBar } from './progress-bar'

const COUNT = 1_000_000
const DIMS = 384
const QUERIES = 200
/** Queries that the exact mode is asked: it reads every row. */
const EXACT = 20
const RECALLS = [0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99]
/** A search may find so much less than it was asked for: what chance does to the mean of as many queries. */
const CHANCE = 0.015
const MOST_MEMORY = 3e9
/** From so few on codes are made: rows that come later need not be moved to them. */
const FIRST = 2_000

const about = `${COUNT.toLocaleString('en-US')} vectors of ${DIMS} dimensions around 200 centres, drawn from the seed as they are needed, in two engines one after the other, which keep
exact vectors: one scans every code, the other has clusters. The ten nearest of ${QUERIES} queries near
random members are compared with those of a loop over every vector; rates and latencies at equal recall are interpolated between what
\`recall\` is asked for. A search that finds less than it was asked for (by more than ${CHANCE}), an exact one that errs, and more memory than
3 GB fail the run; the rest stands beside its targets. One thread, by processor time and by the clock.`

/** What an engine does at the recall that it finds. */
interface Sweep {
  readonly clock: Point[]
  readonly processor: Point[]
}

async function run(seed: number, say: (line: string) => void) {
  const data = drawnVectors({ dims: DIMS, count: COUNT, queryCount: QUERIES, seed })
  const truth = new NearestSoFar(data.queries, K)
  const flat = await filled(data, { clustersFrom: Infinity }, progressBar('vectors scanned flat', say), truth)
  const scanned = await sweep(flat.engine, data, truth.rows, say)
  await flat.engine.close()
  const clusters = await filled(data, {}, progressBar('vectors with clusters', say))
  const clustered = await sweep(clusters.engine, data, truth.rows, say)
  await assertExact(clusters.engine, data, truth.rows)
  await clusters.engine.close()
  const most = 1024 * process.resourceUsage().maxRSS
  if (most > MOST_MEMORY) throw new Error(`seed ${seed}: the process took ${gigabytes(most)}`)
  return {
    vectors: COUNT,
    'flat: latency at recall 0.95': latencies(scanned, 0.95, 4.5),
    'flat: insertion': microseconds(flat.insertion),
    'flat: memory a vector, exact vectors included': bytes(flat.bytes),
    'clusters: searches at recall 0.95': rates(clustered, 0.95),
    'clusters: searches at recall 0.98': `${rates(clustered, 0.98)} (target: at least 4,000/s)`,
    'clusters: searches at recall 0.99': rates(clustered, 0.99),
    'clusters: insertion, making of clusters included': microseconds(clusters.insertion),
    'clusters: memory a vector, exact vectors included': bytes(clusters.bytes),
    'exact answers compared with the loop’s': EXACT,
    'memory of the process, most': gigabytes(most),
  }
}

/** An engine with every vector; `truth` sees them too. */
async function filled(
  data: DrawnVectors,
  options: Parameters<typeof openSearch>[1],
  onProgress: (done: number, total: number) => void,
  truth?: NearestSoFar,
) {
  const engine = await openSearch(await openBlockStore(memoryStorage()), {
    persist: false,
    vectors: 'memory',
    ...options,
  })
  let [row, inserting] = [0, 0]
  for (const vector of data.rows()) {
    truth?.offer(row, vector)
    const start = performance.now()
    engine.add(blockOf(row, vector))
    inserting += performance.now() - start
    if (++row === FIRST) await engine.settled()
    if (row % 10_000 === 0) onProgress(row, COUNT)
  }
  const start = performance.now()
  await engine.settled()
  inserting += performance.now() - start
  return { engine, insertion: (1000 * inserting) / COUNT, bytes: engine.spaces[0]!.bytes / COUNT }
}

async function sweep(
  engine: SearchEngine,
  { queries }: DrawnVectors,
  truth: readonly (readonly number[])[],
  say: (line: string) => void,
): Promise<Sweep> {
  const points: Sweep = { clock: [], processor: [] }
  for (const asked of RECALLS) {
    const search = (vector: Float32Array) => engine.search({ vector, model: MODEL, k: K, recall: asked })
    const found: number[][] = []
    for (const query of queries) found.push(rowsOf(await search(query)))
    const recall = recallOf(found, truth)
    if (recall < asked - CHANCE) throw new Error(`asked for recall ${asked}, it found ${recall}`)
    const start = performance.now()
    for (const query of queries) await search(query)
    const clock = (1000 * queries.length) / (performance.now() - start)
    const processor = await rateOf(search, queries)
    points.clock.push({ recall, rate: clock })
    points.processor.push({ recall, rate: processor })
    say(`recall ${asked} asked: ${recall.toFixed(4)} found, ${processor.toFixed(0)}/s`)
  }
  return points
}

async function assertExact(engine: SearchEngine, { queries }: DrawnVectors, truth: readonly (readonly number[])[]) {
  for (const [i, vector] of queries.slice(0, EXACT).entries()) {
    const found = rowsOf(await engine.search({ vector, model: MODEL, k: K, mode: 'exact' }))
    if (found.join() !== truth[i]!.join()) throw new Error(`query ${i}: the exact mode does not find the nearest`)
  }
}

function rates({ clock, processor }: Sweep, recall: number): string {
  const [byProcessor, byClock] = [rateAt(processor, recall), rateAt(clock, recall)]
  if (byProcessor === undefined || byClock === undefined) return 'not reached'
  return `${rounded(byProcessor)}/s of processor time, ${rounded(byClock)}/s of the clock`
}

function latencies({ clock, processor }: Sweep, recall: number, target: number): string {
  const [byProcessor, byClock] = [rateAt(processor, recall), rateAt(clock, recall)]
  if (byProcessor === undefined || byClock === undefined) return 'not reached'
  const ms = (rate: number) => rounded(1000 / rate)
  return `${ms(byProcessor)} ms of processor time, ${ms(byClock)} ms of the clock (target: at most ${target} ms)`
}

const microseconds = (value: number) => `${rounded(value)} µs`
const bytes = (value: number) => `${rounded(value)} B`
const gigabytes = (value: number) => `${(value / 1e9).toFixed(2)} GB`
const rounded = (value: number) => Number(value.toPrecision(3)).toLocaleString('en-US')

export default { about, run } satisfies LongRun
