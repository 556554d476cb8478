import { loadOnce } from '../base/index'
import { Bitmap } from './bitmap'
import { DueHeap } from './due-heap'
import type { Entry } from './entry'
import { exactVectors } from './exact-vectors'
import { FlatIndex } from './flat-index'
import type { CodeIndex } from './kernels/code-index'
import { rowsPerSlice } from './kernels/kernels'
import { Postings } from './postings'
import { Recycler } from './recycler'
import { refine, type Refined } from './refine'
import { RowTable } from './row-table'
import { PageBook } from './saved/page-book'
import type { SearchFilter } from './search-filter'
import { NOTHING_FOUND, type Hit, type SearchResult } from './search-result'
import type { SpacePorts, SpaceQuery } from './space-ports'
import { directionOf } from './unit-vector'
import type { Candidate, Direction, VectorIndex } from './vector-index'

/** From so many vectors on they are kept as codes; fewer are compared one by one as they are. */
export const CODES_FROM = 1024
/** Numbers of vectors that a mean is taken of at once: some milliseconds. */
const MEAN_OF = 1 << 22
/** Blocks that leave between two pauses. */
const LEAVING = 2048

const codes = /* @__PURE__ */ loadOnce(() => import('./kernels/code-index'))

/** The searchable blocks of one model and length of vector. */
export class ModelSpace {
  readonly model: string
  readonly dims: number
  /** Its rows in pages, as they are saved. */
  readonly book: PageBook
  readonly #ports: SpacePorts
  readonly #rows = new RowTable()
  readonly #postings = new Postings()
  readonly #due = new DueHeap()
  #flat: FlatIndex | undefined
  #index: VectorIndex
  #codes: CodeIndex | undefined
  /** Codes under construction: they have the rows below `reached`. */
  #next: { readonly index: CodeIndex; reached: number } | undefined
  #work: Promise<void> | undefined
  #confirmed: Bitmap | undefined
  #codesFrom = CODES_FROM
  readonly #recycler: Recycler

