import { equal } from '../base/index'
import { firstOf } from './first-of'
import type { ReconcileSet } from './negentropy/reconcile-set'
import { endForFault, send, type StepContext } from './session-context'
import { askLater, isPending, release, SETTLED } from './session-fetch'
import { awaitEcho } from './session-health'
import { isOfInterest, unchoose } from './session-interests'
import { SESSION_LIMITS } from './session-limits'
import { digestOf } from './session-messages'
import { remember, toAnnounce } from './session-state'
import type { Pass } from './interest-state'
import type { OfferedItem, SyncItem } from './session-types'

/**
 * Queues an item that the peer may lack, unless it lies below the peer's floor or the peer does not want it; of one found in
 * a collection, `pass` says what the peer wants of that. A full queue drops it and makes an audit due, which finds it again.
 */
export function announceLater({ state }: StepContext, item: OfferedItem, pass?: Pass): void {
  const { time, id } = item
  if (time < state.peerFloor || state.wanted.has(id) || state.loading.includes(id)) return
  const wanted = isOfInterest(state, item, pass)
  if (wanted === false || state.have.has(id)) return
  if (!wanted && state.looking?.has(id) && !state.isChoiceOld) return
  if (wanted) unchoose(state, id)
  const queue = wanted ? state.have : state.choosing
  if (queue.has(id) || toAnnounce(state) < SESSION_LIMITS.have) queue.set(id, time)
  else state.auditDue = true
}

/** New members of the set: everything that does not come from this very peer is news to it. */
export function announceInserted(context: StepContext, items: readonly OfferedItem[]): void {
  const { state } = context
  if (state.life !== 'open') return
  state.positionDue = true
  for (const item of items) {
    if (!state.known.has(item.id) && !isPending(state, item.id)) announceLater(context, item)
    if (state.need.delete(item.id)) release(state, item.id)
  }
}

/** The peer has these. What is lacking here is asked for; the item's credit goes back when it is settled. */
export function receiveAnnounce(context: StepContext, items: readonly SyncItem[]): void {
  const { state, options } = context
  const { floor } = options.bounds()
  state.grantedItems -= items.length
  if (state.grantedItems < 0) return endForFault(context, 'announce', { limit: SESSION_LIMITS.items })
  for (const { time, id } of items) {
    remember(state.known, id, SESSION_LIMITS.known)
    state.have.delete(id)
    unchoose(state, id)
    if (time < floor || holdsItem(options.set, { time, id }) || state.announced.has(id) || !askLater(state, id))
      state.owedItems++
    else state.announced.add(id)
  }
}

/** Whether a set has this member. */
export function holdsItem(set: ReconcileSet, { time, id }: SyncItem): boolean {
  const item = { time, id: digestOf(id) }
  const index = set.lowerBound(item)
  return index < set.size && equal(set.get(index).id, item.id)
}

/** Announces as many items as credit allows. */
export function pumpAnnounce(context: StepContext): void {
  const { state } = context
  if (state.have.size === 0 || state.creditItems === 0) return
  while (state.have.size > 0 && state.creditItems > 0) {
    const count = Math.min(state.have.size, state.creditItems, SESSION_LIMITS.ids)
    const items = Array.from(firstOf(state.have, count), ([id, time]) => ({ id, time }))
    for (const { id } of items) {
      state.have.delete(id)
      remember(state.known, id, SESSION_LIMITS.known)
    }
    state.creditItems -= count
    if (state.extensions.has(SETTLED)) state.unsettled += count
    send(context, { type: 'announce', items })
  }
  awaitEcho(context)
}
