import type { BlockStore, StoredBlock } from '../store/index'

/** The most ids of one reading; a single call beyond it is still one. */
const MOST = 1_024

type Found = readonly (StoredBlock | undefined)[]

/** What calls that came at the same moment ask for, and what they will be answered. */
interface Group {
  readonly ids: string[]
  readonly found: Promise<Found>
}

/** Reads what is held under ids; calls that come at the same moment, such as many publications at once, share a reading. */
export class GatheredReads {
  readonly #store: BlockStore
  #open: Group | undefined

  constructor(store: BlockStore) {
    this.#store = store
  }

  /** In the order of `ids`; nothing where the store cannot read. */
  async getMany(ids: readonly string[]): Promise<Found> {
    if (ids.length === 0) return []
    const open = this.#open
    const group = open && open.ids.length + ids.length <= MOST ? open : this.#begin()
    const start = group.ids.length
    group.ids.push(...ids)
    return (await group.found).slice(start, start + ids.length)
  }

  #begin(): Group {
    const ids: string[] = []
    const group: Group = { ids, found: Promise.resolve().then(() => this.#read(group)) }
    return (this.#open = group)
  }

  #read(group: Group): Promise<Found> | Found {
    if (this.#open === group) this.#open = undefined
    return this.#store.getMany(group.ids).catch(() => [])
  }
}
