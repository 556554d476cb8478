import { CosmicError, loadOnce } from '../base/index'
import type { Entry } from './entry'
import type { KernelName } from './kernels/kernels'
import { ModelSpace } from './model-space'
import type { CoreQuery, SavedPage, SavedSpace, SearchCore, Survey } from './search-core'
import { Omitted } from './omitted'
import { NOTHING_FOUND, type SearchResult } from './search-result'
import type { SpacePorts } from './space-ports'
import { directionOf } from './unit-vector'
import { wrongLength } from './wrong-length'

/** What an index on this thread needs of its surroundings. */
export interface LocalPorts extends Omit<SpacePorts, 'kernels' | 'vectors'> {
  readonly module?: WebAssembly.Module
  /** Memory for all spaces: blocks beyond it are left out. */
  readonly maxBytes?: number
  /** Asked when a space opens: where its exact vectors are, if not in memory. */
  readonly vectors?: () => SpacePorts['vectors'] | undefined
}

/** What a block takes beside its vector, in bytes, about: its id twice, its row, and what filters ask of it. */
const ROW_BYTES = 256

/** Every space of one store, on this thread. */
export class LocalCore implements SearchCore {
  readonly #spaces = new Map<string, Map<number, ModelSpace>>()
  readonly #numbers = new Map<ModelSpace, number>()
  readonly #ports: LocalPorts
  readonly #kernels = loadOnce(async () => {
    const { loadKernels } = await import('./kernels/load-kernels')
    const source = await loadKernels(this.#ports.module)
    this.#name = source.name
    return source
  })
  #name: KernelName = 'scalar'
  #next = 0
  /** For the direction that is added just now. */
  #unit = new Float32Array(0)
  readonly #omitted: Omitted

  constructor(ports: LocalPorts = {}) {
    this.#ports = ports
    this.#omitted = new Omitted('blocks are left out of search', ports)
  }

  get survey(): Survey {
    const spaces = this.#all().map(({ model, dims, size, byteLength }) => ({ model, dims, size, bytes: byteLength }))
    const bytes = spaces.reduce((sum, space) => sum + space.bytes + ROW_BYTES * space.size, 0)
    return { kernels: this.#name, spaces: spaces.filter(({ size }) => size > 0), bytes, omitted: this.#omitted.count }
  }

  async look(): Promise<Survey> {
    return this.survey
  }

  add(entries: Iterable<Entry>): void {
    let room = this.#room()
    let isKnown = true
    for (const entry of entries) {
      const { id, model, vector } = entry
      const space = this.#spaces.get(model)?.get(vector.length)
      if (space?.confirm(id)) continue
      const bytes = ROW_BYTES + 4 * vector.length
      // Codes take less than vectors do, and places of what has gone are there already.
      if (bytes > room && !isKnown) [room, isKnown] = [this.#room(), true]
      if (bytes > room || !space) {
        // What has no direction takes no room.
        if (!vector.some(Boolean)) continue
        if (bytes > room) {
          this.#omitted.add(id)
          continue
        }
      }
      if (this.#unit.length !== vector.length) this.#unit = new Float32Array(vector.length)
      if ((space ?? this.#open(model, vector.length)).add(entry, this.#unit)) [room, isKnown] = [room - bytes, false]
      this.#omitted.delete(id)
    }
  }

  /** Bytes that are left. */
  #room(): number {
    const { maxBytes } = this.#ports
    return maxBytes === undefined ? Infinity : maxBytes - this.survey.bytes
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) {
      this.#omitted.delete(id)
      for (const byDims of this.#spaces.values()) for (const space of byDims.values()) this.#removeFrom(space, id)
    }
  }

  async search({ vector, model, where, ...query }: CoreQuery, signal?: AbortSignal): Promise<SearchResult> {
    const byDims = this.#spaces.get(model)
    const space = byDims?.get(vector.length)
    const direction = directionOf(vector)
    if (byDims !== undefined && space === undefined) throw wrongLength(model, [...byDims.keys()])
    if (direction === undefined)
      throw new CosmicError({ code: 'bad-value', field: 'vector', hint: 'a vector of zeros has no direction' })
    if (space === undefined) return NOTHING_FOUND
    return space.search({ ...query, query: direction, ...(signal && { signal }) }, where)
  }

  async settled(): Promise<void> {
    await Promise.all(this.#all().map(space => space.settled()))
  }

  async restore(spaces: readonly SavedSpace[], next: number): Promise<void> {
    this.#next = Math.max(this.#next, next)
    for (const { number, model, dims, span, base } of spaces) {
      // One that a block opened already keeps its number; the pages of the saved one give its blocks all the same.
      const space = this.#spaces.get(model)?.get(dims) ?? this.#open(model, dims, number)
      this.#numbers.set(space, number)
      space.book.open(span)
      if (base) await space.restore(base).catch((error: unknown) => this.#ports.onError?.(error))
    }
  }

  async load(pages: readonly SavedPage[]): Promise<readonly boolean[]> {
    const byNumber = new Map([...this.#numbers].map(([space, number]) => [number, space]))
    const loaded: boolean[] = []
    for (const { space, page, bytes } of pages) {
      if (loaded.length > 0) await this.#ports.pause?.()
      loaded.push(bytes === undefined || (byNumber.get(space)?.book.load(page, bytes) ?? true))
    }
    return loaded
  }

  async restored(): Promise<void> {
    for (const space of this.#all()) {
      space.restored()
      space.startAudit()
      if (space.size === 0) this.#drop(space)
    }
  }

  async lacking(ids: readonly string[]): Promise<readonly string[]> {
    const all = this.#all()
    return ids.filter(id => !all.some(space => space.confirm(id)))
  }

  async endAudit(): Promise<number> {
    const spaces = this.#all()
    let left = 0
    for (const space of spaces) {
      left += await space.dropUnconfirmed()
      if (space.size === 0) this.#drop(space)
    }
    return left
  }

  async startTaking(): Promise<boolean> {
    const spaces = this.#all()
    const some = spaces.some(({ book }) => !book.isClean)
    for (const { book } of spaces) book.startTaking()
    return some
  }

  async take(limit: number): Promise<readonly SavedPage[]> {
    const taken: SavedPage[] = []
    let left = limit
    for (const [space, number] of this.#numbers) {
      if (left <= 0) break
      for (const { page, bytes } of space.book.take(left)) {
        left -= bytes?.length ?? 0
        taken.push({ space: number, page, ...(bytes && { bytes }) })
      }
    }
    return taken
  }

  redo(pages: readonly SavedPage[]): void {
    for (const [space, number] of this.#numbers) {
      for (const { space: of, page } of pages) if (of === number) space.book.redo(page)
    }
  }

  async saved(): Promise<{ spaces: readonly SavedSpace[]; next: number }> {
    const spaces = [...this.#numbers].map(([{ model, dims, size, book }, number]) => {
      const { bytes, stamp = 0 } = book.base() ?? {}
      return { number, model, dims, size, span: book.span, stamp, ...(bytes && { base: bytes }) }
    })
    return { spaces, next: this.#next }
  }

  close(): void {
    this.#spaces.clear()
    this.#numbers.clear()
  }

  #removeFrom(space: ModelSpace, id: string): boolean {
    space.book.forget(id)
    const removed = space.remove(id)
    if (removed && space.size === 0 && !space.book.isOpen) this.#drop(space)
    return removed
  }

  #all(): ModelSpace[] {
    return [...this.#spaces.values()].flatMap(byDims => [...byDims.values()])
  }

  #open(model: string, dims: number, number = this.#next++): ModelSpace {
    const byDims = this.#spaces.get(model) ?? new Map<number, ModelSpace>()
    const { pause, onError, clustersFrom, vectors: where } = this.#ports
    const vectors = where?.()
    const space = new ModelSpace(model, dims, {
      kernels: this.#kernels,
      ...(vectors && { vectors }),
      ...(pause && { pause }),
      ...(onError && { onError }),
      ...(clustersFrom !== undefined && { clustersFrom }),
    })
    this.#spaces.set(model, byDims.set(dims, space))
    this.#numbers.set(space, number)
    return space
  }

  /** A space that has lost its last block is let go of, unless it was already, and another one opened in its place. */
  #drop(space: ModelSpace): void {
    if (!this.#numbers.has(space)) return
    const byDims = this.#spaces.get(space.model)!
    this.#numbers.delete(space)
    byDims.delete(space.dims)
    if (byDims.size === 0) this.#spaces.delete(space.model)
  }
}
