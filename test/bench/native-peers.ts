import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { root } from '../tools/run.mjs'

/** Peers that compile native code when they are installed stay out of the project's own dependencies. */
const FOLDER = path.join(root, '.cache/bench-peers')
const INSTALL = `npm install --prefix ${FOLDER} --foreground-scripts hnswlib-node@3.0.0`

/** hnswlib-node's index, as far as the benchmark needs it. */
export interface Hnsw {
  initIndex(size: number, m: number, efConstruction: number): void
  addPoint(vector: number[], row: number): void
  setEf(ef: number): void
  searchKnn(vector: number[], k: number): { neighbors: number[] }
}

/** `undefined`, with a word on how to install it, when it is not there. */
export function loadHnsw(): (new (space: 'cosine', dims: number) => Hnsw) | undefined {
  if (!existsSync(path.join(FOLDER, 'node_modules/hnswlib-node'))) {
    process.stderr.write(`» without hnswlib-node; to compare with it: ${INSTALL}\n`)
    return undefined
  }
  const loaded = createRequire(path.join(FOLDER, 'package.json'))('hnswlib-node') as {
    HierarchicalNSW: new (space: 'cosine', dims: number) => Hnsw
  }
  return loaded.HierarchicalNSW
}
