import { equal } from '../../base/index'
import type { SessionStep } from '../../client/index'
import { CodedSet, digestOf, type ReconcileSet, type SetItem, type SyncItem } from '../../sync/index'
import type { RefuseMachine } from './session-pairs'
import type { WatchedSession } from './watched-session'

/**
 * The reconciled set of each node. After each insertion that its sessions are told of, what came is there, between its
 * neighbours (item tree 1); when an audit has ended, and the set has changed since it was last looked at, the whole of it is
 * what a new one of the same members would be: order, fingerprints, coded cells (item tree 1, inner nodes 1, coded set 1).
 */
export class SetRules {
  readonly #refuse: RefuseMachine
  readonly #seen = new WeakSet<readonly SyncItem[]>()
  readonly #looked = new WeakMap<ReconcileSet, Uint8Array>()

  constructor(refuse: RefuseMachine) {
    this.#refuse = refuse
  }

  follow(watched: WatchedSession, { event, effects, set }: SessionStep): void {
    if (event.type === 'inserted') this.#checkInserted(watched, set, event.items)
    if (effects.some(effect => effect.type === 'progress' && effect.progress.type === 'synced'))
      this.#checkWhole(watched, set)
  }

  /** Every session of a node is told the same. */
  #checkInserted(watched: WatchedSession, set: ReconcileSet, items: readonly SyncItem[]): void {
    if (this.#seen.has(items)) return
    this.#seen.add(items)
    for (const { id, time } of items) {
      const item = { time, id: digestOf(id) }
      const index = set.lowerBound(item)
      const isThere = index < set.size && equal(set.get(index).id, item.id)
      if (!isThere && !watched.node.erased.has(id))
        this.#refuse(watched, 'item tree', 1, `${id} came in and is not there`)
      if (index > 0 && !isBelow(set.get(index - 1), item))
        this.#refuse(watched, 'item tree', 1, `${id} is out of order`)
    }
  }

  #checkWhole(watched: WatchedSession, set: ReconcileSet): void {
    const fingerprint = set.fingerprint(0, set.size)
    const before = this.#looked.get(set)
    if (before && equal(before, fingerprint)) return
    this.#looked.set(set, fingerprint)
    const finding = differenceFromNew(set)
    if (finding) this.#refuse(watched, 'reconciled set', 1, finding)
  }
}

/** How a set differs from a new one with the same members, if it does. */
export function differenceFromNew(set: ReconcileSet): string | undefined {
  const members = Array.from({ length: set.size }, (_, index) => set.get(index))
  const disorder = members.findIndex((item, i) => i > 0 && !isBelow(members[i - 1]!, item))
  if (disorder > 0) return `the members at ${disorder - 1} and ${disorder} do not ascend`
  const anew = new CodedSet()
  anew.insertAll(members)
  const half = set.size >>> 1
  for (const [from, to] of [
    [0, set.size],
    [0, half],
    [half, set.size],
  ] as const)
    if (!equal(anew.fingerprint(from, to), set.fingerprint(from, to)))
      return `the fingerprint of [${from}, ${to}) is not that of its members`
  const [cells, others] = [set.cells?.(), anew.cells()]
  if (!cells || cells.count < others.count) return undefined
  return String(cells.first(others.count).words) === String(others.words)
    ? undefined
    : 'the coded cells are not those of the members'
}

function isBelow(a: SetItem, b: SetItem): boolean {
  if (a.time !== b.time) return a.time < b.time
  for (let i = 0; i < a.id.length; i++) if (a.id[i] !== b.id[i]) return a.id[i]! < b.id[i]!
  return false
}
