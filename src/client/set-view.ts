import { Cid, unwrap } from '../base/index'
import type { BlockStore } from '../store/index'
import { SortedSet, type ReconcileSet, type SyncItem } from '../sync/index'

/** Log entries that are looked up at once. */
const PAGE = 256

/** The reconciled set of a store: what is held whole, so that a damaged block is fetched again. Kept current through its change events. */
export class SetView {
  readonly #store: BlockStore
  readonly #set = new SortedSet()
  readonly #onInserted: (items: readonly SyncItem[]) => void
  #stop: (() => void) | undefined

  constructor(store: BlockStore, onInserted: (items: readonly SyncItem[]) => void) {
    this.#store = store
    this.#onInserted = onInserted
  }

  get set(): ReconcileSet {
    return this.#set
  }

  async open(): Promise<void> {
    this.#stop = this.#store.onChange(({ added }) => {
      const items = added.map(({ block: { id, time } }) => ({ id, time }))
      for (const item of items) this.#insert(item)
      this.#onInserted(items)
    })
    let page: SyncItem[] = []
    for await (const entry of this.#store.log()) {
      page.push(entry)
      if (page.length < PAGE) continue
      await this.#insertHeld(page)
      page = []
    }
    await this.#insertHeld(page)
  }

  close(): void {
    this.#stop?.()
  }

  async #insertHeld(items: readonly SyncItem[]): Promise<void> {
    const held = await this.#store.has(items.map(({ id }) => id))
    for (const item of items.filter((_, i) => held[i])) this.#insert(item)
  }

  #insert({ id, time }: SyncItem): void {
    this.#set.insert({ time, id: unwrap(Cid.parse(id)).digest })
  }
}
