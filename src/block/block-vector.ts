import { such } from '../base/index'
import { decodeElements } from './elements'
import type { Embedding } from './types'

const embedding = /* @__PURE__ */ such<Embedding>(
  value => (value as Embedding | undefined)?.data instanceof Uint8Array,
  'an embedding block',
)

/**
 * The vector of an embedding block, a new array of `dims` finite numbers.
 *
 * @example
 * ```ts
 * const vector = blockVector(block) // Float32Array of block.embedding.dims
 * ```
 */
export function blockVector(block: { readonly embedding: Embedding }): Float32Array {
  const { data, type, scale } = embedding((block as typeof block | null)?.embedding, 'block')
  return decodeElements(data, type, scale)
}
