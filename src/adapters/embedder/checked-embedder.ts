import { CosmicError, throwIfAborted, unlessAborted, unwrap } from '../../base/index'
import { LIMITS, parseModelId, type EmbedKind, type Embedder } from '../../block/index'

/** The most texts one call takes when the caller sets no other bound. */
const DEFAULT_BATCH = 64

/** What one provider call is told. */
export interface EmbedCall {
  readonly texts: string[]
  readonly kind: EmbedKind
  readonly signal: AbortSignal | undefined
}

/** An embedder before its checks. */
export interface EmbedderParts {
  readonly modelId: string
  readonly dimensions: number
  readonly maxBatch?: number | undefined
  /** Text put before every input of a kind, for models trained with one, such as `query: `. */
  readonly prefix?: Partial<Record<EmbedKind, string>> | undefined
  /** Asks the model once: one vector per text, in order. Its answer is not trusted. */
  readonly call: (call: EmbedCall) => PromiseLike<readonly ArrayLike<number>[]>
}

/**
 * Stands an `Embedder` on a function that asks some model. Checked once: the model id (`bad-model-id`), the dimensions
 * and the batch bound (`out-of-range`). Checked on every call: at most `maxBatch` texts (`limit`), the number and length
 * of the answered vectors (`wrong-length`), every number (`non-finite`). What the model itself throws becomes
 * `embedder`, its error as `cause` and never in the message; a fired signal rejects with `aborted` at once, even when
 * the model cannot be stopped.
 */
export function checkedEmbedder({
  modelId,
  dimensions,
  maxBatch = DEFAULT_BATCH,
  prefix,
  call,
}: EmbedderParts): Embedder {
  assertCount('dimensions', dimensions, LIMITS.dims)
  assertCount('maxBatch', maxBatch, Number.MAX_SAFE_INTEGER)
  const { dims = dimensions } = unwrap(parseModelId(modelId))
  if (dims !== dimensions) throw new CosmicError({ code: 'wrong-length', field: 'dimensions', limit: dims })
  return Object.freeze<Embedder>({
    modelId,
    dimensions,
    maxBatch,
    async embed(texts, { kind = 'document', signal } = {}) {
      throwIfAborted(signal)
      if (texts.length > maxBatch) throw new CosmicError({ code: 'limit', field: 'texts', limit: maxBatch })
      if (texts.length === 0) return []
      // Some models lose an empty text's row, and some services refuse it: it is read as a space.
      const prefixed = texts.map(text => (prefix?.[kind] ?? '') + text || ' ')
      const answer = await ask(modelId, () => call({ texts: prefixed, kind, signal }), signal)
      return readVectors(answer, texts.length, dimensions)
    },
  })
}

async function ask<T>(modelId: string, call: () => PromiseLike<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await unlessAborted(call(), signal)
  } catch (cause) {
    throwIfAborted(signal)
    if (cause instanceof CosmicError) throw cause
    const hint = statusHint(cause)
    const message = `the model ${modelId} did not answer${hint === undefined ? '' : `: ${hint}`}`
    throw new CosmicError({ code: 'embedder', message, ...(hint !== undefined && { hint }) }, { cause })
  }
}

/** Only the number: the text of a provider's error may quote keys, headers and inputs. */
function statusHint(cause: unknown): string | undefined {
  const { status, statusCode, status_code: snake } = (cause ?? {}) as Record<string, unknown>
  const code = [status, statusCode, snake].find(value => typeof value === 'number')
  return code === undefined ? undefined : `HTTP status ${code}`
}

function readVectors(
  answer: readonly (ArrayLike<number> | undefined)[],
  count: number,
  dimensions: number,
): Float32Array[] {
  if (!Array.isArray(answer) || answer.length !== count) {
    throw new CosmicError({ code: 'wrong-length', field: 'embeddings', limit: count })
  }
  return Array.from(answer, (vector, i) => readVector(vector, dimensions, `embeddings[${i}]`))
}

/** Judged before and after the conversion: `null` would become 0, and 1e39 infinity. */
function readVector(vector: ArrayLike<number> | null | undefined, dimensions: number, field: string): Float32Array {
  if (vector?.length !== dimensions) throw new CosmicError({ code: 'wrong-length', field, limit: dimensions })
  const out = new Float32Array(dimensions)
  for (let i = 0; i < dimensions; i++) {
    out[i] = vector[i]!
    if (!Number.isFinite(vector[i]) || !Number.isFinite(out[i])) throw new CosmicError({ code: 'non-finite', field })
  }
  return out
}

function assertCount(field: string, value: number, limit: number): void {
  if (!Number.isInteger(value) || value < 1 || value > limit)
    throw new CosmicError({ code: 'out-of-range', field, limit })
}
