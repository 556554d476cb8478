import type { Clock, Timers } from '../../base/index'
import type { BatchOperation, KeyValueStorage } from '../../store/index'
import type { PagedCore, SavedPage, SavedSpace } from '../search-core'
import { baseKey, encodeHead, headKey, pageKey, SAVED, type Head } from './head'
import { rowsPerPage } from './page'

/** Pages written in one batch, in bytes. */
const BATCH = 1 << 20
/** Keys deleted at once. */
const CLEARED = 256
/** Saved so long after a change, in milliseconds, and never more than a tenth of the time. */
const SAVE_AFTER = 2_000
const SHARE = 10
/** How often saving is put off while more comes: pages that are still filled would be written again and again. */
const PUT_OFF = 4
/** Longest wait, however long saving took: a clock may have been set. */
const MOST_WAIT = 300_000
/** Without saved pages an index of fewer blocks is not saved: to read them again is as quick. */
export const SAVE_FROM = 4_096

export interface SaverOptions {
  readonly side: KeyValueStorage
  readonly core: PagedCore
  readonly timers?: Timers
  /** Tells how long saving takes; without it that counts as nothing. */
  readonly clock?: Clock
  readonly saveFrom?: number
  readonly predicates?: string
  readonly pause?: () => Promise<void>
  readonly onError?: (error: unknown) => void
}

/**
 * Writes the pages of an index that changed.
 *
 * 1. The head is written after every page that was dirty when saving began.
 * 2. A page may be newer than the head: whoever loads them compares with the store, so nothing is taken on trust.
 */
export class Saver {
  readonly #options: SaverOptions
  #head: Head | undefined
  /** Stamps of the bases that are saved. */
  readonly #stamps = new Map<number, number>()
  #cancel: (() => void) | undefined
  /** Something changed since the timer was set. */
  #isBusy = false
  #saving: Promise<void> | undefined
  #lasted = 0
  #closed = false

  constructor(options: SaverOptions) {
    this.#options = options
  }

  /** What was found; the base of a space with its stamp if it is whole. */
  found(head: Head, whole: readonly SavedSpace[]): void {
    this.#head = head
    for (const { number, stamp, base } of whole) if (base) this.#stamps.set(number, stamp)
  }

  /** Forgets what no head speaks of: damaged, of another version, or cut off midway. Nobody would ever look at it again. */
  async clear(signal: AbortSignal): Promise<void> {
    const { side } = this.#options
    const keys: Uint8Array[] = []
    const drop = async () => side.batch(keys.splice(0).map(key => ({ type: 'delete', key })))
    for (const range of SAVED)
      for await (const [key] of side.range({ ...range, signal })) if (keys.push(key) >= CLEARED) await drop()
    if (keys.length > 0) await drop()
  }

  /** Something changed: it will be saved, once it is quiet for a while or has been put off often enough. */
  touch(): void {
    this.#isBusy = true
    if (this.#closed || this.#cancel) return
    this.#wait(Math.min(MOST_WAIT, Math.max(SAVE_AFTER, SHARE * this.#lasted)), PUT_OFF)
  }

  #wait(time: number, putOff: number): void {
    const { timers, onError } = this.#options
    this.#isBusy = false
    const save = () => {
      if (this.#isBusy && putOff > 0) this.#wait(SAVE_AFTER, putOff - 1)
      else void this.save().catch(error => onError?.(error))
    }
    this.#cancel = timers?.set(save, time, { unref: true })
  }

  /** Saves what is not saved yet; a call while one is under way comes after it. */
  async save(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    const before = this.#saving
    const mine = (async () => {
      await before?.catch(() => undefined)
      const begun = this.#options.clock?.now() ?? 0
      await this.#save()
      this.#lasted = (this.#options.clock?.now() ?? 0) - begun
    })()
    this.#saving = mine
    await mine
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.save()
  }

  abandon(): void {
    this.#closed = true
    this.#cancel?.()
  }

  async #save(): Promise<void> {
    const { core, saveFrom = SAVE_FROM } = this.#options
    const { spaces } = await core.saved()
    const size = spaces.reduce((sum, space) => sum + space.size, 0)
    if (!this.#head && size < saveFrom) return
    if (await core.startTaking()) await this.#savePages()
    await this.#saveHead()
  }

  async #savePages(): Promise<void> {
    const { core, side, pause } = this.#options
    for (let pages = await core.take(BATCH); pages.length > 0; pages = await core.take(BATCH)) {
      try {
        await side.batch(pages.map(operation))
      } catch (error) {
        core.redo(pages)
        throw error
      }
      await pause?.()
    }
  }

  async #saveHead(): Promise<void> {
    const { core, side, predicates } = this.#options
    const { spaces, next } = await core.saved()
    const operations: BatchOperation[] = []
    for (const { number, stamp, base } of spaces) {
      if (base && this.#stamps.get(number) !== stamp)
        operations.push({ type: 'put', key: baseKey(number), value: base })
    }
    const head: Head = {
      spaces: spaces.map(({ number, model, dims, size, span, stamp }) => ({ number, model, dims, size, span, stamp })),
      ...{ next, ...(predicates !== undefined && { predicates }) },
    }
    const gone = (this.#head?.spaces ?? []).filter(({ number }) => !spaces.some(space => space.number === number))
    operations.push(...gone.flatMap(deletions), { type: 'put', key: headKey(), value: encodeHead(head) })
    await side.batch(operations)
    this.#head = head
    for (const { number, stamp, base } of spaces) if (base) this.#stamps.set(number, stamp)
  }
}

function operation({ space, page, bytes }: SavedPage): BatchOperation {
  const key = pageKey(space, page)
  return bytes ? { type: 'put', key, value: bytes } : { type: 'delete', key }
}

function deletions({ number, dims, span }: Head['spaces'][number]): BatchOperation[] {
  const pages = Math.ceil(span / rowsPerPage(dims))
  const keys = [baseKey(number), ...Array.from({ length: pages }, (_, page) => pageKey(number, page))]
  return keys.map(key => ({ type: 'delete', key }))
}
