import { throwIfAborted } from '../../../base/index'
import type { BatchOperation } from '../../../store/index'
import { Directory, FIRST } from './directory'
import { bytesOf, damagedPage, EMPTY_PAGE, findInPage, type Page, PageReader, textOf } from './page'
import { PageCache } from './page-cache'
import { type Change, rewritePage } from './rewrite-page'
import { Turnstile } from './turnstile'
import { type Pages, readPages, writePages } from './write-pages'

export type Entry = readonly [key: Uint8Array, value: Uint8Array]

/** What a table needs of the database that it is in. */
export interface PageSource {
  /** Which storage the database belongs to. */
  readonly owner: Uint8Array
  /** Whether nobody else can have opened it meanwhile. */
  readonly exclusive: boolean
  table(mode: 'readonly' | 'readwrite'): IDBObjectStore
}

/** Part of a range, whose keys lie in pages next to each other. */
export interface Stretch {
  readonly entries: readonly Entry[]
  /** Where the range goes on: from this key up, or below it. `undefined`: nowhere. */
  readonly next: string | undefined
}

export interface StretchOptions {
  readonly low: string
  /** `undefined`: no end. */
  readonly high: string | undefined
  readonly reverse: boolean
  readonly limit: number
  /** How many pages at most. */
  readonly pages: number
}

/**
 * Entries packed into pages, which are rewritten whole: IndexedDB takes about 0.1 ms for anything it stores, a page or
 * thirty bytes.
 *
 * Invariants: (1) a key stands in the page of the last fence that is not greater; (2) `#directory` and the cache are what the
 * last committed batch left, and change in one go when the next is committed; (3) every read begins between two batches
 * (turnstile.ts), takes the directory and asks for its pages at once, so it reads one state.
 */
export class PagedTable {
  readonly #source: PageSource
  readonly #turnstile = new Turnstile()
  readonly #cache: PageCache
  #directory: Directory
  #commits = 0

  constructor(source: PageSource, fences: readonly string[], cacheBytes: number) {
    this.#source = source
    this.#directory = new Directory(fences)
    this.#cache = new PageCache(cacheBytes)
  }

