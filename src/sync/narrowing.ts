import { compareBounds, LOWEST } from './negentropy/bound'
import { openFrom } from './negentropy/message'
import type { Bound, ReconcileSet } from './negentropy/reconcile-set'
import { endForFault, type StepContext } from './session-context'
import { SESSION_LIMITS } from './session-limits'

/** How far the peer's messages have brought the comparison of one set (part of `SessionState`). */
export interface Narrowing {
  /** Below this bound the peer has nothing more to say; how many of its messages in a row, and in all, left it there. */
  from: Bound
  still: number
  messages: number
  /** Ids found to be lacking here since the comparison began. */
  found: number
}

export const createNarrowing = (): Narrowing => ({ from: LOWEST, still: 0, messages: 0, found: 0 })

/**
 * Whether a message of the peer may be one of a comparison that comes to an end: what it has left open begins where it began
 * before or later, it does not begin at one place for longer than it takes to find what differs there, and all of them are no
 * more than the sets can need. Else the session ends.
 */
export function narrows(context: StepContext, message: Uint8Array, { size }: ReconcileSet): boolean {
  const { narrowing } = context.state
  const { stillReconciles, leastReconciles, itemsPerReconcile } = SESSION_LIMITS
  const from = openFrom(message)
  const moved = from ? compareBounds(from, narrowing.from) : 0
  narrowing.still = moved > 0 ? 1 : narrowing.still + 1
  narrowing.messages++
  if (from && moved !== 0) narrowing.from = { time: from.time, id: from.id.slice() }
  const most = leastReconciles + Math.floor((size + narrowing.found) / itemsPerReconcile)
  if (moved < 0) endForFault(context, 'reconcile', { hint: 'takes up again what was settled' })
  else if (narrowing.still > stillReconciles) endForFault(context, 'reconcile', { limit: stillReconciles })
  else if (narrowing.messages > most) endForFault(context, 'reconcile', { limit: most })
  else return true
  return false
}
