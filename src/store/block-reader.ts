import { CosmicError, throwIfAborted } from '../base/index'
import type {
  BlockQuery,
  CountedIndex,
  Page,
  PageQuery,
  StoredBlock,
  SyncMember,
  TermCount,
  TermsOptions,
} from './block-store'
import { checkTerms } from './check-calls'
import { checkQuery } from './check-query'
import type { IndexGuard } from './index-guard'
import type { KeyValueStorage } from './key-value-storage'
import { dictionaryKey, dictionaryRange } from './layout'
import type { LogReader } from './log-reader'
import { badCursor, MAX_PAGE_LIMIT, PAGE_LIMIT, readCursor, writeCursor } from './page-cursor'
import { type Found, QueryWalk, rowsAsked } from './query-walk'
import type { RecordReader } from './record-reader'
import { readState } from './store-state'
import { decodeRow } from './term-row'
import { COUNTED, termsAsked } from './terms'

/** Records read at once by a query. */
const BATCH = 64

export interface ReaderParts {
  readonly storage: KeyValueStorage
  readonly log: LogReader
  readonly records: RecordReader
  readonly indexes: Pick<IndexGuard, 'steady' | 'notice'>
}

/** Reads lists of blocks: by query, in pages, and counted. */
export class BlockReader {
  readonly #parts: ReaderParts
  readonly #records: RecordReader

  constructor(parts: ReaderParts) {
    this.#parts = parts
    this.#records = parts.records
  }

  /** Each batch is read from one state; blocks stored meanwhile may or may not be met. */
  async *query(query: BlockQuery = {}): AsyncGenerator<StoredBlock> {
    checkQuery(query, false)
    throwIfAborted(query.signal)
    let left = query.limit ?? Infinity
    if (left <= 0) return
    const { indexes } = this.#parts
    let walk: { readonly version: number; readonly walk: QueryWalk } | undefined
    let last: Found | undefined
    for (;;) {
      const count = Math.min(BATCH, left)
      const next = async (version: number) => {
        if (walk?.version !== version) walk = { version, walk: await this.#walk(query, last) }
        return walk.walk.next(count)
      }
      const found = await indexes.steady(termsAsked(query), next, query.signal)
      if (found.length === 0) return
      last = found.at(-1)
      for (const stored of await this.#records.blocks(found)) {
        throwIfAborted(query.signal)
        if (stored === undefined) continue
        yield stored
        if (--left <= 0) return
      }
    }
  }

  async page(query: PageQuery = {}): Promise<Page<StoredBlock>> {
    const { items, ...cursor } = await this.#page(query)
    const blocks = await this.#records.blocks(items)
    return { items: blocks.filter(stored => stored !== undefined), ...cursor }
  }

  async pageIds(query: PageQuery = {}): Promise<Page<string>> {
    const { items, ...cursor } = await this.#page(query)
    return { items: items.map(({ id }) => id), ...cursor }
  }

  async pageMembers(query: PageQuery = {}): Promise<Page<SyncMember>> {
    const { items, ...cursor } = await this.#page(query)
    return { items: items.map(({ id, time }) => ({ id, time })), ...cursor }
  }

  async #page(query: PageQuery): Promise<Page<Found>> {
    checkQuery(query, true)
    const { limit = PAGE_LIMIT, signal } = query
    throwIfAborted(signal)
    const most = Math.min(limit, MAX_PAGE_LIMIT)
    return this.#parts.indexes.steady(termsAsked(query), () => this.#pageOf(query, most), signal)
  }

  async #pageOf(query: PageQuery, most: number): Promise<Page<Found>> {
    const state = await readState(this.#parts.storage)
    const after = readCursor(state.epoch, query)
    if (after?.log && !(await this.#parts.log.hasMark(after.log, state))) throw badCursor()
    if (most < 1) return { items: [] }
    const walk = await this.#walk(query, after)
    const found = await walk.next(most)
    const items = found.slice(0, most)
    const more = found.length > most || walk.hasMore
    return { items, ...(more && { cursor: writeCursor(state.epoch, query, items.at(-1)!, state) }) }
  }

  async count(query: BlockQuery = {}): Promise<number> {
    checkQuery(query, false)
    throwIfAborted(query.signal)
    const terms = termsAsked(query)
    const isCounted = terms !== undefined && terms.length < 2 && query.since === undefined && query.until === undefined
    return this.#parts.indexes.steady(isCounted ? 'counts' : terms, () => this.#count(query), query.signal)
  }

  async #count(query: BlockQuery): Promise<number> {
    const { storage } = this.#parts
    const { since, until, admittedOnly = true, limit = Infinity } = query
    const rows = await rowsAsked(storage, query)
    if (rows === undefined) return 0
    if (since === undefined && until === undefined && rows.length < 2) {
      const counts = rows[0] ?? (await readState(storage))
      return Math.max(0, Math.min(limit, admittedOnly ? counts.admitted : counts.blocks))
    }
    return (await this.#walk(query)).count(limit)
  }

  async terms(index: CountedIndex, options: TermsOptions = {}): Promise<readonly TermCount[]> {
    checkTerms(index, options)
    return this.#parts.indexes.steady('counts', () => this.#terms(index, options))
  }

  async #terms(index: CountedIndex, options: TermsOptions): Promise<readonly TermCount[]> {
    const { after, limit = Infinity } = options
    const text = new TextDecoder()
    const start = dictionaryKey(COUNTED[index]).length
    const found: TermCount[] = []
    if (limit <= 0) return found
    for await (const [key, value] of this.#parts.storage.range(dictionaryRange(COUNTED[index], after))) {
      const row = this.#records.orNothing(() => decodeRow(key, value))
      // Where only retractions wait there is no block.
      if (row && row.blocks > 0)
        found.push({ term: text.decode(key.subarray(start)), blocks: row.blocks, bytes: row.bytes })
      if (found.length >= limit) break
    }
    return found
  }

  #walk(query: BlockQuery, after?: Parameters<typeof QueryWalk.start>[2]): Promise<QueryWalk> {
    const { storage, log } = this.#parts
    const onDamage = (error: unknown) => {
      if (!(error instanceof CosmicError)) throw error
      this.#parts.indexes.notice(error)
    }
    return QueryWalk.start({ storage, log, onDamage }, query, after)
  }
}
