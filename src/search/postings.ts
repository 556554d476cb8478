import type { EmbeddingBlock } from '../block/index'
import { Bitmap } from './bitmap'
import type { Circle, SearchFilter } from './search-filter'

/** A condition of the user's own on a block; it must answer the same for the same block. */
export type Predicate = (block: EmbeddingBlock) => boolean

/** Mean radius of the Earth (IUGG), in metres. */
const EARTH = 6_371_008.8
const DEGREE = Math.PI / 180

/** What filters ask of the rows of one index. Rows that have been given up may still be in it, until `purge`. */
export class Postings {
  readonly #tags = new Map<string, Bitmap>()
  readonly #authors = new Map<string, Bitmap>()
  readonly #predicates: Readonly<Record<string, Predicate>>
  readonly #holds = new Map<string, Bitmap>()
  readonly #places = new Map<number, { readonly latitude: number; readonly longitude: number }>()
  #times = new Float64Array(1)

  constructor(predicates: Readonly<Record<string, Predicate>> = {}) {
    this.#predicates = predicates
  }

  add(row: number, block: EmbeddingBlock): void {
    for (const tag of block.tags ?? []) post(this.#tags, tag, row)
    post(this.#authors, block.author, row)
    for (const [name, holds] of Object.entries(this.#predicates)) if (holds(block)) post(this.#holds, name, row)
    if (block.place) this.#places.set(row, block.place)
    if (row >= this.#times.length) {
      const times = new Float64Array(2 * row)
      times.set(this.#times)
      this.#times = times
    }
    this.#times[row] = block.time
  }

  /** Takes rows out of every set, so that their numbers can be used again. */
  purge(rows: Bitmap): void {
    for (const map of [this.#tags, this.#authors, this.#holds]) {
      for (const [term, set] of map) {
        set.remove(rows)
        if (set.count === 0) map.delete(term)
      }
    }
    if (this.#places.size > 0) for (const row of rows) this.#places.delete(row)
  }

  /** Those of `all` that meet the conditions; `undefined` when there are none to meet. */
  select(all: Bitmap, { tags = [], author, predicates = [], since, until, near }: SearchFilter): Bitmap | undefined {
    const sets = [...tags.map(tag => this.#tags.get(tag)), ...predicates.map(name => this.#holds.get(name))]
    if (author !== undefined) sets.push(this.#authors.get(author))
    if (near !== undefined) sets.push(this.#within(near))
    const timed = since !== undefined || until !== undefined
    if (sets.length === 0 && !timed) return undefined
    const ordered = sets.map(set => set ?? new Bitmap()).sort((a, b) => a.count - b.count)
    const selected = ordered.reduce((rows, set) => set.and(rows), all)
    return timed ? this.#between(selected, since, until) : selected
  }

  #between(rows: Bitmap, since = -Infinity, until = Infinity): Bitmap {
    const between = new Bitmap()
    for (const row of rows) {
      const time = this.#times[row]!
      if (time >= since && time < until) between.add(row)
    }
    return between
  }

  #within({ latitude, longitude, radius }: Circle): Bitmap {
    const rows = new Bitmap()
    // The haversine of the angle, compared as such.
    const most = Math.sin(Math.min(Math.PI, radius / EARTH) / 2) ** 2
    const cosine = Math.cos(latitude * DEGREE)
    for (const [row, place] of this.#places) {
      const across = Math.sin(((place.longitude - longitude) * DEGREE) / 2) ** 2
      const along = Math.sin(((place.latitude - latitude) * DEGREE) / 2) ** 2
      if (along + cosine * Math.cos(place.latitude * DEGREE) * across <= most) rows.add(row)
    }
    return rows
  }
}

function post(map: Map<string, Bitmap>, term: string, row: number): void {
  const rows = map.get(term) ?? new Bitmap()
  map.set(term, rows)
  rows.add(row)
}
