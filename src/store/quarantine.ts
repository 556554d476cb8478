import type { SyncMember } from './block-store'
import type { EraseParts } from './erase-blocks'
import { readHoldings } from './holdings'
import { runOf } from './log-run'

/**
 * Marks as `lost` those of these ids whose records are damaged: they leave the reconciled set, so that peers send them
 * again. What indexes and counts say of them stays, since what it is cannot be read any more, until they come or the store is
 * repaired. Answers which they were.
 */
export async function quarantine({ storage, log, draft }: EraseParts, ids: readonly string[]): Promise<SyncMember[]> {
  const holdings = [...(await readHoldings(storage, ids)).values()]
  const damaged = holdings.filter(({ entry, stored }) => entry.state === 'held' && stored === undefined)
  const runs = await log.runs([...new Set(damaged.map(({ entry }) => runOf(entry.seq)))])
  return damaged.map(({ id, digest, entry }) => {
    draft.mark(entry.seq, { state: 'lost' })
    draft.id(digest, { ...entry, state: 'lost', counted: true })
    return { id, time: runs.get(runOf(entry.seq))!.at(entry.seq).time }
  })
}

/** Has ids looked at in the background, each once at a time. Invariant: no more wait than `MAX_WAITING`; those are met again. */
export class Suspects {
  readonly #look: (ids: readonly string[]) => Promise<void>
  readonly #waiting = new Set<string>()
  #looking = false

  constructor(look: (ids: readonly string[]) => Promise<void>) {
    this.#look = look
  }

  add(id: string): void {
    if (this.#waiting.size < MAX_WAITING) this.#waiting.add(id)
    if (this.#looking) return
    this.#looking = true
    void this.#run().finally(() => (this.#looking = false))
  }

  async #run(): Promise<void> {
    // What the same call finds more is looked at together.
    await Promise.resolve()
    while (this.#waiting.size > 0) {
      const ids = [...this.#waiting]
      this.#waiting.clear()
      await this.#look(ids)
    }
  }
}

const MAX_WAITING = 1_000
