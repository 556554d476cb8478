import type { Entry } from './entry'
import type { KernelName } from './kernels/kernels'
import type { SearchFilter } from './search-filter'
import type { SearchResult } from './search-result'
import type { Metric } from './vector-index'

/** The vectors of one model and length that can be searched. */
export interface SearchSpace {
  readonly model: string
  readonly dims: number
  readonly size: number
  /** Memory that its vectors take, in bytes. */
  readonly bytes: number
}

/** A checked question; `now` in milliseconds. */
export interface CoreQuery {
  readonly vector: Float32Array | Float64Array
  readonly model: string
  readonly k: number
  readonly where: SearchFilter
  readonly minScore: number
  readonly metric: Metric
  readonly recall: number
  readonly now: number
}

/** What there is to search, and with what. */
export interface Survey {
  readonly kernels: KernelName
  readonly spaces: readonly SearchSpace[]
  /** Memory that all takes, in bytes, about: vectors, ids and what filters ask. */
  readonly bytes: number
  /** Blocks that cannot be found since there was no memory for them when they came (`maxBytes`); those that have gone count no more. */
  readonly omitted: number
}

/** A space as it is saved, beside its pages. */
export interface SavedSpace {
  /** Never given to another space of the same store. */
  readonly number: number
  readonly model: string
  readonly dims: number
  /** Blocks in it. */
  readonly size: number
  /** Rows that its pages have room for. */
  readonly span: number
  /** Checksum of `base`; 0 where there is none. */
  readonly stamp: number
  readonly base?: Uint8Array
}

/** A page of a space; without bytes it holds nothing. */
export interface SavedPage {
  readonly space: number
  readonly page: number
  readonly bytes?: Uint8Array
}

/** An index that can be saved in pages and goes on from them. */
export interface PagedCore {
  /** The spaces whose pages will be loaded, and the number of the next one. */
  restore(spaces: readonly SavedSpace[], next: number): Promise<void>
  /** For each page false when its blocks have to be looked for. */
  load(pages: readonly SavedPage[]): Promise<readonly boolean[]>
  /** No more pages will be loaded. */
  restored(): Promise<void>
  /** Which of these blocks are not here. Those that no call names since `restored` leave with `endAudit`. */
  lacking(ids: readonly string[]): Promise<readonly string[]>
  /** Answers how many were removed. */
  endAudit(): Promise<number>
  /** What is not saved as it is will be taken; false when all is. */
  startTaking(): Promise<boolean>
  /** About `limit` bytes of pages to save; none when all were taken. */
  take(limit: number): Promise<readonly SavedPage[]>
  /** Pages that could not be saved. */
  redo(pages: readonly SavedPage[]): void
  saved(): Promise<{ readonly spaces: readonly SavedSpace[]; readonly next: number }>
}

/** The index behind an engine, on this thread or on another. Calls take effect in their order. */
export interface SearchCore extends PagedCore {
  /** As far as this thread knows. */
  readonly survey: Survey
  /** As it is after all calls before this one. */
  look(): Promise<Survey>
  /** Each entry is read when the one before is in. */
  add(entries: Iterable<Entry>): void
  remove(ids: readonly string[]): void
  search(query: CoreQuery, signal?: AbortSignal): Promise<SearchResult>
  /** Resolves when no work is left in the background, such as making codes of a set that has grown large. */
  settled(): Promise<void>
  close(): void
}
