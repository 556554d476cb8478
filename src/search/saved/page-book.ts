import { utf8 } from '../../base/index'
import type { FlatIndex } from '../flat-index'
import type { CodeIndex } from '../kernels/code-index'
import type { Postings } from '../postings'
import type { RowTable } from '../row-table'
import { directionOf } from '../unit-vector'
import type { Direction } from '../vector-index'
import { checksum } from './checksum'
import { decodePage, encodePage, rowsPerPage, type PageRows } from './page'

/** What pages are made from and go to. */
export interface BookSources {
  readonly rows: RowTable
  readonly postings: Postings
  readonly flat: () => FlatIndex | undefined
  readonly codes: () => CodeIndex | undefined
  /** A row from a page is in the tables. */
  readonly placed: (row: number, id: string) => void
}

/** A page as it is to be saved; without bytes it holds nothing and is deleted. */
export interface PageToSave {
  readonly page: number
  readonly bytes?: Uint8Array
}

/**
 * The rows of a space in pages, and which of these are not saved as they are now.
 *
 * 1. A row that changed since its page was last taken is in a dirty page.
 * 2. Rows come from a saved page only while the book is open, each only if its block is not here and was not removed since.
 */
export class PageBook {
  readonly #model: number
  readonly #dims: number
  readonly #perPage: number
  readonly #sources: BookSources
  readonly #dirty = new Set<number>()
  /** Of a saving under way: what is not taken yet. */
  #taking = new Set<number>()
  /** Pages that may still come, and blocks that were removed since the first could. */
  #awaited: Set<number> | undefined
  readonly #gone = new Set<string>()
  #reserved = 0
  #base: { readonly bytes: Uint8Array; readonly stamp: number } | undefined
  #known: { readonly origin: number; readonly index: CodeIndex } | undefined
  #stamped: { readonly version: number; readonly index: CodeIndex } | undefined

  constructor(model: string, dims: number, sources: BookSources) {
    this.#model = checksum(utf8(model))
    this.#dims = dims
    this.#perPage = rowsPerPage(dims)
    this.#sources = sources
  }

  /** Whether all pages are saved as they are. */
  get isClean(): boolean {
    return this.#dirty.size + this.#taking.size === 0
  }

  /** Whether saved pages may still come. */
  get isOpen(): boolean {
    return this.#awaited !== undefined
  }

  /** Rows that all its pages have room for. */
  get span(): number {
    return this.#sources.rows.span
  }

