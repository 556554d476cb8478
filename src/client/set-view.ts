import { Cid, mapList, unwrap } from '../base/index'
import type { Block } from '../block/index'
import { leavesStub, type BlockStore } from '../store/index'
import {
  type BlockTraits,
  CodedSet,
  type OfferedItem,
  type ReconcileSet,
  type SetItem,
  type SyncItem,
  traitsOf,
} from '../sync/index'
import { CollectionTrees } from './collection-trees'

/** The reconciled set of a store: what it holds, and the stubs of what was pruned. Kept current through its change events. */
export class SetView {
  readonly #store: BlockStore
  readonly #set = new CodedSet()
  readonly #onInserted: (items: readonly OfferedItem[]) => void
  /** The parts of it that sessions compare by themselves. */
  readonly trees: CollectionTrees
  #stop: (() => void) | undefined

  constructor(store: BlockStore, onInserted: (items: readonly OfferedItem[]) => void) {
    this.#store = store
    this.trees = new CollectionTrees(store)
    this.#onInserted = onInserted
  }

  get set(): ReconcileSet {
    return this.#set
  }

  async open(): Promise<void> {
    // What is erased while the members are read may be among those read before.
    let opening = true
    const erasedMeanwhile = new Set<string>()
    this.#stop = this.#store.onChange(({ added, erased, lost = [] }) => {
      this.trees.follow({ added, erased, lost })
      for (const { id, time, reason } of erased) {
        if (leavesStub(reason)) continue
        this.#set.delete(itemOf({ id, time }))
        if (opening) erasedMeanwhile.add(id)
      }
      for (const member of lost) {
        this.#set.delete(itemOf(member))
        if (opening) erasedMeanwhile.add(member.id)
      }
      const items = mapList(added, ({ block }) => new Added(block))
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

/** Its traits are read only where a peer does not want everything. */
class Added implements OfferedItem {
  readonly #block: Block
  readonly id: string
  readonly time: number

  constructor(block: Block) {
    this.#block = block
    this.id = block.id
    this.time = block.time
  }

  get traits(): BlockTraits {
    return traitsOf(this.#block)
  }
}

function itemOf({ id, time }: SyncItem): SetItem {
  return { time, id: unwrap(Cid.parse(id)).digest }
}
