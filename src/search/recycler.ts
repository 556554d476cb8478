import type { Postings } from './postings'
import type { RowTable } from './row-table'

/** Dead rows are recycled when they are so many, and this share of all. */
const DEAD_ROWS = 64
const DEAD_SHARE = 1 / 16

/**
 * Gives the rows of blocks that have gone to others.
 *
 * 1. A row is given away when no posting names it any more, and every search that began before it was taken has ended.
 * 2. Searches that follow one another without a gap do not keep rows from being used again.
 */
export class Recycler {
  readonly #rows: RowTable
  readonly #postings: Postings
  readonly #pause: (() => Promise<void>) | undefined
  /** Searches under way: each resolves when it ends. */
  readonly #searches = new Set<Promise<void>>()
  #work: Promise<void> | undefined

  constructor(rows: RowTable, postings: Postings, pause?: () => Promise<void>) {
    this.#rows = rows
    this.#postings = postings
    this.#pause = pause
  }

  /** Rows that a search sees when it begins keep their blocks until it calls back. */
  searching(): () => void {
    let end!: () => void
    const ended = new Promise<void>(resolve => (end = resolve))
    this.#searches.add(ended)
    return () => {
      this.#searches.delete(ended)
      end()
    }
  }

  /** Recycles when it is worth it: at once what takes one slice, or where nobody has to be let in; else in the background. */
  recycle(): void {
    const { deadCount, size } = this.#rows
    if (this.#work || deadCount < Math.max(DEAD_ROWS, size * DEAD_SHARE)) return
    const dead = this.#rows.takeDead()
    const before = [...this.#searches]
    const slices = this.#postings.purge(dead)
    let isPurged = slices.next().done
    while (!isPurged && !this.#pause) isPurged = slices.next().done
    const give = () => {
      for (const row of dead) this.#rows.leave(row)
    }
    if (isPurged && before.length === 0) return give()
    this.#work = this.#go(slices, before).then(() => {
      give()
      this.#work = undefined
      this.recycle()
    })
  }

  /** Resolves when no row waits. */
  async settled(): Promise<void> {
    while (this.#work) await this.#work
  }

  async #go(slices: Generator<void>, before: readonly Promise<void>[]): Promise<void> {
    for (let done = false; !done; done = slices.next().done === true) await this.#pause?.()
    await Promise.all(before)
  }
}
