import { anything, flag, having, oneOf, record, such, text } from '../../base/index'
import type { EmbedKind, Embedder } from '../../block/index'
import { checkedEmbedder } from './checked-embedder'

/**
 * Turns the ecosystem's embedding shapes into the `Embedder` port. Structural: nothing is imported, whatever has the
 * shape fits. `dimensions` is asked for and never probed: it is part of what a signed block claims, so a model that
 * answers another length is an error (`wrong-length`), not a discovery, and no wrapper has to reach a service before it
 * can be built. Every wrapper rejects as described at the `Embedder` port and in the options below: `bad-model-id` and
 * `out-of-range` when it is built; `limit`, `wrong-length`, `non-finite`, `embedder` and `aborted` when it is called.
 */
export interface FromOptions {
  /** `provider:name[@revision][#dims]`. Give the same id wherever the same weights answer, whatever serves them. */
  readonly modelId: string
  /** The length of every vector. */
  readonly dimensions: number
  /** The most texts one call takes (default 64); more are refused with `limit`. */
  readonly maxBatch?: number
  /** Text put before every input of a kind, for models trained with one, such as `{ query: 'query: ', document: 'passage: ' }`. */
  readonly prefix?: Partial<Record<EmbedKind, string>>
}

/** As `FromOptions`, where the model itself says what the id is unless one is given. */
export type NamedOptions = Omit<FromOptions, 'modelId'> & Partial<Pick<FromOptions, 'modelId'>>

/** Options of services that embed with a named model. */
export interface ServiceOptions extends NamedOptions {
  /** The model's name at the service. */
  readonly model: string
  /** Asks the service for vectors cut to `dimensions`; the default model id then ends in `#dimensions`. */
  readonly shorten?: boolean
}

/** An embedding model of the AI SDK, provider specification V2, V3 or V4. */
export interface AiSdkModel {
  readonly provider: string
  readonly modelId: string
  readonly maxEmbeddingsPerCall: PromiseLike<number | undefined> | number | undefined
  doEmbed(options: { values: string[]; abortSignal?: AbortSignal }): PromiseLike<{ embeddings: number[][] }>
}

/** LangChain's `EmbeddingsInterface`. */
export interface LangChainEmbeddings {
  embedDocuments(documents: string[]): Promise<number[][]>
  embedQuery(document: string): Promise<number[]>
}

/** The part of an OpenAI client, or of a compatible one, that embeds. */
export interface OpenAiClient {
  readonly embeddings: {
    create(
      body: { model: string; input: string[]; encoding_format: 'float'; dimensions?: number },
      options?: { signal?: AbortSignal },
    ): PromiseLike<{ data: readonly { index: number; embedding: number[] }[] }>
  }
}

/** The part of an Ollama client that embeds. */
export interface OllamaClient {
  /** Ollama's own client takes no options. */
  embed(
    request: { model: string; input: string[]; dimensions?: number },
    options?: { signal?: AbortSignal },
  ): PromiseLike<{ embeddings: number[][] }>
}

/** How transformers.js makes one vector of a text's token vectors; the model's card names the right one. */
export type Pooling = 'mean' | 'cls' | 'last_token'

/** A `feature-extraction` pipeline of transformers.js. */
export type FeatureExtraction = (
  texts: string[],
  options: { pooling: Pooling; normalize: boolean },
) => PromiseLike<{ tolist(): number[][] }>

/** Numbers and the id are judged when the embedder is made. */
const shared = {
  modelId: text,
  dimensions: anything,
  maxBatch: anything,
  prefix: record<Partial<Record<EmbedKind, string>>>({ query: text, document: text }),
}
const readOptions = record<FromOptions>(shared)
const readNamedOptions = record<NamedOptions>(shared)
const readServiceOptions = record<ServiceOptions>({ ...shared, model: text, shorten: flag }, 'model')
const readPoolingOptions = record<FromOptions & { pooling?: Pooling; normalize?: boolean }>({
  ...shared,
  pooling: oneOf('mean', 'cls', 'last_token'),
  normalize: flag,
})
const readModel = such<AiSdkModel>(
  value => typeof (value as AiSdkModel | null)?.provider === 'string' && typeof value.doEmbed === 'function',
  'an embedding model of the AI SDK',
)
const readEmbeddings = having<LangChainEmbeddings>('Embeddings of LangChain', 'embedDocuments', 'embedQuery')
const readOpenAI = such<OpenAiClient>(
  value => typeof (value as OpenAiClient | null)?.embeddings?.create === 'function',
  'a client of OpenAI',
)
const readOllama = having<OllamaClient>('a client of Ollama', 'embed')
const readPipe = such<FeatureExtraction>(value => typeof value === 'function', 'a feature-extraction pipeline')

