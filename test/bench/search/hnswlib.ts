import { rowOf, type Dataset } from './data'
import { installed } from './install-peers'
import { INSERTIONS, K, type Peer } from './peer'
import { keptIndex } from './kept-index'

/** What the README of hnswlib names as usual; ef is swept. */
const M = 16
const EF_CONSTRUCTION = 200
const EFS = [10, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 400, 800]

interface Hnsw {
  initIndex(size: number, m: number, efConstruction: number): void
  addPoint(vector: number[], row: number): void
  setEf(ef: number): void
  resizeIndex(size: number): void
  searchKnn(vector: number[], k: number, filter?: (row: number) => boolean): { neighbors: number[] }
  readIndexSync(file: string): void
  writeIndexSync(file: string): void
}

export async function openHnswlib(data: Dataset): Promise<Peer | undefined> {
  const library = installed({
    folder: 'hnswlib',
    specs: ['hnswlib-node@3.0.0'],
    compiles: 'hnswlib-node',
    load: require => require('hnswlib-node') as { HierarchicalNSW: new (space: 'ip', dims: number) => Hnsw },
  })
  if (!library) return undefined
  // Of unit vectors the inner product is the cosine, and hnswlib need not normalize queries.
  const index = new library.HierarchicalNSW('ip', data.dims)
  const kept = keptIndex(`hnswlib-3.0.0-${data.name}`, data.count, {
    fill: progress => {
      index.initIndex(data.count, M, EF_CONSTRUCTION)
      for (let row = 0; row < data.count; row++) {
        index.addPoint([...rowOf(data, row)], row)
        progress(row)
      }
    },
    save: file => index.writeIndexSync(file),
    load: file => index.readIndexSync(file),
  })
  return {
    name: 'hnswlib-node',
    knobs: EFS,
    bytes: kept.bytes / data.count,
    at: ef => {
      index.setEf(ef)
      return query => index.searchKnn([...query], K)
    },
    insert: (row, vector) => {
      if (row === data.count) index.resizeIndex(data.count + INSERTIONS)
      index.addPoint([...vector], row)
    },
    rows: answer => (answer as { neighbors: number[] }).neighbors,
    filtered: passes => query => index.searchKnn([...query], K, passes),
  }
}
