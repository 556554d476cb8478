import { Cid, unwrap } from '../base/index'
import type { BlockStore } from '../store/index'
import { ItemTree, type ReconcileSet, type SetItem, type SyncItem } from '../sync/index'

/** The reconciled set of a store: what it holds, and the stubs of what was pruned. Kept current through its change events. */
export class SetView {
  readonly #store: BlockStore
  readonly #set = new ItemTree()
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
    // What is erased while the members are read may be among those read before.
    let opening = true
    const erasedMeanwhile = new Set<string>()
    this.#stop = this.#store.onChange(({ added, erased }) => {
      for (const { id, time, reason } of erased) {
        if (reason === 'pruned') continue
        this.#set.delete(itemOf({ id, time }))
        if (opening) erasedMeanwhile.add(id)
      }
      const items = added.map(({ block: { id, time } }) => ({ id, time }))
      for (const item of items) this.#set.insert(itemOf(item))
      this.#onInserted(items)
    })
    for await (const members of this.#store.members()) {
      this.#set.insertAll(members.filter(({ id }) => !erasedMeanwhile.has(id)).map(itemOf))
    }
    opening = false
  }

  close(): void {
    this.#stop?.()
  }
}

function itemOf({ id, time }: SyncItem): SetItem {
  return { time, id: unwrap(Cid.parse(id)).digest }
}
