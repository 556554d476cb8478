import { decodeElements, type EmbeddingBlock } from '../block/index'
import type { StoredBlock } from '../store/index'

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
  /** Good until the next entry is read: whoever keeps it makes a copy. */
  readonly vector: Float32Array
}

type SearchableBlock = StoredBlock & { readonly block: EmbeddingBlock }

/** Whether it is an admitted embedding. */
export function isSearchable({ block, admitted }: StoredBlock): boolean {
  return admitted && !block.opaque && block.kind === 'embedding'
}

/** Reads entries from stored blocks, one after the other, the vectors into one array. */
export class EntryReader {
  readonly #predicates: readonly (readonly [name: string, holds: Predicate])[]
  #vector = new Float32Array(0)

  constructor(predicates: Readonly<Record<string, Predicate>> = {}) {
    this.#predicates = Object.entries(predicates)
  }

  /** Of those that are searchable. */
  *read(blocks: readonly StoredBlock[]): Generator<Entry> {
    for (const stored of blocks) if (isSearchable(stored)) yield this.#entryOf((stored as SearchableBlock).block)
  }

  #entryOf(block: EmbeddingBlock): Entry {
    const { id, author, time, expires, tags, place, embedding } = block
    const holds = this.#predicates.length > 0 ? this.#holds(block) : []
    const { dims, data, type, scale } = embedding
    if (this.#vector.length !== dims) this.#vector = new Float32Array(dims)
    const vector = decodeElements(data, type, scale, this.#vector)
    const bare = { id, author, time, model: embedding.model, vector }
    if (expires === undefined && !place && holds.length === 0) return tags?.length ? { ...bare, tags } : bare
    return {
      ...bare,
      ...(expires !== undefined && { expires }),
      ...(tags && tags.length > 0 && { tags }),
      ...(place && { place: { latitude: place.latitude, longitude: place.longitude } }),
      ...(holds.length > 0 && { holds }),
    }
  }

  #holds(block: EmbeddingBlock): string[] {
    return this.#predicates.filter(([, holds]) => holds(block)).map(([name]) => name)
  }
}
