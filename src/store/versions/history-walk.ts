import { throwIfAborted } from '../../base/index'
import type { VerifiedBlock } from '../../block/index'
import type { BlockStore, StoredBlock } from '../block-store'
import { retractedBy } from '../retracted-by'

/** The most versions of one history that are read, and the most names in their `supersedes` that are remembered. */
export const MAX_VERSIONS = 10_000
export const MAX_NAMES = 100_000

/** Versions read at once. */
const BATCH = 64

/** One version as far as it is known here: `missing` is named by others and neither held nor known to be withdrawn. */
export interface Version {
  readonly id: string
  readonly state: 'held' | 'retracted' | 'missing'
  /** Of `held` ones. */
  readonly time?: number
  readonly admitted: boolean
  /** Ids that it names as replaced by it. */
  readonly supersedes: readonly string[]
}

export interface WalkOptions {
  /** The most versions that are read (default and at most `MAX_VERSIONS`). */
  readonly limit?: number
  readonly signal?: AbortSignal
  /** Versions that are not admitted are no heads, and supersede nothing by themselves (default false). */
  readonly admittedOnly?: boolean
}

type Reads = Pick<BlockStore, 'getMany' | 'page'>

/**
 * Reads the versions of one author that hang together with one of them, through `supersedes` both ways: the newer before the
 * older.
 *
 * 1. Each id is read once, whatever names it, so that the walk ends whatever the graph is like.
 * 2. What is of another author is no version, and leads nowhere.
 * 3. Of each version that was read it is known whether something replaced it, and all that did, or `complete` is false.
 */
export class HistoryWalk {
  readonly author: string
  readonly versions = new Map<string, Version>()
  /** Versions that a block of this author replaced which counts, read or not; a retraction counts in any case. */
  readonly replaced = new Set<string>()
  complete = true
  readonly #store: Reads
  readonly #limit: number
  readonly #signal: AbortSignal | undefined
  readonly #admittedOnly: boolean
  /** Ids to be read; those that replaced another come first. */
  readonly #newer: string[] = []
  readonly #older: string[] = []
  /** Every id that was met, as its one string. */
  readonly #met = new Map<string, string>()
  #names = 0

  constructor(store: Reads, author: string, options: WalkOptions = {}) {
    const { limit = MAX_VERSIONS, signal, admittedOnly = false } = options
    this.#store = store
    this.author = author
    this.#limit = Math.min(limit, MAX_VERSIONS)
    this.#signal = signal
    this.#admittedOnly = admittedOnly
  }

  async from(id: string): Promise<void> {
    this.#meet(id, this.#newer)
    for (let batch = this.#next(); batch.length > 0; batch = this.#next()) {
      throwIfAborted(this.#signal)
      await this.#read(batch)
    }
  }

  #next(): string[] {
    const queue = this.#newer.length > 0 ? this.#newer : this.#older
    const room = this.#names >= MAX_NAMES ? 0 : this.#limit - this.versions.size
    const batch = queue.splice(0, Math.min(BATCH, room))
    if (batch.length === 0 && queue.length > 0) this.complete = false
    return batch
  }

  async #read(ids: readonly string[]): Promise<void> {
    const held = await this.#store.getMany(ids)
    for (const [i, id] of ids.entries()) {
      const stored = held[i]
      if (stored) this.#take(stored)
      else this.#note({ id, state: 'missing', admitted: false, supersedes: [] })
    }
    for (const id of ids) {
      const version = this.versions.get(id)
      if (!version) continue
      if (version.state === 'missing') await this.#findRetraction(id)
      await this.#findSuccessors(id)
    }
  }

  #take({ block, admitted }: StoredBlock): void {
    if (block.author !== this.author || block.kind === 'retraction') return
    this.#note({ id: block.id, state: 'held', time: block.time, admitted, supersedes: namesOf(block) })
  }

  #note(version: Version): void {
    const supersedes = version.supersedes.map(id => this.#meet(id, this.#older))
    this.#names += supersedes.length
    this.versions.set(version.id, { ...version, supersedes })
  }

  /** The one string for an id, which waits to be read if it was not met before. */
  #meet(id: string, queue: string[]): string {
    const known = this.#met.get(id)
    if (known !== undefined) return known
    this.#met.set(id, id)
    queue.push(id)
    return id
  }

  async #findRetraction(id: string): Promise<void> {
    const { author } = this
    const { items } = await this.#store.page({
      about: id,
      author,
      kind: 'retraction',
      admittedOnly: false,
      limit: BATCH,
    })
    if (items.length === 0) return
    const names = new Set(items.flatMap(({ block }) => namesOf(block)))
    this.#note({ id, state: 'retracted', admitted: false, supersedes: [...names] })
  }

  async #findSuccessors(supersedes: string): Promise<void> {
    const { author } = this
    let cursor: string | undefined
    do {
      throwIfAborted(this.#signal)
      const query = { supersedes, author, admittedOnly: false, limit: BATCH }
      const page = await this.#store.page(cursor === undefined ? query : { ...query, cursor })
      for (const { block, admitted } of page.items) {
        const target = retractedBy(block)
        if (target !== undefined || admitted || !this.#admittedOnly) this.replaced.add(supersedes)
        this.#meet(target ?? block.id, this.#newer)
      }
      cursor = page.cursor
      if (this.#newer.length + this.versions.size <= this.#limit) continue
      // No more could be read.
      this.complete = false
      return
    } while (cursor !== undefined)
  }
}

function namesOf(block: VerifiedBlock): readonly string[] {
  return (!block.opaque && block.supersedes) || []
}
