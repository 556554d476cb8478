import { firstOf } from './first-of'
import { isEverything, isWanted, isWidened, keptBy, type Interests } from './interest'
import { isInTime, type Pass } from './interest-state'
import { coversAllOf } from './passes'
import { endForFault, send, type StepContext } from './session-context'
import { SESSION_LIMITS } from './session-limits'
import type { SessionState } from './session-state'
import type { OfferedItem, SyncItem } from './session-types'

/** The extension of the protocol by which each side says what it wants (docs/spec/sync.md, section 11). */
export const INTERESTS = 'interests'

/** Whether both sides say what they want. Else each wants everything. */
export function isSelective(state: SessionState): boolean {
  return state.extensions.has(INTERESTS)
}

/** After the hellos: tells the peer what is wanted here, and waits for the same. */
export function beginInterests(context: StepContext): void {
  const { state } = context
  if (!isSelective(state)) return
  state.peerInterests = undefined
  tell(context)
}

/** What this side wants has changed. */
export function noteInterests(context: StepContext): void {
  const { state } = context
  if (state.life === 'open' && isSelective(state)) state.interestsDue = true
}

/** Tells of a change, as often as the peer bears it: one that is taken back meanwhile is not told. */
export function pumpInterests(context: StepContext): void {
  const { state, options } = context
  if (!state.interestsDue || state.mayChange === 0 || state.life !== 'open') return
  state.interestsDue = false
  const before = state.toldInterests
  const now = options.collections!.interests()
  if (JSON.stringify(now) === JSON.stringify(before)) return
  state.mayChange--
  tell(context)
  if (!isWidened(now, before)) return
  // Its places say what was told under what was wanted before.
  state.heard = undefined
  state.deaf = 'until-audit'
  // The peer knows by now that it owes an audit.
  if (options.initiator) state.auditDue = true
  // What the peer kept back as not wanted is not gone.
  state.settled.clear()
  state.doubtful = new Set([...state.inFlight, ...state.ingesting])
  state.deferred.clear()
}

function tell(context: StepContext): void {
  const { state, options } = context
  state.toldInterests = options.collections!.interests()
  send(context, { type: 'interests', interests: state.toldInterests })
}

/** With every heartbeat each side may change its mind once more. */
export function renewChanges({ state }: StepContext): void {
  // The peer's heartbeats may be fewer than this side's: half as many changes never are too many for it.
  if (state.beats % 2 === 0) state.mayChange = Math.min(SESSION_LIMITS.changesTold, state.mayChange + 1)
  state.peerMayChange = Math.min(SESSION_LIMITS.changes, state.peerMayChange + 1)
}

/** What the peer wants from now on. */
export function receiveInterests(context: StepContext, interests: Interests): void {
  const { state, options } = context
  if (!isSelective(state)) return endForFault(context, 'interests', { hint: 'not agreed on' })
  const before = state.peerInterests
  state.peerInterests = interests
  if (before === undefined) return
  if (state.peerMayChange-- === 0) return endForFault(context, 'interests', { limit: SESSION_LIMITS.changes })
  if (isWidened(before, interests)) chooseAnew(context, interests)
  if (!isWidened(interests, before)) return
  // Only an audit that begins now tells all that is wanted now.
  state.isCovered = false
  if (options.initiator) state.auditDue = true
}

/** What waits to be announced, and what the audit under way finds, was chosen by what the peer wanted before. */
function chooseAnew({ state }: StepContext, interests: Interests): void {
  state.passes = state.passes.map(pass =>
    pass.collection.of === 'control' ? pass : { ...pass, theirs: keptBy(pass.theirs, interests) },
  )
  for (const [id, time] of state.have) state.choosing.set(id, time)
  state.have.clear()
  state.isChoiceOld = state.looking !== undefined
}

/**
 * Whether the peer wants an item, as far as can be told at once: by what is known of the block, or by what the peer wants of
 * the collection in which it was found. `undefined`: the block has to be looked at.
 */
export function isOfInterest(
  { peerInterests }: SessionState,
  { time, traits }: OfferedItem,
  pass?: Pass,
): boolean | undefined {
  if (!peerInterests) return undefined
  if (isEverything(peerInterests)) return true
  if (traits) return isWanted(traits, peerInterests)
  if (!pass) return undefined
  const fitting = pass.theirs.filter(interest => isInTime(time, interest))
  if (fitting.length === 0) return false
  return fitting.some(interest => coversAllOf(pass, interest)) ? true : undefined
}

/** Has the performer look at the next items that the peer may want. */
export function pumpChoice({ state, effects }: StepContext): void {
  const { choosing, peerInterests } = state
  if (choosing.size === 0 || state.looking || !peerInterests) return
  const items = Array.from(firstOf(choosing, SESSION_LIMITS.ids), ([id, time]) => ({ id, time }))
  for (const { id } of items) choosing.delete(id)
  state.looking = new Set(items.map(({ id }) => id))
  effects.push({ type: 'choose', items, interests: peerInterests })
}

/** Those of them that the peer wants, but for what was announced, or heard of from the peer, during the look. */
export function takeChosen({ state }: StepContext, items: readonly SyncItem[]): void {
  const { looking } = state
  const queue = state.isChoiceOld ? state.choosing : state.have
  state.looking = undefined
  state.isChoiceOld = false
  for (const { id, time } of items) if (time >= state.peerFloor && looking?.has(id)) queue.set(id, time)
}

/** An id need not be chosen any more: it is to be announced, or the peer has it, or asks for it. */
export function unchoose({ choosing, looking }: SessionState, id: string): void {
  choosing.delete(id)
  looking?.delete(id)
}

/** What a session that selects asks its performer to keep to; `undefined`: everything. */
export function chosenBy(state: SessionState, interests: Interests | undefined): Interests | undefined {
  return isSelective(state) && interests && !isEverything(interests) ? interests : undefined
}
