import { endForFault, send, type StepContext } from './session-context'
import { requestAudit } from './session-audit'
import { askLater } from './session-fetch'
import { SESSION_LIMITS } from './session-limits'
import { digestOf } from './session-messages'
import { remember } from './session-state'
import type { SyncItem } from './session-types'

/** Queues an item that the peer may lack. A full queue drops it and makes an audit due, which finds it again. */
export function announceLater(context: StepContext, { time, id }: SyncItem): void {
  const { state } = context
  if (state.wanted.has(id) || state.loading.includes(id)) return
  if (state.have.has(id) || state.have.size < SESSION_LIMITS.have) state.have.set(id, time)
  else requestAudit(context)
}

/** New members of the set: everything that does not come from this very peer is news to it. */
export function announceInserted(context: StepContext, items: readonly SyncItem[]): void {
  const { state } = context
  if (state.life !== 'open') return
  for (const item of items) {
    state.need.delete(item.id)
    if (!state.known.has(item.id) && !state.inFlight.has(item.id)) announceLater(context, item)
  }
}

/** The peer has these. What is lacking here is asked for; the item's credit goes back when it is settled. */
export function receiveAnnounce(context: StepContext, items: readonly SyncItem[]): void {
  const { state, options } = context
  state.grantedItems -= items.length
  if (state.grantedItems < 0) return endForFault(context, 'announce', { limit: SESSION_LIMITS.items })
  for (const { time, id } of items) {
    remember(state.known, id, SESSION_LIMITS.known)
    state.have.delete(id)
    const bound = { time, id: digestOf(id) }
    const index = options.set.lowerBound(bound)
    const held = index < options.set.size && isSame(options.set.get(index).id, bound.id)
    if (!held && !state.announced.has(id) && askLater(context, id)) state.announced.add(id)
    else state.owedItems++
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i])
}

/** Announces as many items as credit allows. */
export function pumpAnnounce(context: StepContext): void {
  const { state } = context
  while (state.have.size > 0 && state.creditItems > 0) {
    const count = Math.min(state.have.size, state.creditItems, SESSION_LIMITS.ids)
    const items = Array.from(firstOf(state.have, count), ([id, time]) => ({ id, time }))
    for (const { id } of items) {
      state.have.delete(id)
      remember(state.known, id, SESSION_LIMITS.known)
    }
    state.creditItems -= count
    send(context, { type: 'announce', items })
  }
}

/** The first `count` members of an iterable. */
export function* firstOf<T>(values: Iterable<T>, count: number): Generator<T> {
  let left = count
  if (left <= 0) return
  for (const value of values) {
    yield value
    if (--left === 0) return
  }
}
