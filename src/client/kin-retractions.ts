import { CosmicError } from '../base/index'
import type { VerifiedBlock } from '../block/index'
import type { Ingest } from '../ingest/index'
import { isRetractable, readSummedText, retractedBy, summedText, type BlockStore } from '../store/index'
import type { IdentityBook } from './identity-book'

export interface KinRetractionsParts {
  readonly store: BlockStore
  readonly ingest: Pick<Ingest, 'erase'>
  readonly book: IdentityBook
  /** The room for stubs (default 100,000), of which a tenth may be spent here, ever: a stranger must not spend all of it. */
  readonly maxStubs?: number
  readonly onError: (error: unknown) => void
}

const MAX_STUBS = 100_000
/** The most ids that are looked at in one go. */
const STEP = 64
/** The most ids and keys that wait; what finds no room is found by reading all retractions again. */
const MAX_WAITING = 10_000
/** How many blocks this erased. */
const COUNT = new TextEncoder().encode('retractions/kin')

/**
 * Erases blocks that another key of their author's identity withdrew: payload and index entries go, the id stays as a stub,
 * since nobody's set may depend on what is known of identities (docs/spec/block.md, section 4.17).
 *
 * Invariants: (1) it counts only while both keys are of one identity, neither is contested, and the one that withdraws has
 * not ended; (2) whichever of block, retraction and profiles comes last, it is noticed, across restarts too; (3) one bounded
 * step runs at a time.
 */
export class KinRetractions {
  readonly #parts: KinRetractionsParts
  /** Ids that may be withdrawn so. */
  readonly #ids = new Set<string>()
  /** Keys of which more is known now. */
  readonly #keys = new Set<string>()
  #all = true
  #work: Promise<void> | undefined
  #stop: (() => void) | undefined
  #closed = false

  constructor(parts: KinRetractionsParts) {
    this.#parts = parts
  }

  open(): void {
    const { store, book } = this.#parts
    this.#stop = store.onChange(({ added }) => {
      for (const { block } of added) this.#note(block)
      this.#wake()
    })
    book.onChange(about => {
      const { keys, devices } = book.resolve(about.author)
      for (const key of [about.author, ...keys, ...devices]) this.#add(this.#keys, key)
      this.#wake()
    })
    this.#wake()
  }

  /** Resolves when nothing is left to look at. */
  async settled(): Promise<void> {
    while (this.#work) await this.#work
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#stop?.()
    await this.#work
  }

  #note(block: VerifiedBlock): void {
    if (!this.#hasKin(block.author)) return
    this.#add(this.#ids, retractedBy(block) ?? block.id)
  }

  #hasKin(author: string): boolean {
    const { keys, devices } = this.#parts.book.resolve(author)
    return keys.length + devices.length > 1
  }

  #add(waiting: Set<string>, item: string): void {
    if (waiting.size < MAX_WAITING) waiting.add(item)
    else this.#all = true
  }

  #wake(): void {
    if (this.#work || this.#closed || !(this.#all || this.#ids.size > 0 || this.#keys.size > 0)) return
    const work = this.#run()
      .catch((error: unknown) => {
        this.#all = true
        this.#parts.onError(error)
      })
      .finally(() => (this.#work = undefined))
    this.#work = work
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      if (this.#ids.size > 0) await this.#check(take(this.#ids, STEP))
      else if (this.#keys.size > 0) await this.#read(take(this.#keys, 1)[0]!)
      else if (this.#all) {
        this.#all = false
        await this.#read()
      } else return
    }
  }

  /** All retractions by a key, or by all keys. */
  async #read(author?: string): Promise<void> {
    if (author !== undefined && !this.#hasKin(author)) return
    const query = { kind: 'retraction', admittedOnly: false, ...(author !== undefined && { author }) }
    for await (const { block } of this.#parts.store.query(query)) {
      if (this.#closed) return
      this.#note(block)
      if (this.#ids.size >= STEP) await this.#check(take(this.#ids, STEP))
    }
  }

  async #check(ids: readonly string[]): Promise<void> {
    const { store, ingest } = this.#parts
    const withdrawn: string[] = []
    for (const stored of await store.getMany(ids)) {
      if (stored && (await this.#isWithdrawn(stored.block))) withdrawn.push(stored.block.id)
    }
    if (withdrawn.length === 0) return
    const room = await this.#room()
    if (withdrawn.length > room)
      this.#parts.onError(new CosmicError({ code: 'limit', field: 'retractions', limit: this.#most }))
    const erased = await ingest.erase(withdrawn.slice(0, room), 'withdrawn')
    await store.side.batch([{ type: 'put', key: COUNT, value: summedText(`${this.#most - room + erased}`) }])
  }

  get #most(): number {
    return Math.floor((this.#parts.maxStubs ?? MAX_STUBS) / 10)
  }

  async #room(): Promise<number> {
    const spent = readSummedText(await this.#parts.store.side.get(COUNT)) ?? 0
    return Math.max(0, this.#most - Number(spent))
  }

  async #isWithdrawn({ id, author, kind }: VerifiedBlock): Promise<boolean> {
    const { store, book } = this.#parts
    if (!isRetractable({ kind }) || !this.#hasKin(author)) return false
    const { keys, devices } = book.resolve(author)
    for (const kin of new Set([...keys, ...devices])) {
      if (kin === author || book.resolve(kin).status !== 'active' || !book.sameIdentity(kin, author)) continue
      const about = { about: id, author: kin, kind: 'retraction', admittedOnly: false, limit: 1 }
      if ((await store.pageIds(about)).items.length > 0) return true
    }
    return false
  }
}

function take<T>(from: Set<T>, most: number): T[] {
  const taken = [...from].slice(0, most)
  for (const item of taken) from.delete(item)
  return taken
}
