import { CosmicError } from '../base/index'
import { blockVector, LIMITS, type Block, type Embedder } from '../block/index'
import { wrongLength } from '../search/for-client'
import type { SearchOptions } from './query'

/** The most queries that one search asks at once. */
const MAX_QUERIES = 64

export interface QueryVector {
  readonly vector: Float32Array
  readonly model: string
  /** What was embedded. */
  readonly text?: string
  /** A block is not its own answer. */
  readonly exclude?: string
}

/** A text (needs an embedder), a vector (needs its model), or a block. */
export type Query = string | ArrayLike<number> | Block

/** A list of numbers is one query. */
export function queriesOf(query: Query | readonly Query[]): readonly Query[] {
  if (!Array.isArray(query) || query.length === 0 || typeof query[0] === 'number') return [query as Query]
  if (query.length > MAX_QUERIES) throw new CosmicError({ code: 'limit', field: 'query', limit: MAX_QUERIES })
  return query as readonly Query[]
}

/** Turns what the user asks with into a vector and its model. */
export async function queryVector(
  query: Query,
  options: SearchOptions,
  embedder: Embedder | undefined,
): Promise<QueryVector> {
  if (typeof query === 'string') return embedQuery(query, options, embedder)
  if (!isNumbers(query)) return blockQuery(query, options)
  const model = options.model ?? embedder?.modelId
  if (model === undefined) {
    throw new CosmicError({ code: 'no-model', field: 'model', hint: 'name the model that made the query vector' })
  }
  if (query.length > LIMITS.dims) throw new CosmicError({ code: 'wrong-length', field: 'vector', limit: LIMITS.dims })
  // What is no number would become one: `null` zero, `true` one.
  const numbers = Array.from({ length: query.length }, (_, i) => query[i] as unknown)
  if (!numbers.every(each => typeof each === 'number'))
    throw new CosmicError({ code: 'bad-type', field: 'vector', hint: 'a list of numbers' })
  // Where nothing of the model is here yet, only its embedder knows how long its vectors are.
  if (model === embedder?.modelId) checkLength(query, embedder)
  return { vector: Float32Array.from(query), model }
}

/** Plain JavaScript hands over anything: what is neither text nor block nor a list of numbers is refused by name. */
function isNumbers(query: ArrayLike<number> | Block): query is ArrayLike<number> {
  if (query !== null && typeof query === 'object') {
    if ('bytes' in query && query.bytes instanceof Uint8Array) return false
    if (Array.isArray(query) || (ArrayBuffer.isView(query) && 'length' in query)) return true
  }
  throw new CosmicError({ code: 'bad-type', field: 'query', hint: 'a text, a vector or a block' })
}

async function embedQuery(text: string, options: SearchOptions, embedder: Embedder | undefined): Promise<QueryVector> {
  if (!embedder) {
    const hint = 'pass an embedder to new SyncClient({ … }), or search with a vector and its model'
    throw new CosmicError({ code: 'no-embedder', field: 'query', hint })
  }
  if (options.model !== undefined && options.model !== embedder.modelId) {
    throw new CosmicError({
      code: 'no-embedder',
      field: 'model',
      limit: embedder.modelId,
      hint: 'the embedder is of another model',
    })
  }
  const [vector] = await ask(embedder, text, options.signal)
  checkLength(vector, embedder)
  return { vector: vector!, model: embedder.modelId, text }
}

function checkLength(vector: ArrayLike<number> | undefined, { modelId, dimensions }: Embedder): void {
  if (vector?.length !== dimensions) throw wrongLength(modelId, [dimensions])
}

/** A model's own error becomes `embedder`; its words may hold secrets and stay in the cause. */
async function ask(embedder: Embedder, text: string, signal: AbortSignal | undefined): Promise<Float32Array[]> {
  try {
    return await embedder.embed([text], { kind: 'query', ...(signal && { signal }) })
  } catch (cause) {
    if (cause instanceof CosmicError) throw cause
    throw new CosmicError(
      { code: 'embedder', field: 'query', hint: 'the embedder failed; its error is the cause' },
      { cause },
    )
  }
}

function blockQuery(block: Block, { model }: SearchOptions): QueryVector {
  if (block.opaque || block.kind !== 'embedding') {
    throw new CosmicError({
      code: 'bad-type',
      field: 'query',
      hint: 'only embedding blocks carry a vector to search with',
    })
  }
  if (model !== undefined && model !== block.embedding.model) {
    const hint = 'a block is searched with in its own model; where.model says which blocks to find'
    throw new CosmicError({ code: 'bad-value', field: 'model', limit: block.embedding.model, hint })
  }
  return { vector: blockVector(block), model: block.embedding.model, exclude: block.id }
}