  constructor(model: string, dims: number, ports: SpacePorts) {
    this.model = model
    this.dims = dims
    this.#ports = ports
    this.#index = this.#flat = new FlatIndex(dims)
    this.#recycler = new Recycler(this.#rows, this.#postings, ports.pause)
    this.book = new PageBook(model, dims, {
      ...{ rows: this.#rows, postings: this.#postings },
      flat: () => this.#flat,
      codes: () => this.#codes,
      placed: (row, id) => this.#placed(row, id),
    })
  }

  get size(): number {
    return this.#rows.size
  }

  /** Bytes that the vectors take in memory. */
  get byteLength(): number {
    const kept = this.#flat && this.#flat !== this.#index ? this.#flat.byteLength : 0
    return kept + this.#index.byteLength
  }

  /** Resolves when no work is left in the background. */
  async settled(): Promise<void> {
    while (this.#work) await this.#work
    await this.#index.settled?.()
    await this.#recycler.settled()
  }

  has(id: string): boolean {
    return this.#rows.has(id)
  }

  /** From now on blocks have to be confirmed, or they leave with `dropUnconfirmed`; those that come do not. */
  startAudit(): void {
    this.#confirmed = new Bitmap()
  }

  /** Whether the block is here. */
  confirm(id: string): boolean {
    const row = this.#rows.rowOf(id)
    if (row === undefined) return false
    this.#confirmed?.add(row)
    return true
  }

  /** Answers how many left. What comes, or comes again, meanwhile stays. */
  async dropUnconfirmed(): Promise<number> {
    const doubted = this.#confirmed ? this.#rows.live.copy() : new Bitmap()
    doubted.remove(this.#confirmed ?? doubted)
    let left = 0
    let turn = 0
    for (const row of doubted) {
      if (++turn % LEAVING === 0) await this.#ports.pause?.()
      const id = this.#confirmed!.has(row) ? undefined : this.#rows.idOf(row)
      if (id !== undefined && this.remove(id)) left++
    }
    this.#confirmed = undefined
    return left
  }

  /** Takes a block that is not here, unless its vector has no direction. `scratch`, as long as the vector, is written over. */
  add(entry: Entry, scratch: Float32Array): boolean {
    // Where nothing but codes is kept, the kernels take the vector as it is.
    const norm = this.#flat ? 0 : this.#codes!.lay(entry.vector)
    const direction = norm > 0 ? undefined : directionOf(entry.vector, scratch)
    if (norm === 0 && !direction) return false
    const row = this.#rows.add(entry.id)
    this.#postings.add(row, entry)
    if (entry.expires !== undefined) this.#due.add(entry.expires, row, entry.id)
    if (direction) this.#set(row, direction)
    else this.#codes!.setLaid(row, norm)
    this.#confirmed?.add(row)
    this.book.touch(row)
    this.#grow()
    return true
  }

  #set(row: number, direction: Direction): void {
    this.#flat?.set(row, direction)
    if (this.#index !== this.#flat) this.#index.set(row, direction)
    if (this.#next && row < this.#next.reached) this.#next.index.set(row, direction)
  }

  /** Makes a block unfindable at once, and answers whether there was one; its place is used again. */
  remove(id: string): boolean {
    const row = this.#rows.giveUp(id)
    if (row === undefined) return false
    this.#confirmed?.delete(row)
    this.#index.unset(row)
    if (this.#next && row < this.#next.reached) this.#next.index.unset(row)
    this.book.touch(row)
    this.#recycler.recycle()
    return true
  }

  /** Goes on from codes that were saved: `base` is what they were made against. Rejects where there can be none. */
  async restore(base: Uint8Array): Promise<void> {
    const [{ CodeIndex }, source] = await Promise.all([codes(), this.#ports.kernels()])
    const options = { ...this.#ports, centroid: new Float32Array(this.dims), base }
    this.#useCodes(new CodeIndex(await source.make(), this.dims, options))
  }

  /** Every saved row was offered. */
  restored(): void {
    this.book.close()
    this.#codes?.saved.end()
    this.#grow()
  }

  async search({ now, ...request }: SpaceQuery, filter: SearchFilter): Promise<SearchResult> {
    this.#expire(now)
    const { model = this.model, kind = 'embedding' } = filter
    if (model !== this.model || kind !== 'embedding') return NOTHING_FOUND
    const all = this.#rows.live
    const rows = this.#postings.select(all, filter)
    const hasCodes = this.#index !== this.#flat
    const { pause } = this.#ports
    const end = this.#recycler.searching()
    try {
      const asked = { ...request, ...(pause && { pause }) }
      const before = (a: number, b: number) => this.#idOf(a) < this.#idOf(b)
      const { candidates, mean, deviation } = await this.#index.scan({
        ...{ ...asked, all, refine: hasCodes, before },
        ...(rows && { rows }),
      })
      const found: Refined = hasCodes ? await this.#refined(candidates, asked, before) : { candidates }
      const hits = this.#hits(found.candidates, request)
      const expected = found.expected !== undefined && { expectedRecall: found.expected }
      return { hits, scanned: (rows ?? all).count, mean, deviation, ...expected }
    } finally {
      end()
      this.#recycler.recycle()
    }
  }

  #placed(row: number, id: string): void {
    const { expires } = this.#postings.traitsOf(row)
    if (expires !== undefined) this.#due.add(expires, row, id)
  }

  #grow(): void {
    if (this.#index === this.#flat && this.#rows.size >= this.#codesFrom) this.#work ??= this.#makeCodes()
  }

  #idOf(row: number): string {
    return this.#rows.idOf(row) ?? ''
  }

  #hits(candidates: readonly Candidate[], { k, minScore }: Pick<SpaceQuery, 'k' | 'minScore'>): Hit[] {
    const hits: Hit[] = []
    for (const { row, score } of candidates) {
      const id = this.#rows.idOf(row)
      if (id !== undefined && score >= minScore) hits.push({ id, score })
    }
    return hits.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, k)
  }

  #refined(
    candidates: readonly Candidate[],
    asked: Omit<SpaceQuery, 'now'>,
    before: (a: number, b: number) => boolean,
  ): Promise<Refined> {
    const sources = {
      ...{ flat: () => this.#flat, codes: () => this.#codes, vectors: this.#ports.vectors, before },
      idOf: (row: number) => this.#rows.idOf(row),
    }
    const exact = exactVectors(sources, asked.metric, asked.query)
    return refine(candidates, { ...asked, kept: this.#flat !== undefined }, exact)
  }

  /** Rows of blocks that have expired are given up, and found no more even if the clock goes back. */
  #expire(now: number): void {
    for (let due = this.#due.take(now); due; due = this.#due.take(now)) {
      if (this.#rows.idOf(due.row) === due.id) this.remove(due.id)
    }
  }

  /** Moves from the flat index to codes, a slice at a time, while blocks come and go. */
  async #makeCodes(): Promise<void> {
    try {
      await this.#move()
    } catch (error) {
      // Without room for codes the flat index goes on alone.
      this.#next = undefined
      this.#codesFrom = 2 * this.#rows.size
      this.#ports.onError?.(error)
    } finally {
      this.#work = undefined
    }
  }

  async #move(): Promise<void> {
    const flat = this.#flat!
    const [{ CodeIndex }, source] = await Promise.all([codes(), this.#ports.kernels()])
    const sample = Math.min(CODES_FROM, Math.ceil(MEAN_OF / this.dims))
    const centroid = flat.meanOf(this.#rows.live.sample(sample))
    const kernels = await source.make()
    const index = new CodeIndex(kernels, this.dims, { ...this.#ports, centroid })
    const slice = 4 * rowsPerSlice(kernels, this.dims)
    const next = (this.#next = { index, reached: 0 })
    while (next.reached < this.#rows.span) {
      const end = Math.min(this.#rows.span, next.reached + slice)
      for (; next.reached < end; next.reached++) {
        if (this.#rows.live.has(next.reached)) index.set(next.reached, flat.get(next.reached))
      }
      await this.#ports.pause?.()
    }
    this.#useCodes(index)
    this.book.touchAll()
  }

  #useCodes(index: CodeIndex): void {
    this.#index = this.#codes = index
    if (this.#ports.vectors) this.#flat = undefined
    this.#next = undefined
  }
}
