import type { Benchmark } from './benchmark'
import { compareEngines } from './search/compare-engines'
import { wordnet } from './search/data'

const about = `The ten nearest of 100,000 glosses of WordNet 3.1 by cosine, embedded by USE-lite (512 dimensions), for 500 further glosses.
The vectors are made once, in 20 to 60 minutes, and kept in the cache; a run that is cut off goes on where it was. Contestants and
measures as in \`search\`.`

export default {
  about,
  run: async () => compareEngines(await wordnet(), 'WordNet by USE-lite, 100,000 × 512'),
} satisfies Benchmark
