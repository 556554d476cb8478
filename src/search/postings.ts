import { Bitmap } from './bitmap'
import { withinCircle } from './circle'
import type { Spot, Traits } from './entry'
import { Posting } from './posting'
import type { Circle, SearchFilter } from './search-filter'

/** What is kept of a row beside its time. */
type Kept = Omit<Traits, 'time' | 'expires'>

/** Rows of lists, and words of bitmaps, that are looked at in some milliseconds; a row with its tags counts as so many. */
const SLICE = 1 << 18
const ROW_WORK = 64

/** What filters ask of the rows of one index. Rows that have been given up may still be in it, until `purge`. */
export class Postings {
  readonly #tags = new Map<string, Posting>()
  readonly #authors = new Map<string, Posting>()
  readonly #holds = new Map<string, Posting>()
  readonly #kept: (Kept | undefined)[] = []
  /** Of authors without tags: one object for all their rows. */
  readonly #plain = new Map<string, Kept>()
  readonly #placed = new Map<number, Spot>()
  readonly #expires = new Map<number, number>()
  #times = new Float64Array(1)

  add(row: number, { author, time, expires, tags = [], place, holds = [] }: Traits): void {
    const bare = tags.length === 0 && !place && holds.length === 0
    this.#kept[row] = bare ? this.#ofAuthor(author) : { author, tags, ...(place && { place }), holds }
    // A tag may stand there twice.
    for (let i = 0; i < tags.length; i++) if (tags.indexOf(tags[i]!) === i) post(this.#tags, tags[i]!, row)
    post(this.#authors, author, row)
    for (const name of holds) post(this.#holds, name, row)
    if (place) this.#placed.set(row, place)
    if (expires !== undefined) this.#expires.set(row, expires)
    if (row >= this.#times.length) {
      const times = new Float64Array(2 * row)
      times.set(this.#times)
      this.#times = times
    }
    this.#times[row] = time
  }

  /** What was added as this row. */
  traitsOf(row: number): Traits {
    const expires = this.#expires.get(row)
    return { ...this.#kept[row]!, time: this.#times[row]!, ...(expires !== undefined && { expires }) }
  }

  /** Takes rows out of every set, so that their numbers can be used again: a slice of some milliseconds at a time. */
  *purge(rows: Bitmap): Generator<void, void, void> {
    const touched = [this.#tags, this.#authors, this.#holds].map(map => ({ map, terms: new Set<string>() }))
    let left = SLICE
    for (const row of rows) {
      if ((left -= ROW_WORK) <= 0) {
        yield
        left = SLICE
      }
      const { author, tags = [], holds = [] } = this.#kept[row]!
      tags.forEach(tag => touched[0]!.terms.add(tag))
      touched[1]!.terms.add(author)
      holds.forEach(name => touched[2]!.terms.add(name))
      this.#kept[row] = undefined
      this.#placed.delete(row)
      this.#expires.delete(row)
    }
    for (const { map, terms } of touched) {
      for (const term of terms) {
        const set = map.get(term)!
        if ((left -= set.work + 1) <= 0) {
          yield
          left = SLICE
        }
        set.remove(rows)
        if (set.count === 0) map.delete(term)
      }
    }
    for (const author of touched[1]!.terms) if (!this.#authors.has(author)) this.#plain.delete(author)
  }

  /** Those of `all` that meet the conditions; `undefined` when there are none to meet. */
  select(all: Bitmap, { tags = [], author, predicates = [], since, until, near }: SearchFilter): Bitmap | undefined {
    const sets = [...tags.map(tag => this.#tags.get(tag)), ...predicates.map(name => this.#holds.get(name))]
    if (author !== undefined) sets.push(this.#authors.get(author))
    const timed = since !== undefined || until !== undefined
    if (sets.length === 0 && near === undefined && !timed) return undefined
    const ordered = sets.map(set => set ?? new Posting()).sort((a, b) => a.count - b.count)
    const selected = ordered.reduce((rows, set) => set.and(rows), all)
    const placed = near ? this.#within(selected, near) : selected
    return timed ? this.#between(placed, since, until) : placed
  }

  #ofAuthor(author: string): Kept {
    const known = this.#plain.get(author)
    if (known) return known
    const kept = { author }
    this.#plain.set(author, kept)
    return kept
  }

  #between(rows: Bitmap, since = -Infinity, until = Infinity): Bitmap {
    const between = new Bitmap()
    for (const row of rows) {
      const time = this.#times[row]!
      if (time >= since && time < until) between.add(row)
    }
    return between
  }

  #within(rows: Bitmap, circle: Circle): Bitmap {
    const within = new Bitmap()
    const isWithin = withinCircle(circle)
    for (const [row, place] of this.#placed) if (rows.has(row) && isWithin(place)) within.add(row)
    return within
  }
}

function post(map: Map<string, Posting>, term: string, row: number): void {
  const known = map.get(term)
  if (known) return known.add(row)
  const rows = new Posting()
  map.set(term, rows)
  rows.add(row)
}