  /** Copies of the values. */
  find(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    const texts = keys.map(textOf)
    return this.#turnstile.read(async () => {
      const groups = this.#byPage([...new Set(texts)].sort(), text => text)
      const pages = await this.#pages([...groups.keys()])
      const values = new Map<string, Uint8Array | undefined>()
      for (const [fence, group] of groups) {
        const found = findInPage(pages.get(fence)!, group)
        for (const [i, text] of group.entries()) values.set(text, found[i])
      }
      return texts.map(text => values.get(text)?.slice())
    })
  }

  stretch({ low, high, reverse, limit, pages: most }: StretchOptions): Promise<Stretch> {
    return this.#turnstile.read(async () => {
      const directory = this.#directory
      const begin = directory.indexOf(low)
      const last = high === undefined ? directory.size - 1 : directory.indexOf(high)
      // A page that begins at the end of the range has nothing of it.
      const end = last > begin && directory.fence(last) === high ? last - 1 : last
      const count = Math.min(most, end - begin + 1)
      const fences = Array.from({ length: count }, (_, i) => directory.fence(reverse ? end - i : begin + i)!)
      const pages = await this.#pages(fences)
      const entries: Entry[] = []
      for (const [i, fence] of fences.entries()) {
        const found = entriesOf(pages.get(fence)!, low, high)
        for (const entry of reverse ? found.reverse() : found) entries.push(entry)
        if (entries.length >= limit) return { entries: entries.slice(0, limit), next: undefined }
        if (i === count - 1 && count <= end - begin) {
          return { entries, next: reverse ? fence : directory.fence(begin + count) }
        }
      }
      return { entries, next: undefined }
    })
  }

  write(operations: readonly BatchOperation[], signal: AbortSignal | undefined): Promise<void> {
    // Copied before anything is waited for: the caller may change them.
    const last = new Map(operations.map(operation => [textOf(operation.key), operation]))
    const changes = [...last.keys()].sort().map((key): Change => {
      const operation = last.get(key)!
      return { key, value: operation.type === 'put' ? operation.value.slice() : undefined }
    })
    return this.#turnstile.write(async () => {
      throwIfAborted(signal)
      await this.#commit(changes, signal)
    })
  }

  /** When every write that waits has ended. */
  idle(): Promise<void> {
    return this.#turnstile.idle()
  }

  async #commit(changes: readonly Change[], signal: AbortSignal | undefined): Promise<void> {
    const { owner } = this.#source
    const groups = this.#byPage(changes, ({ key }) => key)
    const known = new Map<string, Page | undefined>()
    for (const fence of groups.keys()) known.set(fence, this.#cache.get(fence))
    const missing = [...known].filter(([, page]) => page === undefined).map(([fence]) => fence)
    const change = (found: Pages) => rewrite(groups, new Map([...known, ...found]))
    const written = await writePages(this.#source.table('readwrite'), owner, missing, change, signal)
    this.#take(written)
  }

  #take(written: Pages): void {
    this.#commits++
    const [added, removed]: [string[], Set<string>] = [[], new Set()]
    for (const [fence, page] of written) {
      if (page === undefined) {
        this.#cache.delete(fence)
        if (fence !== FIRST) removed.add(fence)
      } else {
        this.#cache.set(fence, page)
        if (this.#directory.fence(this.#directory.indexOf(fence)) !== fence) added.push(fence)
      }
    }
    this.#directory = this.#directory.with(added, removed)
  }

  /** Items, whose keys ascend, by the page that each belongs to. */
  #byPage<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
    const groups = new Map<string, T[]>()
    let [group, end]: [T[], string | undefined] = [[], FIRST]
    for (const item of items) {
      const key = keyOf(item)
      if (end !== undefined && key >= end) {
        const index = this.#directory.indexOf(key)
        end = this.#directory.fence(index + 1)
        groups.set(this.#directory.fence(index)!, (group = []))
      }
      group.push(item)
    }
    return groups
  }

  /** Asks at once for those that are not in the cache. */
  async #pages(fences: readonly string[]): Promise<ReadonlyMap<string, Page>> {
    const [commits, { owner, exclusive }] = [this.#commits, this.#source]
    const pages = new Map<string, Page>()
    const missing = fences.filter(fence => {
      const page = this.#cache.get(fence)
      if (page !== undefined) pages.set(fence, page)
      return page === undefined
    })
    if (missing.length === 0) return pages
    const found = await readPages(this.#source.table('readonly'), missing, exclusive ? undefined : owner)
    for (const [fence, page] of found) {
      const whole = pageOrEmpty(fence, page)
      pages.set(fence, whole)
      if (this.#commits === commits) this.#cache.set(fence, whole)
    }
    return pages
  }
}

/** Nothing is stored of the first page while it is empty. */
function pageOrEmpty(fence: string, page: Page | undefined): Page {
  if (page === undefined && fence !== FIRST) throw damagedPage()
  return page ?? EMPTY_PAGE
}

/** What changes, of pages and the changes of each. */
function rewrite(groups: ReadonlyMap<string, readonly Change[]>, pages: Pages): Pages {
  const written = new Map<string, Page | undefined>()
  for (const [fence, changes] of groups) {
    const old = pageOrEmpty(fence, pages.get(fence))
    const pieces = rewritePage(fence, old, changes)
    if (pieces.length === 0) written.set(fence, undefined)
    for (const piece of pieces) {
      if (piece.fence !== fence || !same(piece.page, old)) written.set(piece.fence, piece.page)
    }
  }
  return written
}

const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i])

/** Copies of the entries with `low <= key < high`. */
function entriesOf(page: Page, low: string, high: string | undefined): Entry[] {
  const entries: Entry[] = []
  const reader = new PageReader(page)
  while (reader.next()) {
    const text = reader.text
    if (high !== undefined && text >= high) break
    if (text >= low) entries.push([bytesOf(text), reader.value.slice()])
  }
  return entries
}