  touch(row: number): void {
    const page = Math.floor(row / this.#perPage)
    if (!this.#taking.has(page)) this.#dirty.add(page)
  }

  touchAll(): void {
    for (let page = 0; page * this.#perPage < this.span; page++) this.#dirty.add(page)
  }

  /** A page could not be saved. */
  redo(page: number): void {
    this.#dirty.add(page)
  }

  /** A block that was removed must not come back with its page. */
  forget(id: string): void {
    if (this.#awaited) this.#gone.add(id)
  }

  /** Pages of `span` rows will come. */
  open(span: number): void {
    this.#reserved = span
    this.#sources.rows.reserve(span)
    this.#awaited = new Set(Array.from({ length: Math.ceil(span / this.#perPage) }, (_, page) => page))
  }

  /** No more pages come: the places of those that did not are free. */
  close(): void {
    for (const page of this.#awaited ?? []) this.#leave(page, new Set())
    this.#awaited = undefined
    this.#gone.clear()
  }

  /** What codes are made against now, with its stamp; every page is dirty when it is another than before. */
  base(): { readonly bytes: Uint8Array; readonly stamp: number } | undefined {
    const index = this.#sources.codes()
    if (!index) return undefined
    const { version, index: before } = this.#stamped ?? {}
    if (before === index && version === index.saved.version && this.#base) return this.#base
    const bytes = index.saved.base
    const base = { bytes, stamp: checksum(bytes) }
    if (this.#base && this.#base.stamp !== base.stamp) this.touchAll()
    this.#stamped = { version: index.saved.version, index }
    return (this.#base = base)
  }

  /** What is dirty now will be taken; what becomes so later, the next time. */
  startTaking(): void {
    this.base()
    for (const page of this.#dirty) this.#taking.add(page)
    this.#dirty.clear()
  }

  /** About `limit` bytes of pages, which are clean from then on. */
  take(limit: number): PageToSave[] {
    const stamp = this.base()?.stamp ?? 0
    const pages: PageToSave[] = []
    let size = 0
    for (const page of this.#taking) {
      if (size >= limit) break
      this.#taking.delete(page)
      const bytes = this.#encode(page, stamp)
      size += bytes?.length ?? 0
      pages.push({ page, ...(bytes && { bytes }) })
    }
    return pages
  }

  /** Rows of a saved page; false when it is damaged or of no use, so that its blocks have to be looked for. */
  load(page: number, bytes: Uint8Array): boolean {
    if (!this.#awaited?.delete(page)) return true
    const read = decodePage(bytes)
    const set = read && this.#setter(read)
    if (!read || !set) {
      this.#leave(page, new Set())
      this.#dirty.add(page)
      return false
    }
    this.#leave(page, this.#placeRows(page, read, set))
    return true
  }

  #placeRows(page: number, { rows, ids, traits }: PageRows, set: (row: number, at: number) => void): Set<number> {
    const { rows: table, postings, placed } = this.#sources
    const taken = new Set<number>()
    for (const [i, within] of rows.entries()) {
      const [row, id] = [page * this.#perPage + within, ids[i]!]
      if (table.has(id) || this.#gone.has(id)) {
        this.#dirty.add(page)
        continue
      }
      taken.add(row)
      table.place(row, id)
      postings.add(row, traits[i]!)
      set(row, i)
      placed(row, id)
    }
    return taken
  }

  /** How to take the vectors of a page; `undefined` when it lacks what is kept here. */
  #setter({
    model,
    dims,
    rows,
    stamp,
    origin,
    exact,
    codes,
  }: PageRows): ((row: number, at: number) => void) | undefined {
    const [flat, index] = [this.#sources.flat(), this.#sources.codes()]
    const size = index?.saved.size ?? 0
    const hasExact = exact?.length === rows.length * this.#dims
    const hasCodes = index !== undefined && codes?.length === rows.length * size && origin === this.#origin(index)
    if (model !== this.#model || dims !== this.#dims || (flat && !hasExact) || (index && !hasCodes && !hasExact))
      return undefined
    const fits = stamp === this.base()?.stamp
    return (row, at) => {
      if (flat) flat.set(row, directionAt(exact!, at, dims))
      if (hasCodes) index.saved.set(row, codes.subarray(at * size, (at + 1) * size), fits)
      else index?.set(row, directionAt(exact!, at, dims))
      if (!fits) this.touch(row)
    }
  }

  #origin(index: CodeIndex): number {
    if (this.#known?.index !== index) this.#known = { index, origin: checksum(index.saved.origin) }
    return this.#known.origin
  }

  #leave(page: number, taken: ReadonlySet<number>): void {
    const { rows } = this.#sources
    for (let row = page * this.#perPage; row < (page + 1) * this.#perPage && row < this.#reserved; row++) {
      if (!taken.has(row)) rows.leave(row)
    }
  }

  #encode(page: number, stamp: number): Uint8Array | undefined {
    const { rows: table, postings, flat: exact, codes } = this.#sources
    const first = page * this.#perPage
    const rows = Array.from({ length: this.#perPage }, (_, i) => i).filter(i => table.live.has(first + i))
    if (rows.length === 0) return undefined
    const [flat, index] = [exact(), codes()]
    const saved = index && new Uint8Array(rows.length * index.saved.size)
    const vectors = flat && new Float32Array(rows.length * this.#dims)
    for (const [at, i] of rows.entries()) {
      if (saved) index.saved.save(first + i, saved.subarray(at * index.saved.size, (at + 1) * index.saved.size))
      vectors?.set(flat!.vectorOf(first + i), at * this.#dims)
    }
    return encodePage({
      ...{ model: this.#model, dims: this.#dims, rows, stamp, origin: index ? this.#origin(index) : 0 },
      ids: rows.map(i => table.idOf(first + i)!),
      traits: rows.map(i => postings.traitsOf(first + i)),
      ...(vectors && { exact: vectors }),
      ...(saved && { codes: saved }),
    })
  }
}

function directionAt(exact: Float32Array, at: number, dims: number): Direction {
  return directionOf(exact.subarray(at * dims, (at + 1) * dims))!
}
