import { createBlock } from '../../src/block/index'
import type { SearchEngine, SearchFilter } from '../../src/search/index'
import {
  memoryStorage,
  openBlockStore,
  type BlockStore,
  type KeyValueStorage,
  type StoredBlock,
} from '../../src/store/index'
import { CosmicValidator } from '../../src/validate/index'
import { signerOf } from './stored-block'
import { clustered } from './vectors'

export const MODEL = 'test:scene'

export interface SceneOptions {
  readonly count: number
  readonly dims?: number
  readonly model?: string
  readonly seed?: number
}

/** Signed blocks with vectors in clusters, tags, a few authors, places and expiries. */
export async function sceneBlocks({ count, dims = 16, model = MODEL, seed = 1 }: SceneOptions): Promise<StoredBlock[]> {
  const vectors = clustered({ dims, count, seed })
  const validator = new CosmicValidator()
  return Promise.all(
    vectors.map(async ({ unit }, i) => {
      const place = i % 7 === 0 ? { place: { latitude: (i % 180) - 90, longitude: i % 180 }, sky: false as const } : {}
      const expires = i % 11 === 0 ? { expires: 10_000 + i } : {}
      const tags = [`t${i % 5}`, ...(i % 100 === 0 ? ['rare'] : [])]
      const fields = { embedding: unit, model, time: 1_000 + i, tags, ...place, ...expires }
      const verdict = await validator.validate(await createBlock(fields, await signerOf(1 + (i % 3))))
      if (verdict.status !== 'valid') throw new Error(verdict.summary)
      return { block: verdict.block, admitted: true }
    }),
  )
}

/** A store that counts the blocks that are read from it. */
export async function countingStore(storage: KeyValueStorage = memoryStorage()) {
  const store = await openBlockStore(storage)
  const reads = { blocks: 0 }
  const counted: BlockStore = Object.create(store, {
    getMany: {
      value: async (ids: readonly string[]) => {
        reads.blocks += ids.length
        return store.getMany(ids)
      },
    },
  }) as BlockStore
  for (const name of [
    'put',
    'judge',
    'get',
    'has',
    'query',
    'page',
    'pageIds',
    'count',
    'log',
    'stats',
    'onChange',
    'close',
  ] as const)
    Object.defineProperty(counted, name, { value: (store[name] as () => unknown).bind(store) })
  Object.defineProperty(counted, 'side', { value: store.side })
  return { store: counted, reads }
}

const FILTERS: readonly SearchFilter[] = [
  {},
  { tags: ['t1'] },
  { tags: ['rare'] },
  { tags: ['t2'], since: 1_100, until: 1_900 },
  { near: { latitude: 10, longitude: 10, radius: 5_000_000 } },
]

/** What an engine answers to some questions, exactly. */
export async function answersOf(engine: SearchEngine, blocks: readonly StoredBlock[], model = MODEL, k = 12) {
  const answers: unknown[] = []
  for (const [i, where] of FILTERS.entries()) {
    const { block } = blocks[(i * 37) % blocks.length]!
    if (block.opaque || block.kind !== 'embedding') throw new Error('not an embedding')
    const vector = new Float32Array(block.embedding.data.slice().buffer)
    const { hits, scanned, loading } = await engine.search({ vector, model, k, where, mode: 'exact' })
    answers.push({ hits: hits.map(({ id, score }) => [id, score.toFixed(6)]), scanned, loading })
  }
  return answers
}
