import { memoryStorage, openBlockStore, type Block, type KeyValueStorage } from 'cosmic-embeddings'
import { indexedDbStorage } from 'cosmic-embeddings/storage/indexeddb'
import { showError } from './reports'

/** The page before a reload may take this long to go, in milliseconds. */
const WAIT = 3000

/** The blocks of this browser. Where another tab has them open, or the browser keeps nothing, this tab begins with none and says so. */
export async function openKeptBlocks(): Promise<KeyValueStorage> {
  try {
    return await indexedDbStorage('cosmic-embeddings-agent', { wait: WAIT })
  } catch (error) {
    showError(error)
    return memoryStorage()
  }
}

/** What was kept, in the order of time; read it before a client takes the storage over. */
export async function* keptBlocks(storage: KeyValueStorage): AsyncGenerator<Block> {
  const store = await openBlockStore(storage)
  for await (const { block } of store.query()) yield block
}
