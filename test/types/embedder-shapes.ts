/** Compiled, never run: the wrappers take the real packages' own types as they are, and nothing else. */
import type { OpenAIProvider } from '@ai-sdk/openai'
import type { FeatureExtractionPipeline, TextClassificationPipeline } from '@huggingface/transformers'
import type { Embeddings, EmbeddingsInterface } from '@langchain/core/embeddings'
import type { EmbeddingModel } from 'ai'
import type { Ollama } from 'ollama'
import type OpenAI from 'openai'
import type { AzureOpenAI } from 'openai'
import type { Embedder } from 'cosmic-embeddings'
import { fromAiSdk, fromLangChain, fromOllama, fromOpenAI, fromTransformers } from 'cosmic-embeddings/embedder/from'

/** Specifications V2, V3 and V4, as the AI SDK itself accepts them. */
type AiSdkEmbeddingModel = Exclude<EmbeddingModel, string>

export const aiSdk = (model: AiSdkEmbeddingModel): Embedder => fromAiSdk(model, { dimensions: 1536 })
export const eachVersion: readonly AiSdkEmbeddingModel['specificationVersion'][] = ['v2', 'v3', 'v4']
export const aiSdkProvider = (openai: OpenAIProvider): Embedder =>
  fromAiSdk(openai.embedding('text-embedding-3-small'), { dimensions: 1536, modelId: 'openai:text-embedding-3-small' })

const named = { modelId: 'acme:embed-1', dimensions: 8, prefix: { query: 'query: ' } }
export const langChain = (embeddings: Embeddings): Embedder => fromLangChain(embeddings, named)
export const langChainInterface = (embeddings: EmbeddingsInterface): Embedder => fromLangChain(embeddings, named)

const service = { model: 'embed-1', dimensions: 8, maxBatch: 16 }
export const openAi = (client: OpenAI): Embedder => fromOpenAI(client, { ...service, shorten: true })
export const azure = (client: AzureOpenAI): Embedder => fromOpenAI(client, service)
export const ollama = (client: Ollama): Embedder => fromOllama(client, service)

export const transformers = (pipe: FeatureExtractionPipeline): Embedder =>
  fromTransformers(pipe, { ...named, pooling: 'cls', normalize: false })

// @ts-expect-error a client is no AI SDK model
export const mistaken = (client: OpenAI): Embedder => fromAiSdk(client, { dimensions: 8 })
// @ts-expect-error the id of these weights cannot be guessed
export const nameless = (embeddings: Embeddings): Embedder => fromLangChain(embeddings, { dimensions: 8 })
// @ts-expect-error dimensions are part of what a block claims
export const unmeasured = (client: Ollama): Embedder => fromOllama(client, { model: 'embed-1' })
// @ts-expect-error a pipeline of another task has no vectors
export const otherTask = (pipe: TextClassificationPipeline): Embedder => fromTransformers(pipe, named)
