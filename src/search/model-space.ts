import type { EmbeddingBlock } from '../block/index'
import { FlatIndex } from './flat-index'
import { Postings, type SearchFilter } from './postings'
import { NOTHING_FOUND, type ScanOptions, type SearchResult, type VectorIndex } from './vector-index'

/** The searchable blocks of one model and length of vector. */
export class ModelSpace {
  readonly model: string
  readonly #index: VectorIndex
  readonly #postings = new Postings()
  /** Row by id. */
  readonly #rows = new Map<string, number>()
  readonly #removed = new Set<string>()

  constructor(model: string, dims: number) {
    this.model = model
    this.#index = new FlatIndex(dims)
  }

  get dims(): number {
    return this.#index.dims
  }

  get size(): number {
    return this.#rows.size - this.#removed.size
  }

  /** Takes a block that was never here. */
  add(block: EmbeddingBlock, unit: Float32Array): void {
    const row = this.#index.add(block.id, unit, block.expires)
    this.#rows.set(block.id, row)
    this.#postings.add(row, block)
  }

  /** Makes a block findable again that was removed; false when it was never here. */
  restore({ id, expires = Infinity }: EmbeddingBlock): boolean {
    const row = this.#rows.get(id)
    if (row === undefined) return false
    if (this.#removed.delete(id)) this.#index.expire(row, expires)
    return true
  }

  /** Its row stays, in case the block is admitted again. */
  remove(id: string): void {
    const row = this.#rows.get(id)
    if (row === undefined) return
    this.#removed.add(id)
    this.#index.expire(row, -Infinity)
  }

  async search(unit: Float32Array, filter: SearchFilter, options: ScanOptions): Promise<SearchResult> {
    const { model = this.model, kind = 'embedding' } = filter
    if (model !== this.model || kind !== 'embedding') return NOTHING_FOUND
    const rows = this.#postings.select(filter)
    return this.#index.scan(unit, { ...options, ...(rows && { rows }) })
  }
}
