import { attempt, CosmicError, throwIfAborted } from '../base/index'
import type { BlockCache } from './block-cache'
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
import { digestOf } from './digest-of'
import { decodeIdEntry, type IdEntry } from './id-entry'
import type { IndexGuard } from './index-guard'
import type { KeyValueStorage } from './key-value-storage'
import { dictionaryKey, dictionaryRange, idKey, recordKey } from './layout'
import type { LogReader } from './log-reader'
import { MAX_PAGE_LIMIT, PAGE_LIMIT, readCursor, writeCursor } from './page-cursor'
import { type Found, QueryWalk, rowsAsked } from './query-walk'
import { damaged, envelopeIn, isIntact, readRecord } from './record'
import { readState } from './store-state'
import { decodeRow } from './term-row'
import { COUNTED, termsAsked } from './terms'

const NOTHING = new Uint8Array(0)

/** Records read at once by a query. */
const BATCH = 64

export interface ReaderParts {
  readonly storage: KeyValueStorage
  readonly log: LogReader
  readonly cache: BlockCache
  readonly onDamage: ((error: CosmicError) => void) | undefined
  /** A record was found damaged, or gone. */
  readonly onSuspect: (id: string) => void
  readonly indexes: Pick<IndexGuard, 'steady' | 'byId' | 'notice' | 'isBeyond'>
}

/** Reads blocks, alone and by query. What is damaged is as good as absent to whoever asks for more than exactly that. */
export class BlockReader {
  readonly #parts: ReaderParts

  constructor(parts: ReaderParts) {
    this.#parts = parts
  }

  async get(id: string): Promise<StoredBlock | undefined> {
    return this.#parts.cache.get(id) ?? this.#parts.indexes.byId(() => this.#get(id))
  }

  async #get(id: string): Promise<StoredBlock | undefined> {
    const { cache, storage } = this.#parts
    const digest = digestOf(id)
    const { version } = cache
    const [entry] = await this.#entries([digest])
    if (entry?.state === 'lost') throw damaged(id)
    if (entry?.state !== 'held') return undefined
    const record = await storage.get(recordKey(entry.seq))
    if (record === undefined && (await this.#entries([digest]))[0]?.state !== 'held') return undefined
    const stored = this.#read({ id, digest: digest! }, record)
    cache.set(stored, version)
    return stored
  }

  getMany(ids: readonly string[]): Promise<(StoredBlock | undefined)[]> {
    return this.#parts.indexes.byId(() => this.#getMany(ids))
  }

  async #getMany(ids: readonly string[]): Promise<(StoredBlock | undefined)[]> {
    const { cache } = this.#parts
    const cached = ids.map(id => cache.get(id))
    const missing = ids.flatMap((id, i) => {
      const digest = cached[i] ? undefined : digestOf(id)
      return digest ? [{ id, digest }] : []
    })
    const entries = await this.#entries(missing.map(({ digest }) => digest))
    const held = missing.flatMap((each, i) => (entries[i]?.state === 'held' ? [{ ...each, seq: entries[i].seq }] : []))
    const read = new Map((await this.#blocks(held)).flatMap(stored => (stored ? [[stored.block.id, stored]] : [])))
    return ids.map((id, i) => cached[i] ?? read.get(id))
  }

  async has(ids: readonly string[]): Promise<boolean[]> {
    return (await this.envelopes(ids)).map(envelope => envelope !== undefined)
  }

  envelopes(ids: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    return this.#parts.indexes.byId(() => this.#envelopes(ids))
  }

  async #envelopes(ids: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    const digests = ids.map(digestOf)
    const entries = await this.#entries(digests)
    const held = entries.flatMap((entry, i) => (entry?.state === 'held' ? [i] : []))
    const records = await this.#parts.storage.getMany(held.map(i => recordKey(entries[i]!.seq)))
    const found = new Map<number, Uint8Array>()
    for (const [n, i] of held.entries()) {
      const record = records[n]
      if (record && isIntact(record, digests[i]!)) found.set(i, envelopeIn(record))
      else this.#parts.onSuspect(ids[i]!)
    }
    return ids.map((_, i) => found.get(i))
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
      for (const stored of await this.#blocks(found)) {
        throwIfAborted(query.signal)
        if (stored === undefined) continue
        yield stored
        if (--left <= 0) return
      }
    }
  }

  async page(query: PageQuery = {}): Promise<Page<StoredBlock>> {
    const { items, ...cursor } = await this.#page(query)
    const blocks = await this.#blocks(items)
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
    const { epoch } = await readState(this.#parts.storage)
    const after = readCursor(epoch, query)
    if (most < 1) return { items: [] }
    const walk = await this.#walk(query, after)
    const found = await walk.next(most)
    const items = found.slice(0, most)
    const more = found.length > most || walk.hasMore
    return { items, ...(more && { cursor: writeCursor(epoch, query, items.at(-1)!) }) }
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
      const row = this.#orNothing(() => decodeRow(key, value))
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

  async #entries(digests: readonly (Uint8Array | undefined)[]): Promise<(IdEntry | undefined)[]> {
    const found = await this.#parts.storage.getMany(digests.flatMap(digest => (digest ? [idKey(digest)] : [])))
    let next = 0
    return digests.map(digest => {
      const value = digest && found[next++]
      return value && this.#orNothing(() => decodeIdEntry(digest, value))
    })
  }

  /** In the order of these; `undefined` for what is damaged, or was erased meanwhile. */
  async #blocks(found: readonly Omit<Found, 'time'>[]): Promise<(StoredBlock | undefined)[]> {
    const { cache, storage } = this.#parts
    const { version } = cache
    const cached = found.map(({ id }) => cache.get(id))
    const missing = found.filter((_, i) => !cached[i])
    const records = await storage.getMany(missing.map(({ seq }) => recordKey(seq)))
    const erased = await this.#erasedMeanwhile(missing, records)
    let next = 0
    return found.map((each, i) => {
      if (cached[i]) return cached[i]
      const record = records[next++]
      if (erased.has(each.id)) return undefined
      const stored = this.#passOver(() => this.#read(each, record))
      if (stored) cache.set(stored, version)
      return stored
    })
  }

  /** A record that is not there was erased after it was found, unless its id still says that it is held. */
  async #erasedMeanwhile(
    found: readonly Omit<Found, 'time'>[],
    records: readonly (Uint8Array | undefined)[],
  ): Promise<ReadonlySet<string>> {
    const gone = found.filter((_, i) => records[i] === undefined)
    if (gone.length === 0) return new Set()
    const entries = await this.#entries(gone.map(({ digest }) => digest))
    return new Set(
      gone.flatMap(({ id, seq }, i) => (entries[i]?.state === 'held' && entries[i].seq === seq ? [] : [id])),
    )
  }

  #read({ id, digest }: Pick<Found, 'id' | 'digest'>, record: Uint8Array | undefined): StoredBlock {
    const read = attempt(() => readRecord(id, digest, record ?? NOTHING))
    if (read.ok) return read.value
    this.#parts.onSuspect(id)
    throw new CosmicError(read.error)
  }

  /** Of an index: thrown where it may be made anew. */
  #orNothing<T>(read: () => T): T | undefined {
    return this.#parts.indexes.isBeyond ? this.#passOver(read) : read()
  }

  #passOver<T>(read: () => T): T | undefined {
    const result = attempt(read)
    if (result.ok) return result.value
    this.#parts.onDamage?.(new CosmicError(result.error))
    return undefined
  }
}
