import { Cid, unwrap } from '../base/index'
import {
  leavesStub,
  type BlockQuery,
  type BlockStore,
  type Page,
  type PageQuery,
  type StoreChange,
} from '../store/index'
import {
  collectionKey,
  CONTROL,
  CONTROL_KINDS,
  isMember,
  ItemTree,
  type BlockTraits,
  type Collection,
  type ReconcileSet,
  type SetItem,
  type SyncItem,
  traitsOf,
} from '../sync/index'

/** Trees of collections that all sessions together keep, beside that of the control blocks. */
export const MOST_TREES = 64

/** Members that are read at once. */
const PAGE = 1_000

interface Tree {
  readonly collection: Collection
  readonly items: ItemTree
  readonly users: Set<object>
  /** Until all members are read: what left meanwhile. */
  gone: Set<string> | undefined
  ready: Promise<unknown>
}

/**
 * The sets by which collections are reconciled: one tree a collection, which all sessions share, read from the store's index
 * when it is first asked for, kept current by the store's changes, and dropped when nobody uses it.
 *
 * 1. A tree that `find` answers has every held member of its collection, and of those that left it what is kept as a stub.
 * 2. There are never more than `MOST_TREES`, and that of the control blocks.
 */
export class CollectionTrees {
  readonly #store: Pick<BlockStore, 'page' | 'pageMembers'>
  readonly #trees = new Map<string, Tree>()

  constructor(store: Pick<BlockStore, 'page' | 'pageMembers'>) {
    this.#store = store
  }

  /** How many collections there are. */
  get size(): number {
    return this.#trees.size
  }

  /** The members, once they are read. */
  find(collection: Collection): ReconcileSet | undefined {
    const tree = this.#trees.get(collectionKey(collection))
    return tree && !tree.gone ? tree.items : undefined
  }

  /** Makes a tree for whoever needs it, unless there are too many. */
  async collect(user: object, collection: Collection): Promise<boolean> {
    const key = collectionKey(collection)
    const tree = this.#trees.get(key) ?? this.#plant(key, collection)
    if (!tree) return false
    tree.users.add(user)
    await tree.ready
    return this.#trees.get(key) === tree
  }

  /** Needs these, and no others. */
  keep(user: object, collections: readonly Collection[]): void {
    const kept = new Set(collections.map(collectionKey))
    for (const [key, { users }] of this.#trees)
      if (!kept.has(key) && users.delete(user) && users.size === 0) this.#trees.delete(key)
  }

  /** The store changed: before anybody hears of it. */
  follow({ added, erased, lost = [] }: Pick<StoreChange, 'added' | 'erased' | 'lost'>): void {
    if (this.#trees.size === 0) return
    const left = [...erased.filter(({ reason }) => !leavesStub(reason)), ...lost]
    for (const { items, gone } of this.#trees.values())
      for (const item of left) {
        items.delete(itemOf(item))
        gone?.add(item.id)
      }
    for (const { block } of added) {
      let traits: BlockTraits | undefined
      for (const { items, collection, gone } of this.#trees.values()) {
        if (collection.of === 'control' && !CONTROL_KINDS.includes(block.kind)) continue
        if (!isMember((traits ??= traitsOf(block)), collection)) continue
        items.insert(itemOf(block))
        gone?.delete(block.id)
      }
    }
  }

  #plant(key: string, collection: Collection): Tree | undefined {
    const control = this.#trees.has(collectionKey(CONTROL)) ? 1 : 0
    if (collection.of !== 'control' && this.#trees.size - control >= MOST_TREES) return undefined
    const tree: Tree = {
      collection,
      items: new ItemTree(),
      users: new Set(),
      gone: new Set(),
      ready: Promise.resolve(),
    }
    this.#trees.set(key, tree)
    const reading = this.#read(tree).catch((error: unknown) => {
      if (this.#trees.get(key) === tree) this.#trees.delete(key)
      throw error
    })
    tree.ready = reading
    return tree
  }

  async #read(tree: Tree): Promise<void> {
    for (const query of queriesOf(tree.collection)) {
      let cursor: string | undefined
      do {
        const page = await this.#page({ ...query, admittedOnly: false, limit: PAGE, ...(cursor && { cursor }) })
        for (const item of page.items) if (!tree.gone?.has(item.id)) tree.items.insert(itemOf(item))
        cursor = page.cursor
      } while (cursor !== undefined)
    }
    tree.gone = undefined
  }

  async #page(query: PageQuery): Promise<Page<SyncItem>> {
    if (this.#store.pageMembers) return this.#store.pageMembers(query)
    const { items, ...cursor } = await this.#store.page(query)
    return { items: items.map(({ block: { id, time } }) => ({ id, time })), ...cursor }
  }
}

/** What of the store's index a collection is. */
function queriesOf(collection: Collection): readonly BlockQuery[] {
  switch (collection.of) {
    case 'control':
      return CONTROL_KINDS.map(kind => ({ kind }))
    case 'tag':
      return [{ kind: collection.kind, tags: [collection.tag] }]
    case 'everything':
      return [{}]
    case 'kind':
      return [{ kind: collection.kind }]
    case 'author':
      return [{ author: collection.author }]
    case 'model':
      return [{ kind: collection.kind, model: collection.model }]
  }
}

function itemOf({ id, time }: SyncItem): SetItem {
  return { time, id: unwrap(Cid.parse(id)).digest }
}
