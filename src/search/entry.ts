import { blockVector, type EmbeddingBlock } from '../block/index'

/** A condition of the user's own on a block; it must answer the same for the same block. */
export type Predicate = (block: EmbeddingBlock) => boolean

export interface Spot {
  readonly latitude: number
  readonly longitude: number
}

/** What filters ask of a block. */
export interface Traits {
  readonly author: string
  readonly time: number
  readonly expires?: number
  readonly tags?: readonly string[]
  readonly place?: Spot
  /** Names of the predicates that hold. */
  readonly holds?: readonly string[]
}

/** What an index takes of a block: plain data, which can go to another thread. */
export interface Entry extends Traits {
  readonly id: string
  readonly model: string
  readonly vector: Float32Array
}

export function entryOf(block: EmbeddingBlock, predicates: Readonly<Record<string, Predicate>> = {}): Entry {
  const { id, author, time, expires, tags, place } = block
  const holds = Object.keys(predicates).filter(name => predicates[name]!(block))
  return {
    ...{ id, author, time, model: block.embedding.model, vector: blockVector(block) },
    ...(expires !== undefined && { expires }),
    ...(tags && tags.length > 0 && { tags }),
    ...(place && { place: { latitude: place.latitude, longitude: place.longitude } }),
    ...(holds.length > 0 && { holds }),
  }
}
