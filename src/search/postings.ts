import type { EmbeddingBlock } from '../block/index'
import { Bitmap } from './bitmap'

/** Conditions on what is searched; all given ones must hold, and every one of `tags`. */
export interface SearchFilter {
  readonly tags?: readonly string[]
  readonly model?: string
  readonly author?: string
  readonly kind?: string
}

/** For each tag and author the rows of one index that carry it. */
export class Postings {
  readonly #tags = new Map<string, Bitmap>()
  readonly #authors = new Map<string, Bitmap>()

  add(row: number, block: EmbeddingBlock): void {
    for (const tag of block.tags ?? []) post(this.#tags, tag, row)
    post(this.#authors, block.author, row)
  }

  /** Takes rows out of every set, so that their numbers can be used again. */
  purge(rows: Bitmap): void {
    for (const map of [this.#tags, this.#authors]) {
      for (const [term, set] of map) {
        set.remove(rows)
        if (set.count === 0) map.delete(term)
      }
    }
  }

  /** The rows that meet the conditions on tags and author; `undefined` stands for all rows. */
  select({ tags = [], author }: SearchFilter): Bitmap | undefined {
    const sets = tags.map(tag => this.#tags.get(tag))
    if (author !== undefined) sets.push(this.#authors.get(author))
    if (sets.length === 0) return undefined
    const [first = new Bitmap(), ...rest] = sets.map(set => set ?? new Bitmap()).sort((a, b) => a.count - b.count)
    return rest.reduce((selected, set) => selected.and(set), first)
  }
}

function post(map: Map<string, Bitmap>, term: string, row: number): void {
  const rows = map.get(term) ?? new Bitmap()
  map.set(term, rows)
  rows.add(row)
}
