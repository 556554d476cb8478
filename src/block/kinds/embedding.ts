import { allFinite, ELEMENT_SIZE } from '../elements'
import { byteString, integer, oneOf, refuse, withCheck } from '../fields/codec'
import { withCommon } from '../fields/common'
import { input } from '../fields/input'
import { checkNamedDims, modelId } from '../fields/names'
import { optional, record, required } from '../fields/record'
import { scale } from '../fields/singles'
import { LIMITS } from '../limits'
import type { Embedding, Input } from '../types'

const embedding = withCheck(
  record<Embedding>({
    model: required('model', modelId),
    dims: required('dims', integer(1, LIMITS.dims)),
    type: required('type', oneOf('f32', 'f16', 'i8')),
    data: required('data', byteString),
    scale: optional('scale', scale),
  }),
  checkEmbedding,
)

/** A vector and what it is of, in the open or sealed. */
export const EMBEDDING_FIELDS = { embedding: required('embedding', embedding), input: required('input', input) }

/** Kind `embedding`: a vector and what it is of. */
export const embeddingKind = withCommon<{ readonly embedding: Embedding; readonly input: Input }>(EMBEDDING_FIELDS)

function checkEmbedding({ model, dims, type, data, scale: factor }: Embedding, path: string): void {
  checkNamedDims(model, dims, `${path}.model`)
  const length = dims * ELEMENT_SIZE[type]
  if (data.length !== length) refuse('wrong-length', `${path}.data`, { limit: length })
  if (type === 'i8' && factor === undefined) refuse('missing-field', `${path}.scale`)
  if (type !== 'i8' && factor !== undefined) refuse('unknown-field', `${path}.scale`, { hint: 'of i8 only' })
  if (!allFinite(data, type)) refuse('non-finite', `${path}.data`)
}
