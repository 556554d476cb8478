import { announceLater } from './session-announce'
import { endForFault, report, send, type StepContext } from './session-context'
import { hasFetchedAll, toAnnounce, type SessionState } from './session-state'
import type { SyncItem } from './session-types'

/** The extension of the protocol by which a session goes on from the arrival logs (docs/spec/sync.md, section 10). */
export const RESUME = 'resume'

const NO_CURSOR = new Uint8Array(0)

/** After the hellos: tells the peer how far its log was dealt with here, if that is known. */
export function beginResume(context: StepContext): void {
  const { state } = context
  if (!state.extensions.has(RESUME)) return
  state.ownLog = 'awaited'
  state.peerLog = state.cursor ? 'asked' : 'stale'
  send(context, { type: 'resume', cursor: state.cursor ?? NO_CURSOR })
}

/** Whether both sides may yet go on from each other's logs, so that the first audit can wait. */
export function mayResume({ ownLog, peerLog }: SessionState): boolean {
  const isOpen = ownLog === 'awaited' || ownLog === 'reading' || ownLog === 'telling' || ownLog === 'told'
  return isOpen && (peerLog === 'asked' || peerLog === 'told') && !(ownLog === 'told' && peerLog === 'told')
}

/** The peer says how far it has dealt with the log of this side. */
export function receiveResume(context: StepContext, cursor: Uint8Array): void {
  const { state, effects } = context
  if (state.ownLog !== 'awaited') return endForFault(context, 'resume', { hint: 'said before, or not agreed on' })
  if (cursor.length === 0) return leaveToAudit(context, 'ownLog')
  state.ownLog = 'reading'
  effects.push({ type: 'replay', cursor })
}

/** What came into this side's log since the peer's cursor; nothing when the log has no such place. */
export function takeReplayed(context: StepContext, items: readonly SyncItem[] | undefined): void {
  const { state } = context
  if (state.ownLog !== 'reading') return
  if (items === undefined) {
    send(context, { type: 'stale' })
    return leaveToAudit(context, 'ownLog')
  }
  state.ownLog = 'telling'
  state.positionDue = true
  for (const item of items) if (!state.known.has(item.id)) announceLater(context, item)
}

/** The peer's log has no such place as this side has remembered. */
export function receiveStale(context: StepContext): void {
  const { state } = context
  if (state.peerLog !== 'asked') return endForFault(context, 'stale', { hint: 'no cursor was presented' })
  leaveToAudit(context, 'peerLog')
}

function leaveToAudit(context: StepContext, log: 'ownLog' | 'peerLog'): void {
  const { state, options } = context
  state[log] = 'stale'
  report(context, { type: 'stale', log: log === 'ownLog' ? 'own' : 'peer' })
  // Both sides know of it, and the initiator acts, unless it does so already.
  if (options.initiator && state.audit === 'none' && state.rounds === 0) state.auditDue = true
}

/** All that the peer's log has up to this place was announced or compared. */
export function receivePosition(context: StepContext, cursor: Uint8Array): void {
  const { state } = context
  if (!state.extensions.has(RESUME)) return endForFault(context, 'position', { hint: 'not agreed on' })
  if (state.peerLog === 'asked') state.peerLog = 'told'
  if (state.deaf === 'no' && !state.interestsDue) state.heard = cursor
}

/** With every heartbeat each side may tell, and remember, one more place. */
export function renewPositions({ state }: StepContext): void {
  state.mayTell = true
  state.mayRemember = true
}

/** Tells and remembers places in the logs, as far as everything before them was dealt with. */
export function pumpResume(context: StepContext): void {
  const { state, effects } = context
  if (!state.extensions.has(RESUME)) return
  if (state.positionDue && state.mayTell && !state.askedPosition && canTell(state)) {
    state.askedPosition = true
    state.positionDue = false
    effects.push({ type: 'position' })
  }
  if (state.heard && state.mayRemember && !state.interestsDue && hasDealt(state)) {
    effects.push({ type: 'remember', cursor: state.heard })
    state.heard = undefined
    state.mayRemember = false
  }
  noteResumed(context)
}

/** Where this side's log is now. What came to it meanwhile and is not announced yet puts it off. */
export function takePosition(context: StepContext, cursor: Uint8Array | undefined): void {
  const { state } = context
  state.askedPosition = false
  if (state.life !== 'open' || !canTell(state) || cursor === undefined) {
    state.positionDue = true
    // Not at once again: with the next heartbeat.
    if (cursor === undefined) state.mayTell = false
    return
  }
  state.mayTell = false
  if (state.ownLog === 'telling') state.ownLog = 'told'
  send(context, { type: 'position', cursor })
}

/** Nothing is left to announce, or to be found by an audit only, and the peer's cursor was answered. */
function canTell(state: SessionState): boolean {
  if (state.ownLog === 'awaited' || state.ownLog === 'reading') return false
  const isCompared = state.isCovered && (state.rounds > 0 || state.ownLog === 'telling' || state.ownLog === 'told')
  return isCompared && toAnnounce(state) === 0 && state.audit === 'none' && !state.auditDue
}

/** Whatever was announced is here, or will not be asked for again. */
function hasDealt(state: SessionState): boolean {
  return hasFetchedAll(state) && state.deferred.size === 0 && !state.isUnsure
}

function noteResumed(context: StepContext): void {
  const { state } = context
  if (state.isResumed || state.ownLog !== 'told' || state.peerLog !== 'told' || state.rounds > 0) return
  state.isResumed = true
  report(context, { type: 'resumed' })
}
