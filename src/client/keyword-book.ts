import type { EmbeddingBlock } from '../block/index'
import { meetsFilter, type KeywordIndex, type Predicate, type SearchFilter } from '../search/index'
import type { BlockStore, StoredBlock } from '../store/index'

/** Looks this many times further when the filter leaves too few. */
const WIDENING = 4

/** The words of the admitted blocks that carry their text, made when first asked, and followed from then on. */
export class KeywordBook {
  readonly #store: BlockStore
  readonly #index: KeywordIndex
  readonly #held = new Set<string>()
  /** Called only when opening fails: the store forgets its listeners when it closes. */
  readonly #stop: () => void
  private constructor(store: BlockStore, index: KeywordIndex) {
    this.#store = store
    this.#index = index
    this.#stop = store.onChange(({ added, judged, erased }) => {
      for (const { id } of erased) this.#remove(id)
      for (const { block, admitted } of judged) if (!admitted) this.#remove(block.id)
      for (const stored of [...added, ...judged]) this.#add(stored)
    })
  }

  static async open(store: BlockStore, index: KeywordIndex): Promise<KeywordBook> {
    const book = new KeywordBook(store, index)
    try {
      for await (const stored of store.query({ kind: 'embedding' })) book.#add(stored)
    } catch (error) {
      book.#stop()
      throw error
    }
    return book
  }

  /** The best `limit` that meet a filter. */
  async search(
    text: string,
    where: SearchFilter,
    predicates: Readonly<Record<string, Predicate>> | undefined,
    limit: number,
  ): Promise<EmbeddingBlock[]> {
    for (let asked = limit; ; asked *= WIDENING) {
      const ids = this.#index.search(text, asked)
      const stored = await this.#store.getMany(ids)
      const blocks = stored.flatMap(each => {
        const block = each?.admitted ? each.block : undefined
        const isEmbedding = block && !block.opaque && block.kind === 'embedding'
        return isEmbedding && meetsFilter(block, where, predicates) ? [block] : []
      })
      if (blocks.length >= limit || ids.length < asked) return blocks.slice(0, limit)
    }
  }

  #add({ block, admitted }: StoredBlock): void {
    if (!admitted || block.opaque || block.kind !== 'embedding' || this.#held.has(block.id)) return
    const { content } = (block.input ?? {}) as { content?: unknown }
    if (typeof content !== 'string' || content === '') return
    this.#held.add(block.id)
    this.#index.add(block.id, content)
  }

  #remove(id: string): void {
    if (this.#held.delete(id)) this.#index.remove(id)
  }
}
