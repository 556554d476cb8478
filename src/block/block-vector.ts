import { decodeElements } from './elements'
import type { Embedding } from './types'

/**
 * The vector of an embedding block, a new array of `dims` finite numbers.
 *
 * @example
 * ```ts
 * const vector = blockVector(block) // Float32Array of block.embedding.dims
 * ```
 */
export function blockVector(block: { readonly embedding: Embedding }): Float32Array {
  const { data, type, scale } = block.embedding
  return decodeElements(data, type, scale)
}
