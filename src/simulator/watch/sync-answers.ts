import type { SessionStep } from '../../client/index'
import { decodeMessageOf, digestOf, idOf, SETTLED, type SessionState, type SetItem } from '../../sync/index'
import { everyItem, hasItem, isOwed } from './members'
import { MESSAGE } from './messages'
import type { WatchedSession } from './watched-session'

/** Says that a session shows as synced, and why it is not. */
export type RefuseAnswer = (watched: WatchedSession, why: string) => void

/** What `waitForSync` waits for at a peer, and what `status()` shows as synced. */
export function isSynced({ lastPhase, rounds, isResumed, stalled }: SessionState): boolean {
  return lastPhase === 'live' && (rounds > 0 || isResumed) && stalled === undefined
}

/** What comes to one side, to be held against its next answer. */
export function noteUnproven({ node, unproven }: WatchedSession, { event, effects }: SessionStep): void {
  if (event.type === 'inserted') for (const { id, time } of event.items) unproven.own?.push({ time, id: digestOf(id) })
  if (event.type === 'ingested')
    for (const { id, status } of event.results) if (status !== 'stored' && status !== 'duplicate') node.declined.add(id)
  for (const effect of effects)
    if (effect.type === 'progress' && effect.progress.type === 'gone')
      for (const id of effect.progress.ids) node.declined.add(id)
  if (event.type !== 'message' || event.bytes[1] !== MESSAGE.announce) return
  const message = decodeMessageOf(event.bytes)
  if (message.ok && message.value.type === 'announce')
    for (const { id, time } of message.value.items) unproven.heard.push({ time, id: digestOf(id) })
}

/**
 * A session that shows as synced is: whatever this side has is at the other side, and whatever that has told of is here,
 * unless it was refused, put off or erased there, lies beyond the bounds of time, or was not wanted all the while. Peers that
 * do not tell what they have dealt with can only be believed to.
 */
export function checkAnswer(watched: WatchedSession, other: WatchedSession, refuse: RefuseAnswer): void {
  const { state, set, unproven } = watched
  if (!state.extensions.has(SETTLED)) return
  const own = unproven.own ?? everyItem(set)
  unproven.own = []
  for (const item of own)
    if (!hasOrNeedsNot(other, item, watched.ceiling) && isStillHere(watched, item))
      return refuse(watched, `${other.node.name} lacks ${idOf(item.id)}`)
  const { heard } = unproven
  unproven.heard = []
  for (const item of heard)
    if (!hasOrNeedsNot(watched, item, Infinity))
      return refuse(watched, `it lacks ${idOf(item.id)}, which ${other.node.name} has told of`)
}

/** Whether it has not been erased since, left a stub that is not told of, nor lies below what this side compares. */
const isStillHere = ({ node, set, state }: WatchedSession, item: SetItem) =>
  hasItem(set, item) && Number(item.time) >= state.toldFloor && !node.erased.has(idOf(item.id))

/** `ceiling`: where the last comparison ended. */
function hasOrNeedsNot(watched: WatchedSession, item: SetItem, ceiling: number): boolean {
  const { node, set, state } = watched
  const time = Number(item.time)
  if (hasItem(set, item) || time < state.toldFloor) return true
  if (time > Math.min(ceiling, node.clock.now() + node.maxSkew)) return true
  const id = idOf(item.id)
  return node.declined.has(id) || node.erased.has(id) || !isOwed(watched, id)
}
