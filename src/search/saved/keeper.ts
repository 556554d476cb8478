import { throwIfAborted } from '../../base/index'
import type { BlockStore, Page, StoredBlock } from '../../store/index'
import { EntryReader, isSearchable, type Predicate } from '../entry'
import type { SavedPage, SavedSpace, SearchCore } from '../search-core'
import { checksum } from './checksum'
import { baseKey, decodeHead, headKey, pageKey, type Head } from './head'
import { rowsPerPage } from './page'
import { Saver, type SaverOptions } from './saver'

/** So many blocks are there before an engine opens; the rest comes while it is searched. */
const FIRST = 4_096
/** Pages read at once. */
const PAGES = 8
/** Ids compared at once, and blocks read at once. */
const IDS = 1_000
const BLOCKS = 128
/** Blocks read between two savings of an index that is made anew. */
const SAVE_EVERY = 16_384

/** How far an engine is with loading. */
export interface Loading {
  /** Blocks that can be found. */
  readonly loaded: number
  /** Blocks that there will be, about. */
  readonly total: number
}

export interface KeeperOptions extends Omit<SaverOptions, 'side' | 'core'> {
  readonly predicateFunctions?: Readonly<Record<string, Predicate>>
  readonly persist?: boolean
}

/**
 * Brings the admitted embeddings of a store into an index and keeps them the same: from saved pages, then by comparing ids with
 * the store, then by its change events.
 *
 * 1. What comes from pages is confirmed by the store's own list of ids before `loading` ends.
 * 2. A block that an event removed does not come back from a page or from a reading that began before.
 */
export class Keeper {
  readonly #store: BlockStore
  readonly #core: SearchCore
  readonly #options: KeeperOptions
  readonly #reader: EntryReader
  readonly #saver: Saver | undefined
  readonly #stop = new AbortController()
  /** Events that wait for the first pages to be announced. */
  #waiting: (() => void)[] | undefined = []
  /** Blocks removed since the last reading of blocks began. */
  readonly #removed = new Set<string>()
  #loaded = 0
  #total = 0
  #loading = true
  #first: (() => void) | undefined
  #work: Promise<void> | undefined

  constructor(store: BlockStore, core: SearchCore, options: KeeperOptions) {
    this.#store = store
    this.#core = core
    this.#options = options
    this.#reader = new EntryReader(options.predicateFunctions)
    const saves = options.persist !== false && store.side !== undefined
    this.#saver = saves ? new Saver({ ...options, side: store.side, core }) : undefined
  }

  /** Absent when everything is there. */
  get loading(): Loading | undefined {
    return this.#loading ? { loaded: this.#loaded, total: Math.max(this.#total, this.#loaded) } : undefined
  }

