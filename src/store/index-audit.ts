import { nextTurn } from '#platform'
import { CosmicError, equal } from '../base/index'
import { decodeIdEntry } from './id-entry'
import type { KeyValueStorage } from './key-value-storage'
import { dictionaryKey, FORMAT, formatKey, postingsKey, spaceRange, stateKey } from './layout'
import { decodeRun, ENTRY_BYTES } from './postings'
import { decodeState, type StoreState } from './store-state'
import { decodeRow } from './term-row'
import { EVERY_BLOCK } from './terms'

/** Blocks and terms of a store whose answers wait until it was looked through; in a larger one that is done behind them. */
const AWAITED = 65_536
/** Entries looked through in one turn. */
const SLICE = 4_096
/** Terms that are remembered as whole. */
const REMEMBERED = 100_000

export interface AuditParts {
  readonly storage: KeyValueStorage
  /** Runs while nobody writes. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>
  /** Told of damage that was found behind an answer. */
  readonly onDamage: (error: CosmicError) => void
}

/** Lists of these terms, of every block for none, or counts alone; `undefined`: of what cannot be there. */
export type Asked = readonly string[] | 'counts' | undefined

type Look = (state: StoreState) => Promise<void>

/**
 * Finds out whether indexes may be believed where a sum cannot tell: when a key is damaged, what stood under it is just not
 * there. So what is there is counted, once since the store was opened: the dictionary and the ids, and each term that is asked
 * for, and compared with the counts that every batch writes.
 *
 * Invariant: what differs is judged only by a state that was the same before and after, or while nobody wrote.
 */
export class IndexAudit {
  readonly #parts: AuditParts
  /** Terms whose lists were looked through; empty: that of every block. */
  readonly #whole = new Set<string>()
  readonly #looking = new Map<string, Promise<void>>()
  #dictionary = false
  #ids = false
  #ended = false
  #isClosed = false

  constructor(parts: AuditParts) {
    this.#parts = parts
  }

  /** Rejects with `storage`, as `terms` or `indexes`, unless what is asked can be believed. */
  async assertWhole(terms: Asked): Promise<void> {
    if (this.#ended || terms === undefined) return
    if (!this.#dictionary) await this.#assert('terms', state => this.#lookThroughTerms(state))
    if (terms === 'counts') return
    for (const term of terms.length > 0 ? terms : [''])
      if (!this.#whole.has(term)) await this.#assert(`list ${term}`, state => this.#lookThroughList(term, state))
  }

  /** Looks through the ids behind what is under way. */
  begin(): void {
    if (!this.#ids && !this.#ended) this.#behind('ids', state => this.#lookThroughIds(state))
  }

  /** Everything was made anew. */
  reset(): void {
    this.#ended = this.#isClosed
    this.#whole.clear()
    this.#dictionary = this.#ids = true
  }

  /** Believes what is there: the store is closed, or cannot be mended until `reset`. */
  end(isClosed = false): void {
    this.#ended = true
    this.#isClosed ||= isClosed
  }

  /** Indexes were begun to be made anew, and are not whole. */
  async isCut(): Promise<boolean> {
    const format = await this.#parts.storage.get(formatKey())
    return format !== undefined && new TextDecoder().decode(format) !== FORMAT
  }

  /** Resolves when nothing is looked through. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#looking.values())
  }

  async #assert(name: string, look: Look): Promise<void> {
    const state = await this.#state()
    if (state === undefined) return
    const { blocks, nextTerm } = decodeState(state)
    if (Math.max(blocks, nextTerm) > AWAITED) this.#behind(name, look)
    else await this.#once(name, look)
  }

  #behind(name: string, look: Look): void {
    void this.#once(name, look).catch((error: unknown) => {
      if (!this.#ended && error instanceof CosmicError) this.#parts.onDamage(error)
    })
  }

  /** The same is looked through once at a time. */
  #once(name: string, look: Look): Promise<void> {
    const looking = this.#looking.get(name) ?? this.#look(look).finally(() => this.#looking.delete(name))
    this.#looking.set(name, looking)
    return looking
  }

  async #look(look: Look): Promise<void> {
    for (let tries = 0; tries < 2; tries++) {
      const before = await this.#state()
      if (before === undefined) return
      let failure: unknown
      await look(decodeState(before)).catch((error: unknown) => (failure = error))
      const after = await this.#state()
      if (!after || !equal(before, after)) continue
      if (failure !== undefined) throw failure
      return
    }
    await this.#parts.alone(async () => {
      const state = await this.#state()
      if (state !== undefined) await look(decodeState(state))
    })
  }

  /** `undefined` while indexes are made anew, and when it is too late. */
  async #state(): Promise<Uint8Array | undefined> {
    if (this.#ended) return undefined
    const [format, state] = await this.#parts.storage.getMany([formatKey(), stateKey()])
    return format && new TextDecoder().decode(format) === FORMAT ? state : undefined
  }

  async #lookThroughTerms({ terms }: StoreState): Promise<void> {
    let count = 0
    const isOver = await this.#each(spaceRange('dictionary'), (key, value) => {
      count++
      decodeRow(key, value)
    })
    if (isOver && terms !== undefined && count !== terms) throw differs('terms')
    this.#dictionary = true
  }

  /** Of one term; of every block for none. */
  async #lookThroughList(term: string, { blocks }: StoreState): Promise<void> {
    const key = dictionaryKey(term)
    const value = term === '' ? undefined : await this.#parts.storage.get(key)
    const row = value && decodeRow(key, value)
    const number = row?.number ?? EVERY_BLOCK
    let entries = 0
    const isList = term === '' || row !== undefined
    const range = { gte: postingsKey(number), lt: postingsKey(number + 1) }
    const isOver =
      isList && (await this.#each(range, (at, run) => (entries += decodeRun(at, run).length / ENTRY_BYTES)))
    if (isOver && entries !== (row?.blocks ?? blocks)) throw differs('indexes')
    if (this.#whole.size >= REMEMBERED) this.#whole.clear()
    if (isList) this.#whole.add(term)
  }

  async #lookThroughIds({ blocks, pruned }: StoreState): Promise<void> {
    let [held, stubs] = [0, 0]
    const isOver = await this.#each(spaceRange('id'), (key, value) => {
      const entry = decodeIdEntry(key.subarray(1), value)!
      if (entry.state === 'held' || entry.counted) held++
      if (entry.state === 'pruned') stubs++
    })
    if (isOver && (held !== blocks || stubs !== pruned)) throw differs('ids')
    this.#ids = true
  }

  async #each(
    range: { gte: Uint8Array; lt: Uint8Array },
    visit: (key: Uint8Array, value: Uint8Array) => void,
  ): Promise<boolean> {
    let left = SLICE
    for await (const [key, value] of this.#parts.storage.range(range)) {
      visit(key, value)
      if (--left > 0) continue
      left = SLICE
      await new Promise<void>(resolve => nextTurn(resolve))
      if (this.#ended) return false
    }
    return !this.#ended
  }
}

function differs(field: 'terms' | 'indexes' | 'ids'): CosmicError {
  const message = `storage: ${field} are damaged: not all of them are there`
  return new CosmicError({ code: 'storage', field, hint: 'they are made anew', message })
}
