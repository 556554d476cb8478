import { equal } from '../../base/index'
import { isEverything, type ReconcileSet, type SetItem, type TimeSpan } from '../../sync/index'
import { isWantedBy } from '../wants'
import type { WatchedSession } from './watched-session'

/** The members of a set, each as long as the set stays as it is. */
export function* everyItem(set: ReconcileSet): Generator<SetItem> {
  for (let index = 0; index < set.size; index++) yield set.get(index)
}

/** Copies of the members between two times. */
export function* within(set: ReconcileSet, { floor, ceiling }: TimeSpan): Generator<SetItem> {
  for (let index = set.lowerBound({ time: floor, id: new Uint8Array(0) }); index < set.size; index++) {
    const item = set.get(index)
    if (Number(item.time) > ceiling) return
    yield { time: item.time, id: item.id.slice() }
  }
}

export function hasItem(set: ReconcileSet, item: SetItem): boolean {
  const index = set.lowerBound(item)
  return index < set.size && equal(set.get(index).id, item.id)
}

/** Whether the peer was told all the time that this block is wanted. What nobody honest published is known to nobody here. */
export function isOwed({ node, told }: WatchedSession, id: string): boolean {
  const block = node.world.published.get(id)
  return [...told].every(interests => isEverything(interests) || (block && isWantedBy(block, interests)))
}
