import type { EmbeddingBlock } from '../block/index'
import { meetsFilter, type KeywordIndex, type Predicate, type SearchFilter } from '../search/index'
import { Omitted } from '../search/for-client'
import type { BlockStore, StoredBlock } from '../store/index'

/** Looks this many times further when the filter leaves too few. */
const WIDENING = 4

/** Characters of text that are indexed between two pauses: some five to ten milliseconds of MiniSearch. */
const SLICE = 16_384
/** What a text takes in an index of words, in bytes, about: measured with MiniSearch on 50,000 texts of 60 characters. */
const TEXT_BYTES = 512
const CHARACTER_BYTES = 12

/** What the words take, and how many texts had no room. */
export interface WordSurvey {
  readonly texts: number
  /** About. */
  readonly bytes: number
  /** Of those that are there. */
  readonly omitted: number
}

export interface KeywordPorts {
  /** Awaited between slices of the making. */
  readonly pause?: () => Promise<void>
  /** Texts beyond it are left out. */
  readonly maxBytes?: number
  /** Told once when a text is left out. */
  readonly onError?: (error: unknown) => void
}

/**
 * The words of the admitted blocks that carry their text, made when first asked, and followed from then on.
 *
 * Invariant: what was erased or refused while the index was made does not come in by a page that was read before.
 */
export class KeywordBook {
  readonly #store: BlockStore
  readonly #index: KeywordIndex
  readonly #ports: KeywordPorts
  /** Bytes of each text that is in. */
  readonly #held = new Map<string, number>()
  /** While it is made: what has gone since. */
  #gone: Set<string> | undefined = new Set()
  #bytes = 0
  readonly #omitted: Omitted
  /** Called only when opening fails: the store forgets its listeners when it closes. */
  readonly #stop: () => void
  private constructor(store: BlockStore, index: KeywordIndex, ports: KeywordPorts) {
    this.#store = store
    this.#index = index
    this.#ports = ports
    this.#omitted = new Omitted('texts are left out of the index of words', ports)
    this.#stop = store.onChange(({ added, judged, erased }) => {
      for (const { id } of erased) this.#remove(id)
      for (const { block, admitted } of judged) if (!admitted) this.#remove(block.id)
      for (const stored of [...added, ...judged]) this.#add(stored)
    })
  }

  /** Rejects as the store does, also when that is closed meanwhile. */
  static async open(store: BlockStore, index: KeywordIndex, ports: KeywordPorts = {}): Promise<KeywordBook> {
    const book = new KeywordBook(store, index, ports)
    try {
      await book.#read()
    } catch (error) {
      book.#stop()
      throw error
    }
    return book
  }

  get survey(): WordSurvey {
    return { texts: this.#held.size, bytes: this.#bytes, omitted: this.#omitted.count }
  }

  async #read(): Promise<void> {
    const { pause } = this.#ports
    let left = SLICE
    for await (const stored of this.#store.query({ kind: 'embedding' })) {
      if (!this.#gone!.has(stored.block.id)) left -= this.#add(stored)
      if (left > 0) continue
      await pause?.()
      left = SLICE
    }
    this.#gone = undefined
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

  /** Answers how many characters went in. */
  #add({ block, admitted }: StoredBlock): number {
    if (!admitted || block.opaque || block.kind !== 'embedding' || this.#held.has(block.id)) return 0
    const { content } = (block.input ?? {}) as { content?: unknown }
    if (typeof content !== 'string' || content === '') return 0
    const bytes = TEXT_BYTES + CHARACTER_BYTES * content.length
    if (this.#bytes + bytes > (this.#ports.maxBytes ?? Infinity)) {
      this.#omitted.add(block.id)
      return 0
    }
    this.#omitted.delete(block.id)
    this.#bytes += bytes
    this.#held.set(block.id, bytes)
    this.#index.add(block.id, content)
    return content.length
  }

  #remove(id: string): void {
    this.#gone?.add(id)
    this.#omitted.delete(id)
    const bytes = this.#held.get(id)
    if (bytes === undefined) return
    this.#held.delete(id)
    this.#bytes -= bytes
    this.#index.remove(id)
  }
}
