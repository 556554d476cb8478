import { concat, throwIfAborted } from '../base/index'
import type { KeyValueStorage } from './key-value-storage'
import { postingsKey } from './layout'
import { compareEntries, decodeRun, ENTRY_BYTES, lowerBound } from './postings'

/** What is walked: entries from `from` up to but not `to`, bounds of `boundOf`. */
export interface PostingsOptions {
  readonly from?: Uint8Array | undefined
  readonly to?: Uint8Array | undefined
  readonly reverse: boolean
  readonly signal?: AbortSignal | undefined
  /** Told of a run that is damaged, which is passed over. */
  readonly onDamage: (error: unknown) => void
}

type Run = readonly [key: Uint8Array, entries: Uint8Array]

/** Runs read at once: few at first, for a page; more for who goes on. */
const FEWEST_RUNS = 2
const MOST_RUNS = 32

const ZERO = Uint8Array.of(0)

/**
 * A place in the entries of one term, which moves one way only.
 *
 * Runs may be cut while they are read, so that a later one holds what an earlier one held: an entry that is not beyond the
 * place reached is passed over.
 */
export class PostingsReader {
  readonly #storage: KeyValueStorage
  readonly #term: number
  readonly #options: PostingsOptions
  #runs: Run[] = []
  /** Where the next runs are read; `undefined` at the end. */
  #next: Uint8Array | undefined
  #count = FEWEST_RUNS
  #begun = false
  #index = -1

  constructor(storage: KeyValueStorage, term: number, options: PostingsOptions) {
    this.#storage = storage
    this.#term = term
    this.#options = options
  }

  /** The entries of the current run, and where in it the current entry begins; `undefined` at the end. */
  entries: Uint8Array | undefined
  at = 0

  /** To the first entry, or the next one. */
  next(): boolean | Promise<boolean> {
    if (!this.#begun) return this.seek(undefined)
    if (this.entries === undefined) return false
    this.#index += this.#options.reverse ? -1 : 1
    return this.#settle()
  }

  /** To the first entry that is not before `target` in the direction of travel, which may be the current one. */
  async seek(target: Uint8Array | undefined): Promise<boolean> {
    const { reverse, from, to } = this.#options
    if (!this.#begun) {
      this.#begun = true
      await this.#open(target ?? (reverse ? to : from))
      return this.#enter(target)
    }
    if (this.entries === undefined || target === undefined) return this.entries !== undefined
    if (this.#sign(compareEntries(this.entries, this.at, target, 0)) >= 0) return true
    const entries = this.entries
    const far = reverse ? 0 : entries.length - ENTRY_BYTES
    if (this.#sign(compareEntries(entries, far, target, 0)) < 0) {
      await this.#open(target)
      return this.#enter(target)
    }
    this.#index = this.#place(entries, target)
    return this.#settle()
  }

  #sign(difference: number): number {
    return this.#options.reverse ? -difference : difference
  }

  /** The index of the first entry of a run that is not before `target`; outside of the run when there is none. */
  #place(entries: Uint8Array, target: Uint8Array | undefined): number {
    const { reverse } = this.#options
    if (target === undefined) return reverse ? entries.length / ENTRY_BYTES - 1 : 0
    const index = lowerBound(entries, target)
    if (!reverse) return index
    const exact = index * ENTRY_BYTES < entries.length && compareEntries(entries, index * ENTRY_BYTES, target, 0) === 0
    return exact ? index : index - 1
  }

  /** Reads from the run that a place is in; ascending, that begins before the place. */
  async #open(place: Uint8Array | undefined): Promise<void> {
    this.#runs = []
    if (this.#options.reverse) {
      this.#next = place ? concat(postingsKey(this.#term, place), ZERO) : postingsKey(this.#term + 1)
      return
    }
    this.#next = postingsKey(this.#term)
    if (place === undefined) return
    const lt = concat(postingsKey(this.#term, place), ZERO)
    for await (const [key] of this.#storage.range({ gte: this.#next, lt, reverse: true, limit: 1 })) this.#next = key
  }

  /** Takes the next run, at the first of its entries that is not before `target`. */
  async #enter(target: Uint8Array | undefined): Promise<boolean> {
    const { reverse, from, to } = this.#options
    const start = target ?? (reverse ? to : from)
    for (;;) {
      if (this.#runs.length === 0) await this.#read()
      const run = this.#runs.shift()
      if (run === undefined) return this.#end()
      this.entries = run[1]
      this.#index = this.#place(run[1], start)
      // A bound is before the entries of its own time: going back, it is not among them.
      if (this.#index >= 0 && this.#index * ENTRY_BYTES < run[1].length) return this.#settle()
    }
  }

  /** At `#index`: within the run and the bounds, in the next run, or at the end. */
  #settle(): boolean | Promise<boolean> {
    const { reverse, from, to } = this.#options
    const [entries, at] = [this.entries!, this.#index * ENTRY_BYTES]
    if (at < 0 || at >= entries.length) return this.#beyond(entries.slice(this.at, this.at + ENTRY_BYTES))
    const bound = reverse ? from : to
    if (bound !== undefined) {
      const difference = compareEntries(entries, at, bound, 0)
      if (reverse ? difference < 0 : difference >= 0) return this.#end()
    }
    this.at = at
    return true
  }

  /** In the next run, behind the last entry of this one. */
  async #beyond(last: Uint8Array): Promise<boolean> {
    await this.#enter(last)
    if (this.entries === undefined) return false
    return compareEntries(this.entries, this.at, last, 0) === 0 ? this.next() : true
  }

  #end(): false {
    this.entries = undefined
    return false
  }

  async #read(): Promise<void> {
    const { reverse, signal, onDamage } = this.#options
    if (this.#next === undefined) return
    throwIfAborted(signal)
    const [gte, lt] = reverse ? [postingsKey(this.#term), this.#next] : [this.#next, postingsKey(this.#term + 1)]
    let read = 0
    for await (const [key, value] of this.#storage.range({
      gte,
      lt,
      reverse,
      limit: this.#count,
      ...(signal && { signal }),
    })) {
      read++
      this.#next = reverse ? key : concat(key, ZERO)
      try {
        this.#runs.push([key, decodeRun(key, value)])
      } catch (error) {
        onDamage(error)
      }
    }
    if (read < this.#count) this.#next = undefined
    this.#count = Math.min(MOST_RUNS, this.#count * 2)
    // All of them damaged: those after them.
    if (this.#runs.length === 0) await this.#read()
  }
}
