import type { Benchmark } from './benchmark'
import { searchInChromium } from './search/chromium'
import { compareEngines } from './search/compare-engines'
import { synthetic } from './search/data'
import { flatCases } from './search/flat-cases'

const COUNT = 100_000
const DIMENSIONS = 384

const about = `The ten nearest of ${COUNT.toLocaleString('en-US')} vectors by cosine, ${DIMENSIONS} dimensions, around 200 centres drawn with a fixed seed; 200 queries near random
members; one thread, exact vectors in memory unless said otherwise. Rates at equal recall are by processor time, those of flat
search by the clock. Each contestant's own knob is swept (our \`recall\`, the \`ef\` of hnswlib-node with M 16 and efConstruction 200, the
expansion of usearch with its defaults) and the rates at equal recall are interpolated. The plain loop is the simplest code that
gives the answer: a dot product per vector over one Float32Array, the best ten kept sorted; it, orama, sqlite-vec and
LanceDB without an index are exact. "exact" is our exact mode, whose answers the run compares with the loop's. Indexes of hnswlib-node
and usearch are filled once and kept: their insertions are those of 1,000 vectors more. Memory is with exact vectors left to the store. Chromium
is measured by the clock, on as many vectors.`

async function run() {
  const data = synthetic(DIMENSIONS, COUNT)
  const compared = await compareEngines(data, `${COUNT.toLocaleString('en-US')} × ${DIMENSIONS}, clustered`)
  const chromium = await searchInChromium()
  const flat = await flatCases(data, compared)
  return { results: [...compared.results, ...flat, ...chromium], plot: compared.plot }
}

export default { about, run } satisfies Benchmark