/**
 * Wraps an AI SDK embedding model. The default id is its provider's name up to the first dot, then its own:
 * `openai:text-embedding-3-small`. `maxBatch` defaults to the model's own bound where that is known, else 64.
 *
 * @example
 * ```ts
 * import { openai } from '@ai-sdk/openai'
 * const embedder = fromAiSdk(openai.embedding('text-embedding-3-small'), { dimensions: 1536 })
 * ```
 */
export function fromAiSdk(model: AiSdkModel, options: NamedOptions): Embedder {
  const { maxEmbeddingsPerCall: bound } = readModel(model, 'model')
  return checkedEmbedder({
    modelId: `${model.provider.split('.', 1)[0]}:${model.modelId}`,
    ...(typeof bound === 'number' && Number.isSafeInteger(bound) && { maxBatch: bound }),
    ...readNamedOptions(options, ''),
    async call({ texts, signal }) {
      const { embeddings } = await model.doEmbed({ values: texts, ...(signal && { abortSignal: signal }) })
      return embeddings
    },
  })
}

/**
 * Wraps LangChain `Embeddings`: documents go to `embedDocuments`, queries to `embedQuery` one by one.
 *
 * @example
 * ```ts
 * const embedder = fromLangChain(new OpenAIEmbeddings(), { modelId: 'openai:text-embedding-3-small', dimensions: 1536 })
 * ```
 */
export function fromLangChain(embeddings: LangChainEmbeddings, options: FromOptions): Embedder {
  readEmbeddings(embeddings, 'embeddings')
  return checkedEmbedder({
    ...readOptions(options, ''),
    call: ({ texts, kind }) =>
      kind === 'query' ? Promise.all(texts.map(text => embeddings.embedQuery(text))) : embeddings.embedDocuments(texts),
  })
}

/**
 * Wraps an OpenAI client or a compatible one (`POST /v1/embeddings`). The default id is `openai:` and the model's name:
 * give your own when another service stands behind the client. Vectors are put in order by their `index`.
 *
 * @example
 * ```ts
 * const embedder = fromOpenAI(new OpenAI(), { model: 'text-embedding-3-small', dimensions: 512, shorten: true })
 * embedder.modelId // 'openai:text-embedding-3-small#512'
 * ```
 */
export function fromOpenAI(client: OpenAiClient, given: ServiceOptions): Embedder {
  const { model, shorten = false, ...options } = readServiceOptions(given, '')
  readOpenAI(client, 'client')
  return checkedEmbedder({
    modelId: serviceId('openai', model, shorten, options.dimensions),
    ...options,
    async call({ texts, signal }) {
      const body = { model, input: texts, encoding_format: 'float' as const }
      const cut = shorten ? { dimensions: options.dimensions } : {}
      const { data } = await client.embeddings.create({ ...body, ...cut }, signal && { signal })
      const embeddings: number[][] = []
      for (const [i, { index = i, embedding }] of data.entries()) embeddings[index] = embedding
      return embeddings
    },
  })
}

/**
 * Wraps an Ollama client (`POST /api/embed`). The default id is `ollama:` and the model's name and tag. Ollama's client
 * cannot stop a call: an abort rejects at once and the late answer is dropped.
 *
 * @example
 * ```ts
 * const embedder = fromOllama(new Ollama(), { model: 'nomic-embed-text:v1.5', dimensions: 768 })
 * ```
 */
export function fromOllama(client: OllamaClient, given: ServiceOptions): Embedder {
  const { model, shorten = false, ...options } = readServiceOptions(given, '')
  readOllama(client, 'client')
  return checkedEmbedder({
    modelId: serviceId('ollama', model, shorten, options.dimensions),
    ...options,
    async call({ texts, signal }) {
      const cut = shorten ? { dimensions: options.dimensions } : {}
      const { embeddings } = await client.embed({ model, input: texts, ...cut }, signal && { signal })
      return embeddings
    },
  })
}

/**
 * Wraps a transformers.js feature-extraction pipeline; vectors are pooled (default `mean`) and normalised. Like any
 * computation in this process it cannot be stopped: an abort rejects at once and the late answer is dropped.
 *
 * @example
 * ```ts
 * const pipe = await pipeline('feature-extraction', 'Xenova/all-MiniLM-L6-v2')
 * const embedder = fromTransformers(pipe, { modelId: 'huggingface:Xenova/all-MiniLM-L6-v2', dimensions: 384 })
 * ```
 */
export function fromTransformers(
  pipe: FeatureExtraction,
  given: FromOptions & { pooling?: Pooling; normalize?: boolean },
): Embedder {
  const { pooling = 'mean', normalize = true, ...options } = readPoolingOptions(given, '')
  readPipe(pipe, 'pipe')
  return checkedEmbedder({
    ...options,
    call: async ({ texts }) => (await pipe(texts, { pooling, normalize })).tolist(),
  })
}

function serviceId(provider: string, model: string, shorten: boolean, dimensions: number): string {
  return `${provider}:${model}${shorten ? `#${dimensions}` : ''}`
}
