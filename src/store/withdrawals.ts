import { readHoldings } from './holdings'
import type { PlaceFound } from './judge-place'
import type { KeyValueStorage } from './key-value-storage'
import { isRetractable } from './retractable'
import { retractedBy } from './retracted-by'

const BATCH = 256

interface Withdrawal {
  readonly seq: number
  readonly author: string
  readonly target: string
  readonly waiting: boolean
}

/** Compares retractions that are held with what they withdraw. */
export class Withdrawals {
  readonly #storage: KeyValueStorage
  #noted: Withdrawal[] = []

  constructor(storage: KeyValueStorage) {
    this.#storage = storage
  }

  note({ seq, stored, entry }: PlaceFound): void {
    const target = stored && retractedBy(stored.block)
    if (stored && target !== undefined)
      this.#noted.push({ seq, author: stored.block.author, target, waiting: entry?.waiting ?? false })
  }

  /** `blocks.<id>` of what is withdrawn and still held, `ids.<seq>` of what waits for a block that came; of enough of them. */
  async findings(all = false): Promise<string[]> {
    if (this.#noted.length === 0 || (!all && this.#noted.length < BATCH)) return []
    const noted = this.#noted
    this.#noted = []
    const damaged = new Set<string>()
    const targets = noted.map(({ target }) => target)
    const holdings = await readHoldings(this.#storage, targets, id => damaged.add(id))
    return noted.flatMap(({ seq, author, target, waiting }) => {
      if (damaged.has(target)) return []
      const holding = holdings.get(target)
      const of = holding?.stored?.block ?? holding?.stub
      if (of?.author === author && isRetractable(of)) return [`blocks.${target}`]
      return waiting === (holding === undefined) ? [] : [`ids.${seq}`]
    })
  }
}
