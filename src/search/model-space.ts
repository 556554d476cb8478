import { Bitmap } from './bitmap'
import { DueHeap } from './due-heap'
import type { Entry } from './entry'
import { exactVectors } from './exact-vectors'
import { Postings } from './postings'
import { Recycler } from './recycler'
import { refine, type Refined } from './refine'
import { RowTable } from './row-table'
import { PageBook } from './saved/page-book'
import type { SearchFilter } from './search-filter'
import { NOTHING_FOUND, type Hit, type SearchResult } from './search-result'
import type { SpacePorts, SpaceQuery } from './space-ports'
import { SpaceVectors } from './space-vectors'
import type { Candidate } from './vector-index'

/** Blocks that leave between two pauses. */
const LEAVING = 2048

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
  readonly #vectors: SpaceVectors
  #confirmed: Bitmap | undefined
  readonly #recycler: Recycler

  constructor(model: string, dims: number, ports: SpacePorts) {
    this.model = model
    this.dims = dims
    this.#ports = ports
    this.#vectors = new SpaceVectors(dims, this.#rows, ports, () => this.book.touchAll())
    this.#recycler = new Recycler(this.#rows, this.#postings, ports.pause)
    this.book = new PageBook(model, dims, {
      ...{ rows: this.#rows, postings: this.#postings },
      flat: () => this.#vectors.flat,
      codes: () => this.#vectors.codes,
      placed: (row, id) => this.#placed(row, id),
    })
  }

  get size(): number {
    return this.#rows.size
  }

  /** Bytes that the vectors take in memory. */
  get byteLength(): number {
    return this.#vectors.byteLength
  }

  /** Resolves when no work is left in the background. */
  async settled(): Promise<void> {
    await this.#vectors.settled()
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
    if (!this.#vectors.lay(entry.vector, scratch)) return false
    const row = this.#rows.add(entry.id)
    this.#postings.add(row, entry)
    if (entry.expires !== undefined) this.#due.add(entry.expires, row, entry.id)
    this.#vectors.setLaid(row)
    this.#confirmed?.add(row)
    this.book.touch(row)
    this.#vectors.grow()
    return true
  }

  /** Makes a block unfindable at once, and answers whether there was one; its place is used again. */
  remove(id: string): boolean {
    const row = this.#rows.giveUp(id)
    if (row === undefined) return false
    this.#confirmed?.delete(row)
    this.#vectors.unset(row)
    this.book.touch(row)
    this.#recycler.recycle()
    return true
  }

  /** Goes on from codes that were saved: `base` is what they were made against. Rejects where there can be none. */
  restore(base: Uint8Array): Promise<void> {
    return this.#vectors.restore(base)
  }

  /** Every saved row was offered. */
  restored(): void {
    this.book.close()
    this.#vectors.restored()
  }

  async search({ now, ...request }: SpaceQuery, filter: SearchFilter): Promise<SearchResult> {
    this.#expire(now)
    const { model = this.model, kind = 'embedding' } = filter
    if (model !== this.model || kind !== 'embedding') return NOTHING_FOUND
    const all = this.#rows.live
    const rows = this.#postings.select(all, filter)
    const { index, flat } = this.#vectors
    const hasCodes = index !== flat
    const { pause } = this.#ports
    const end = this.#recycler.searching()
    try {
      const asked = { ...request, ...(pause && { pause }) }
      const before = (a: number, b: number) => this.#idOf(a) < this.#idOf(b)
      const { candidates, mean, deviation } = await index.scan({
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

  #idOf(row: number): string {
    return this.#rows.idOf(row) ?? ''
  }

  #hits(
    candidates: readonly Candidate[],
    { k, minScore, metric }: Pick<SpaceQuery, 'k' | 'minScore' | 'metric'>,
  ): Hit[] {
    const hits: Hit[] = []
    for (const { row, score } of candidates) {
      const id = this.#rows.idOf(row)
      if (id !== undefined && score >= minScore)
        hits.push({ id, score: metric === 'euclidean' ? Math.min(0, score) : score })
    }
    return hits.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, k)
  }

  #refined(
    candidates: readonly Candidate[],
    asked: Omit<SpaceQuery, 'now'>,
    before: (a: number, b: number) => boolean,
  ): Promise<Refined> {
    const sources = {
      ...{ flat: () => this.#vectors.flat, codes: () => this.#vectors.codes, vectors: this.#ports.vectors, before },
      idOf: (row: number) => this.#rows.idOf(row),
    }
    const exact = exactVectors(sources, asked.metric, asked.query)
    return refine(candidates, { ...asked, kept: this.#vectors.flat !== undefined }, exact)
  }

  /** Rows of blocks that have expired are given up, and found no more even if the clock goes back. */
  #expire(now: number): void {
    for (let due = this.#due.take(now); due; due = this.#due.take(now)) {
      if (this.#rows.idOf(due.row) === due.id) this.remove(due.id)
    }
  }
}
