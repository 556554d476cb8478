import type { EmbeddingModel } from 'ai'
import { parseModelId, type Embedder } from '../../block/index'
import { CosmicError, having, unwrap } from '../../base/index'

/** An embedding model by the newest specification of the AI SDK. */
export type AiSdkEmbeddingModel = Extract<EmbeddingModel, { specificationVersion: 'v4' }>

const readEmbedder = having<Embedder>('an Embedder: await miniLm()', 'embed')

/**
 * An embedder of this library as an embedding model of the AI SDK, for its `embed` and `embedMany`. A text is embedded as a document,
 * or as a query with `providerOptions: { cosmic: { kind: 'query' } }`. Throws `bad-model-id`; it
 * rejects with `embedder` where there are not as many vectors as texts.
 *
 * @example
 * ```ts
 * const { embedding } = await embed({ model: aiSdkEmbeddingModel(await useLite()), value: 'Water boils at 100 °C.' })
 * ```
 */
export function aiSdkEmbeddingModel(embedder: Embedder): AiSdkEmbeddingModel {
  const { modelId, maxBatch = 64 } = readEmbedder(embedder, 'embedder')
  unwrap(parseModelId(modelId))
  return {
    specificationVersion: 'v4',
    provider: 'cosmic',
    modelId,
    maxEmbeddingsPerCall: maxBatch,
    supportsParallelCalls: true,
    async doEmbed({ values, abortSignal, providerOptions }) {
      const kind = providerOptions?.['cosmic']?.['kind'] === 'query' ? 'query' : 'document'
      const vectors = await embedder.embed(values, { kind, ...(abortSignal && { signal: abortSignal }) })
      // `embedMany` puts vectors to texts by their places: one too few would move all that follow.
      if (vectors.length !== values.length) {
        throw new CosmicError({ code: 'embedder', message: `${vectors.length} vectors for ${values.length} texts` })
      }
      return { embeddings: vectors.map(vector => Array.from(vector)), warnings: [] }
    },
  }
}