  /** Resolves when the first blocks are there. Rejects with `aborted`, and as the store does. */
  async open(signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal)
    const abort = () => this.#stop.abort()
    signal?.addEventListener('abort', abort, { once: true })
    const first = new Promise<void>(resolve => (this.#first = resolve))
    this.#work = this.#load()
    let opened = false
    const failed = this.#work.catch((error: unknown) => {
      if (!opened) throw error
      if (!this.#stop.signal.aborted) this.#options.onError?.(error)
    })
    await Promise.race([first, failed])
    opened = true
    if (!this.#loading) signal?.removeEventListener('abort', abort)
  }

  /** Resolves when everything is there, or loading has ended otherwise. */
  async loaded(): Promise<void> {
    await this.#work?.catch(() => undefined)
  }

  add(blocks: readonly StoredBlock[]): void {
    const found = blocks.filter(isSearchable)
    if (this.#removed.size > 0) for (const { block } of found) this.#removed.delete(block.id)
    if (found.length > 0) this.#soon(() => this.#core.add(this.#reader.read(found)))
  }

  remove(ids: readonly string[]): void {
    if (this.#loading) ids.forEach(id => this.#removed.add(id))
    if (ids.length > 0) this.#soon(() => this.#core.remove(ids))
  }

  async save(): Promise<void> {
    if (!this.#loading) await this.#saver?.save()
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.loaded()
    await this.#saver?.close()
  }

  /** The index is gone: nothing more is loaded or saved. */
  abandon(): void {
    this.#stop.abort()
    this.#saver?.abandon()
  }

  #soon(change: () => void): void {
    if (this.#waiting) this.#waiting.push(change)
    else change()
    this.#saver?.touch()
  }

  async #load(): Promise<void> {
    const found = await this.#findSaved()
    await this.#core.restore(found?.spaces ?? [], found?.head.next ?? 0)
    this.#waiting?.forEach(change => change())
    this.#waiting = undefined
    if (found) await this.#loadPages(found.head)
    await this.#core.restored()
    await this.#compare(found === undefined)
    await this.#core.endAudit()
    this.#loading = false
    this.#removed.clear()
    this.#first?.()
    this.#saver?.touch()
  }

  /** What was saved, if it can be used: pages hold the answers of predicates of one version. */
  async #findSaved(): Promise<{ head: Head; spaces: SavedSpace[] } | undefined> {
    const { side } = this.#store
    const head = this.#saver && decodeHead(await side.get(headKey()))
    if (!head) {
      await this.#saver?.clear(this.#stop.signal)
      return undefined
    }
    const { predicates, predicateFunctions = {} } = this.#options
    const spaces = await Promise.all(head.spaces.map(space => this.#withBase(space)))
    this.#saver.found(head, spaces)
    const asks = Object.keys(predicateFunctions).length > 0
    if (asks && (predicates === undefined || predicates !== head.predicates)) {
      // The spaces keep their numbers, so that their pages are written over.
      return { head: { ...head, spaces: [] }, spaces: [] }
    }
    return { head, spaces }
  }

  async #withBase(space: Omit<SavedSpace, 'base'>): Promise<SavedSpace> {
    if (space.stamp === 0) return space
    const base = await this.#store.side.get(baseKey(space.number))
    return base && checksum(base) === space.stamp ? { ...space, base } : space
  }

  async #loadPages({ spaces }: Head): Promise<void> {
    this.#total = spaces.reduce((sum, { size }) => sum + size, 0)
    for (const { number, dims, span } of spaces) {
      const count = Math.ceil(span / rowsPerPage(dims))
      for (let first = 0; first < count; first += PAGES) {
        throwIfAborted(this.#stop.signal)
        const numbers = Array.from({ length: Math.min(PAGES, count - first) }, (_, i) => first + i)
        const values = await this.#store.side.getMany(numbers.map(page => pageKey(number, page)))
        await this.#core.load(numbers.map((page, i) => pageOf(number, page, values[i])))
        await this.#progress()
      }
    }
  }

  /** Reads the blocks that the index lacks, and confirms those that it has. */
  async #compare(isNew: boolean): Promise<void> {
    if (isNew) this.#total = (await this.#store.stats()).admitted
    let unsaved = 0
    let cursor: string | undefined
    do {
      throwIfAborted(this.#stop.signal)
      const page = await this.#pageAfter(cursor)
      const lacking = await this.#core.lacking(page.items)
      for (let at = 0; at < lacking.length; at += BLOCKS) await this.#read(lacking.slice(at, at + BLOCKS))
      unsaved += lacking.length
      cursor = page.cursor
      if (unsaved >= SAVE_EVERY) {
        await this.#saver?.save()
        unsaved = 0
      }
      await this.#progress()
    } while (cursor !== undefined)
  }

  /** Begun anew where the store has got another epoch meanwhile, as by a repair: what was read before is not read again. */
  async #pageAfter(cursor: string | undefined): Promise<Page<string>> {
    const query = { kind: 'embedding', limit: IDS }
    try {
      return await this.#store.pageIds({ ...query, ...(cursor && { cursor }) })
    } catch (error) {
      if (cursor === undefined || (error as { code?: unknown }).code !== 'bad-cursor') throw error
      return this.#store.pageIds(query)
    }
  }

  async #read(ids: readonly string[]): Promise<void> {
    throwIfAborted(this.#stop.signal)
    this.#removed.clear()
    const stored = await this.#store.getMany(ids)
    const found = stored.filter(each => each !== undefined).filter(isSearchable)
    this.#core.add(this.#reader.read(found.filter(({ block }) => !this.#removed.has(block.id))))
    this.#loaded += found.length
    await this.#rest()
  }

  async #progress(): Promise<void> {
    const { spaces } = await this.#core.look()
    this.#loaded = spaces.reduce((sum, { size }) => sum + size, 0)
    await this.#rest()
  }

  /** Whoever opens the engine waits for the first blocks; others go first from then on. */
  async #rest(): Promise<void> {
    if (this.#loaded < FIRST) return
    this.#first?.()
    await this.#options.pause?.()
  }
}

function pageOf(space: number, page: number, bytes: Uint8Array | undefined): SavedPage {
  return { space, page, ...(bytes && { bytes }) }
}
