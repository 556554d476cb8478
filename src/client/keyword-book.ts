import { CosmicError, throwIfAborted } from '../base/index'
import type { EmbeddingBlock } from '../block/index'
import { meetsFilter, type KeywordIndex, type Predicate, type SearchFilter } from '../search/index'
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
  readonly omitted: number
}

export interface KeywordPorts {
  /** Awaited between slices of the making. */
  readonly pause?: () => Promise<void>
  /** Ends the making: it rejects with `aborted`. */
  readonly signal?: AbortSignal
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
  #omitted = 0
  /** Called only when opening fails: the store forgets its listeners when it closes. */
  readonly #stop: () => void
  private constructor(store: BlockStore, index: KeywordIndex, ports: KeywordPorts) {
    this.#store = store
    this.#index = index
    this.#ports = ports
    this.#stop = store.onChange(({ added, judged, erased }) => {
      for (const { id } of erased) this.#remove(id)
      for (const { block, admitted } of judged) if (!admitted) this.#remove(block.id)
      for (const stored of [...added, ...judged]) this.#add(stored)
    })
  }

  /** Rejects with `aborted`, and as the store does. */
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
    return { texts: this.#held.size, bytes: this.#bytes, omitted: this.#omitted }
  }

  async #read(): Promise<void> {
    const { pause, signal } = this.#ports
    let left = SLICE
    for await (const stored of this.#store.query({ kind: 'embedding', ...(signal && { signal }) })) {
      throwIfAborted(signal)
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
    if (this.#bytes + bytes > (this.#ports.maxBytes ?? Infinity)) return this.#omit()
    this.#bytes += bytes
    this.#held.set(block.id, bytes)
    this.#index.add(block.id, content)
    return content.length
  }

  #omit(): number {
    if (this.#omitted++ > 0) return 0
    const hint = 'the newest texts are left out of the index of words: raise search.maxBytes, or keep fewer'
    const limit = this.#ports.maxBytes ?? 0
    this.#ports.onError?.(new CosmicError({ code: 'limit', field: 'search.maxBytes', limit, hint }))
    return 0
  }

  #remove(id: string): void {
    this.#gone?.add(id)
    const bytes = this.#held.get(id)
    if (bytes === undefined) return
    this.#held.delete(id)
    this.#bytes -= bytes
    this.#index.remove(id)
  }
}
