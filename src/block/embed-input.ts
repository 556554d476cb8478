import { sha256 } from '#platform'
import { checkNames, CosmicError, fields, utf8 } from '../base/index'
import type { EmbedderFields, HashedInput, TextInput, VectorFields } from './block-fields'
import { encodeElements } from './elements'
import { INPUT_NAMES } from './field-names'
import type { ElementType, Embedding, Input } from './types'

/** The own fields of an embedding block: the vector as stored, and what it is of. */
export async function embedInput(
  fields: VectorFields | EmbedderFields,
): Promise<{ embedding: Embedding; input: Input }> {
  if (fields.embedder !== undefined) {
    const vector = await embedText(fields)
    const embedding = store(vector, fields.embedder.modelId, fields.element)
    return { embedding, input: describeInput(fields.input) }
  }
  if (fields.embedding === undefined) throw withoutVector(fields)
  const embedding = store(fields.embedding, fields.model, fields.element)
  const input = fields.input ?? { type: 'embedding', hash: sha256(embedding.data) }
  return { embedding, input: describeInput(input) }
}

function store(vector: ArrayLike<number>, model: string, type: ElementType = 'f32'): Embedding {
  return { model, dims: vector.length, type, ...encodeElements(vector, type) }
}

async function embedText(fields: EmbedderFields): Promise<Float32Array> {
  const { modelId, dimensions } = fields.embedder
  const [vector] = await callEmbedder(fields)
  if (vector?.length === dimensions) return vector
  const hint = `${modelId} answered ${vector?.length ?? 'no'} numbers`
  throw new CosmicError({ code: 'wrong-length', field: 'embedding', limit: dimensions, hint })
}

/** Whatever the model throws is kept as the cause. */
async function callEmbedder({ embedder, input, signal }: EmbedderFields): Promise<Float32Array[]> {
  try {
    return await embedder.embed([input.content], { kind: 'document', ...(signal && { signal }) })
  } catch (cause) {
    if (cause instanceof CosmicError) throw cause
    const code = signal?.aborted === true ? 'aborted' : 'embedder'
    throw new CosmicError({ code, hint: `${embedder.modelId}: ${String(cause)}` }, { cause })
  }
}

function describeInput(input: TextInput | HashedInput): Input {
  checkNames(fields(input, 'input'), INPUT_NAMES, 'input')
  const origin = input.origin === undefined ? {} : { origin: input.origin }
  if (input.content === undefined) return { type: input.type, hash: input.hash, ...origin }
  const { type, content, inline = true } = input
  return { type, hash: sha256(utf8(content)), ...origin, ...(inline && { content }) }
}

function withoutVector({ input }: VectorFields): CosmicError {
  if (input?.content === undefined) return new CosmicError({ code: 'missing-field', field: 'embedding' })
  const hint = 'a text needs a vector: pass embedder, or embedding with model'
  return new CosmicError({ code: 'no-embedder', field: 'embedder', hint })
}
