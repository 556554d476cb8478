import { Cid, compare } from '../base/index'
import type { BlockQuery } from './block-store'
import type { KeyValueStorage } from './key-value-storage'
import { dictionaryKey } from './layout'
import type { LogReader } from './log-reader'
import type { Place } from './page-cursor'
import { boundOf, compareEntries, ENTRY_BYTES, isTied, prefixOf, readPosting, SEQ_AT } from './postings'
import { PostingsReader } from './postings-reader'
import { decodeRow, type TermRow } from './term-row'
import { EVERY_BLOCK, termsAsked } from './terms'

/** A block that a query finds, unread. */
export interface Found {
  readonly id: string
  readonly digest: Uint8Array
  readonly seq: number
  readonly time: number
}

export interface WalkParts {
  readonly storage: KeyValueStorage
  readonly log: LogReader
  readonly onDamage: (error: unknown) => void
}

/** The dictionary's rows of the terms that a query names; `undefined` when no block has one of them. */
export async function rowsAsked(storage: KeyValueStorage, query: BlockQuery): Promise<TermRow[] | undefined> {
  const terms = termsAsked(query)
  if (terms === undefined) return undefined
  const keys = terms.map(dictionaryKey)
  const values = await storage.getMany(keys)
  return values.every(value => value !== undefined) ? values.map((value, i) => decodeRow(keys[i]!, value!)) : undefined
}

/**
 * What a query finds, in order, from index entries alone: the entries that all its terms share, the rarest term leading.
 *
 * Entries hold but the first bytes of a digest; those of equal time and equal first bytes are ordered by whole digests.
 */
export class QueryWalk {
  readonly #parts: WalkParts
  readonly #query: BlockQuery
  readonly #after: Place | undefined
  readonly #readers: PostingsReader[]
  /** Entries met, and not handed out yet; the last is of the next group. */
  #ahead: Uint8Array | undefined
  #ended = false

  private constructor(parts: WalkParts, query: BlockQuery, rows: readonly TermRow[] | undefined, after?: Place) {
    this.#parts = parts
    this.#query = query
    this.#after = after
    const { reverse = false, since, until, signal } = query
    const from =
      after && !reverse ? boundOf(after.time, after.digest) : since !== undefined ? boundOf(since) : undefined
    const to = after && reverse ? lastOf(after) : until !== undefined ? boundOf(until) : undefined
    const options = { from, to, reverse, signal, onDamage: parts.onDamage }
    const numbers = rows?.toSorted((a, b) => a.blocks - b.blocks).map(({ number }) => number) ?? []
    this.#readers = (numbers.length > 0 ? numbers : [EVERY_BLOCK]).map(
      number => new PostingsReader(parts.storage, number, options),
    )
    this.#ended = rows === undefined
  }

  static async start(parts: WalkParts, query: BlockQuery, after?: Place): Promise<QueryWalk> {
    return new QueryWalk(parts, query, await rowsAsked(parts.storage, query), after)
  }

  /** At least `count` of what comes next, unless that is all; none at the end. */
  async next(count: number): Promise<Found[]> {
    const next: Found[] = []
    do {
      const entries = await this.#collect(count - next.length)
      const found = entries.length > 0 ? await this.#resolve(entries) : []
      next.push(...(this.#after ? found.filter(each => this.#isAfter(each)) : found))
    } while (next.length < count && this.hasMore)
    return next
  }

  /** Whether something comes after what was handed out. */
  get hasMore(): boolean {
    return this.#ahead !== undefined
  }

  /** How many there are left. */
  async count(most: number): Promise<number> {
    let count = 0
    while (count < most && (await this.#step())) count++
    return count
  }

  async #collect(count: number): Promise<Uint8Array[]> {
    const entries = this.#ahead ? [this.#ahead] : []
    this.#ahead = undefined
    const [reader] = this.#readers as [PostingsReader]
    while (await this.#step()) {
      const entry = entryAt(reader)
      if (entries.length >= count && !isTied(entries.at(-1)!, 0, entry, 0)) {
        this.#ahead = entry
        return entries
      }
      entries.push(entry)
    }
    return entries
  }

  /** The leading reader to the next entry that all have, and that is admitted where it must be. */
  async #step(): Promise<boolean> {
    if (this.#ended) return false
    const [leader, ...others] = this.#readers as [PostingsReader, ...PostingsReader[]]
    const { admittedOnly = true } = this.#query
    let moved = leader.next()
    while (typeof moved === 'boolean' ? moved : await moved) {
      if (admittedOnly && (leader.entries![leader.at + ENTRY_BYTES - 1]! & 1) === 0) {
        moved = leader.next()
        continue
      }
      const beyond = others.length === 0 ? 'aligned' : await align(leader, others)
      if (beyond === 'aligned') return true
      if (beyond === 'ended') break
      moved = leader.seek(beyond)
    }
    this.#ended = true
    return false
  }

  async #resolve(entries: readonly Uint8Array[]): Promise<Found[]> {
    const postings = entries.map(entry => readPosting(entry, 0))
    const digests = await this.#parts.log.digestsOr(
      postings.map(({ seq }) => seq),
      { prefixOf: i => prefixOf(entries[i]!), onDamage: this.#parts.onDamage },
    )
    const found = postings.flatMap(({ seq, time }, i) => {
      const digest = digests[i]
      return digest ? [{ id: Cid.textOf(digest), digest, seq, time }] : []
    })
    const tied = entries.some((entry, i) => i > 0 && isTied(entries[i - 1]!, 0, entry, 0))
    return tied ? found.sort((a, b) => this.#order(a, b)) : found
  }

  #isAfter(found: Found): boolean {
    return this.#order(found, this.#after!) > 0
  }

  #order(a: Place, b: Place): number {
    const ascending = a.time - b.time || compare(a.digest, b.digest)
    return this.#query.reverse ? -ascending : ascending
  }
}

/** Whether all stand at the leader's entry; else the entry beyond it that one of them stands at. */
async function align(
  leader: PostingsReader,
  others: readonly PostingsReader[],
): Promise<'aligned' | 'ended' | Uint8Array> {
  const entry = entryAt(leader)
  for (const other of others) {
    if (!(await other.seek(entry))) return 'ended'
    if (compareEntries(other.entries!, other.at, entry, 0) !== 0) return entryAt(other)
  }
  return 'aligned'
}

const entryAt = ({ entries, at }: PostingsReader) => entries!.subarray(at, at + ENTRY_BYTES)

/** A bound behind every entry of this time and digest. */
function lastOf({ time, digest }: Place): Uint8Array {
  const entry = boundOf(time, digest)
  entry.fill(0xff, SEQ_AT)
  return entry
}
