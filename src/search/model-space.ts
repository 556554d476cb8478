import type { EmbeddingBlock } from '../block/index'
import { FlatIndex } from './flat-index'
import { Postings, type SearchFilter } from './postings'
import { NOTHING_FOUND, type ScanOptions, type SearchResult, type VectorIndex } from './vector-index'

/** The searchable blocks of one model and length of vector. */
export class ModelSpace {
  readonly model: string
  readonly #index: VectorIndex
  readonly #postings = new Postings()

  constructor(model: string, dims: number) {
    this.model = model
    this.#index = new FlatIndex(dims)
  }

  get dims(): number {
    return this.#index.dims
  }

  get size(): number {
    return this.#index.size
  }

  add(block: EmbeddingBlock, unit: Float32Array): void {
    this.#postings.add(this.#index.add(block.id, unit, block.expires), block)
  }

  async search(unit: Float32Array, filter: SearchFilter, options: ScanOptions): Promise<SearchResult> {
    const { model = this.model, kind = 'embedding' } = filter
    if (model !== this.model || kind !== 'embedding') return NOTHING_FOUND
    const rows = this.#postings.select(filter)
    return this.#index.scan(unit, { ...options, ...(rows && { rows }) })
  }
}
