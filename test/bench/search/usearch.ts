import { rowOf, type Dataset } from './data'
import { installed } from './install-peers'
import { keptIndex } from './kept-index'
import { K, type Peer } from './peer'

const EXPANSIONS = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 400, 800]

interface Usearch {
  add(key: bigint, vector: Float32Array, threads: number): void
  search(vector: Float32Array, k: number, threads: number): { keys: BigUint64Array }
  save(file: string): void
  load(file: string): void
}

/** With its own defaults but for the knob, which is set when an index is made: each setting loads it anew. */
export async function openUsearch(data: Dataset): Promise<Peer | undefined> {
  const library = installed({
    folder: 'usearch',
    specs: ['usearch@2.25.3'],
    load: require => require('usearch') as { Index: new (options: object) => Usearch },
  })
  if (!library) return undefined
  const make = (expansion: number) =>
    new library.Index({ dimensions: data.dims, metric: 'ip', quantization: 'f32', expansion_search: expansion })
  const index = make(0)
  const kept = keptIndex(`usearch-2.25.3-${data.name}`, data.count, {
    fill: progress => {
      for (let row = 0; row < data.count; row++) {
        index.add(BigInt(row), rowOf(data, row), 1)
        progress(row)
      }
    },
    save: to => index.save(to),
    load: () => {},
  })
  return {
    name: 'usearch',
    knobs: EXPANSIONS,
    bytes: kept.bytes / data.count,
    at: expansion => {
      const sure = make(expansion)
      sure.load(kept.file)
      return query => sure.search(query, K, 1)
    },
    insert: (row, vector) => {
      if (row === data.count) index.load(kept.file)
      index.add(BigInt(row), vector, 1)
    },
    rows: answer => Array.from((answer as { keys: BigUint64Array }).keys, Number),
  }
}
