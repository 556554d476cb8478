import type { Benchmark } from './benchmark'
import { compareEngines } from './search/compare-engines'
import { synthetic } from './search/data'

const about = `The ten nearest of 25,000 vectors of 1,536 dimensions by cosine, drawn as those of \`search\`. Contestants and measures as there.`

export default {
  about,
  run: () => compareEngines(synthetic(1536, 25_000), '25,000 × 1,536, clustered'),
} satisfies Benchmark
