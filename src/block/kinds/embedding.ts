import { allFinite, ELEMENT_SIZE } from '../elements'
import { byteString, oneOf, refuse, type Codec } from '../fields/codec'
import { withCommon } from '../fields/common'
import { input } from '../fields/input'
import { checkNamedDims, modelId } from '../fields/names'
import { optional, record, required } from '../fields/record'
import { scale } from '../fields/singles'
import { LIMITS } from '../limits'
import type { ElementType, Embedding, Input } from '../types'

/** The wire does not say how many elements there are: the length of `data` does. */
type WireEmbedding = Omit<Embedding, 'dims'>

const wire = record<WireEmbedding>({
  model: required('model', modelId),
  type: required('type', oneOf('f32', 'f16', 'i8')),
  data: required('data', byteString),
  scale: optional('scale', scale),
})

const embedding: Codec<Embedding> = {
  read(value, path) {
    const { model, type, data, scale: factor } = wire.read(value, path)
    const dims = countElements(data, type, path)
    checkNamedDims(model, dims, `${path}.model`)
    if (type === 'i8' && factor === undefined) refuse('missing-field', `${path}.scale`)
    if (type !== 'i8' && factor !== undefined) refuse('unknown-field', `${path}.scale`, { hint: 'of i8 only' })
    if (!allFinite(data, type)) refuse('non-finite', `${path}.data`)
    return Object.freeze(
      factor === undefined ? { model, dims, type, data } : { model, dims, type, data, scale: factor },
    )
  },
  write: (value, path) => wire.write(value, path),
}

/** A vector and what it is of, in the open or sealed. */
export const EMBEDDING_FIELDS = { embedding: required('embedding', embedding), input: required('input', input) }

/** Kind `embedding`: a vector and what it is of. */
export const embeddingKind = withCommon<{ readonly embedding: Embedding; readonly input: Input }>(EMBEDDING_FIELDS)

function countElements(data: Uint8Array, type: ElementType, path: string): number {
  const dims = data.length / ELEMENT_SIZE[type]
  if (!Number.isInteger(dims)) refuse('wrong-length', `${path}.data`, { hint: `a multiple of ${ELEMENT_SIZE[type]}` })
  if (dims < 1 || dims > LIMITS.dims) refuse('out-of-range', `${path}.dims`, { limit: `1 … ${LIMITS.dims}` })
  return dims
}
