import { parseModelId } from '../block/index'
import type { QueryVector } from './query-vector'

/**
 * The query in a model whose id asks for a prefix of its own model's vectors (Matryoshka: Kusupati et al. 2022): the same provider, name
 * and revision, with `#dims` at most the query's length. `undefined` for any other model.
 */
export function prefixQuery(query: QueryVector, model: string): QueryVector | undefined {
  const [own, other] = [parseModelId(query.model), parseModelId(model)]
  if (!own.ok || !other.ok || other.value.dims === undefined) return undefined
  const { provider, name, revision, dims } = other.value
  const isSame = own.value.provider === provider && own.value.name === name && own.value.revision === revision
  if (!isSame || dims >= query.vector.length) return undefined
  return { ...query, vector: query.vector.slice(0, dims) }
}
