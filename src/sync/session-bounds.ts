import type { ReconcileSet } from './negentropy/reconcile-set'
import { SetSpan, type TimeSpan } from './negentropy/set-span'
import { endForFault, send, type StepContext } from './session-context'
import type { Hello } from './session-messages'

/** Bounds as they may be told: a ceiling never lies below its floor. */
export function ownBounds({ options }: StepContext): TimeSpan {
  const { floor, ceiling } = options.bounds()
  return { floor, ceiling: Math.max(floor, ceiling) }
}

/**
 * What the peer's hello says of its bounds. Its ceiling moves with its clock: that it lies below this side's by so much is
 * what stays true of it.
 */
export function noteBounds(context: StepContext, { floor, ceiling }: Hello): void {
  const { state } = context
  state.peerFloor = floor
  state.ceilingLag = Math.max(0, state.toldCeiling - ceiling)
}

/** This side's clock was set back: the peer's ceiling lies so much less below its own, or no longer does. */
export function noteCeiling(context: StepContext): void {
  const { state } = context
  const { ceiling } = ownBounds(context)
  state.ceilingLag = Math.max(0, state.ceilingLag - Math.max(0, state.lastCeiling - ceiling))
  state.lastCeiling = ceiling
}

/** Tells the peer that this side's floor is higher than it last heard. */
export function pumpFloor(context: StepContext): void {
  const { state } = context
  const { floor } = ownBounds(context)
  if (floor <= state.toldFloor) return
  state.toldFloor = floor
  send(context, { type: 'floor', time: floor })
}

/** The peer's floor rose: what lies below is not announced to it. */
export function receiveFloor(context: StepContext, time: number): void {
  const { state } = context
  if (time <= state.peerFloor)
    return endForFault(context, 'floor', { limit: state.peerFloor, hint: 'a floor only rises' })
  state.peerFloor = time
  for (const queue of [state.have, state.choosing]) for (const [id, of] of queue) if (of < time) queue.delete(id)
}

/** Initiator: the times that the audit which begins now compares, told to the peer. */
export function sendSpan(context: StepContext): void {
  const { state } = context
  noteCeiling(context)
  const own = ownBounds(context)
  const floor = Math.max(own.floor, state.peerFloor)
  state.span = { floor, ceiling: Math.max(floor, own.ceiling - state.ceilingLag) }
  send(context, { type: 'span', ...state.span })
}

/** Responder: the initiator says what its next audit compares. */
export function receiveSpan(context: StepContext, { floor, ceiling }: TimeSpan): void {
  const { state, options } = context
  if (options.initiator || state.audit !== 'none' || state.span) return endForFault(context, 'span')
  state.span = { floor, ceiling }
  state.isFresh = true
}

/** The part of the set, or of a collection, that the audit under way compares. */
export function comparedSet({ state, options }: StepContext): SetSpan {
  const [pass] = state.passes
  const { floor, ceiling } = state.span!
  if (!pass) return new SetSpan(options.set, { floor, ceiling })
  const isWhole = pass.collection.of === 'everything'
  const set = isWhole ? options.set : options.collections!.find(pass.collection)!
  return new SetSpan(set, { floor: Math.max(floor, pass.floor), ceiling: Math.min(ceiling, pass.ceiling) })
}

/** Whether no member lies above a span: what lies below its floor is nothing that the peer wants. */
export function coversAll(set: ReconcileSet, { ceiling }: TimeSpan): boolean {
  return set.size === 0 || Number(set.get(set.size - 1).time) <= ceiling
}
