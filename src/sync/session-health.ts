import type { Failure } from '../base/index'
import { refillReconciles } from './session-audit'
import { noteCeiling } from './session-bounds'
import { end, endForFault, report, send, type StepContext } from './session-context'
import { periodOf, SESSION_LIMITS } from './session-limits'
import { releaseDeferred } from './session-fetch'
import { renewChanges } from './session-interests'
import { mayResume, renewPositions } from './session-resume'
import { hasServedAll, isSilent, phaseOf, type SessionState } from './session-state'
import type { StallReason, TimerName } from './session-types'

/** Starts or restarts a timer with its configured period. */
export function setTimer({ options, effects }: StepContext, name: TimerName, most = Infinity): void {
  effects.push({ type: 'timer', name, ms: Math.min(most, periodOf(options, name)) })
}

export function onTimer(context: StepContext, name: TimerName): void {
  const { state } = context
  if (name === 'greeting' && state.life === 'greeting') return end(context, { code: 'timeout', field: 'hello' })
  if (name === 'heartbeat') return onHeartbeat(context)
  if (name === 'stall') return onStall(context)
  if (name === 'audit' && state.life === 'open') {
    state.auditDue = true
    setTimer(context, 'audit')
  }
}

/** A silent peer is asked for a sign of life, and given up after some more silence. */
function onHeartbeat(context: StepContext): void {
  const { state } = context
  refillReconciles(context)
  noteCeiling(context)
  releaseDeferred(context)
  renewPositions(context)
  renewChanges(context)
  const gone: Failure = { code: 'peer-gone', field: 'heartbeat' }
  if (state.probed > 0 && --state.probed === 0) return end(context, gone)
  if (++state.silent > SESSION_LIMITS.heartbeatsMissed) return end(context, gone)
  if (state.silent > 1) sendPing(context)
  if (state.silent === SESSION_LIMITS.heartbeatsSilent && !state.stalled)
    report(context, { type: 'stalled', reason: 'peer-silent' })
  setTimer(context, 'heartbeat')
}

/** The peer has said something: it is not silent any more, if it was. */
export function noteSign(context: StepContext): void {
  const { state } = context
  const wasSilent = isSilent(state) && !state.stalled
  state.silent = state.probed = 0
  if (wasSilent) report(context, { type: 'moving' })
}

/** The peer has opened another connection, which was not taken: this one may be dead. */
export function probe(context: StepContext): void {
  const { state } = context
  if (state.life !== 'open' || state.probed > 0) return
  state.probed = SESSION_LIMITS.heartbeatsProbed
  sendPing(context)
}

function sendPing(context: StepContext): void {
  context.state.pings++
  send(context, { type: 'ping' })
}

/** Messages are dealt with in order: with the answer to this ping the peer has asked for what it lacks of what came before. */
export function awaitEcho(context: StepContext): void {
  sendPing(context)
  context.state.echoes = context.state.pings
}

export function receivePong(context: StepContext): void {
  const { state } = context
  if (state.pings === 0) return endForFault(context, 'pong', { hint: 'no ping was sent' })
  state.pings--
  if (state.echoes > 0) state.echoes--
}

/** The initiator owes an audit, or either side what goes on from the logs. */
function isFirstOwed(state: SessionState, initiator: boolean): boolean {
  return state.rounds === 0 && !state.isResumed && (!initiator || mayResume(state))
}

/** What outstanding work waits for; `undefined` when there is none. The dialling side owes the first audit from its hello on. */
function waitsFor({ state, options }: StepContext): StallReason | undefined {
  if (state.life !== 'open') return undefined
  if (state.batches.size > 0) return 'ingest'
  if (state.inFlight.size > 0 || state.awaitingAnswer || state.echoes > 0) return 'peer-silent'
  // All that is needed came, or is awaited, over other sessions.
  if (state.need.size > 0) return 'ingest'
  if (state.peerInterests === undefined) return 'peer-silent'
  if (state.isCollecting || state.looking) return 'ingest'
  if (!hasServedAll(state)) return 'no-credit'
  if (state.question || state.answer) return 'ingest'
  if (state.audit === 'none') return isFirstOwed(state, options.initiator) ? 'peer-silent' : undefined
  return 'peer-silent'
}

/** The timer runs for a quarter of the period. Four without any advance are a stall; a peer that stays silent is given up. */
function onStall(context: StepContext): void {
  const { state } = context
  const reason = waitsFor(context)
  state.isStallTimed = false
  if (!reason || ++state.still < SESSION_LIMITS.stallQuarters) return
  state.still = 0
  state.stalls = reason === 'peer-silent' ? state.stalls + 1 : 0
  if (state.stalls >= SESSION_LIMITS.stalls) return end(context, { code: 'timeout', field: 'stalled', hint: reason })
  if (state.stalled !== reason) report(context, { type: 'stalled', reason })
  state.stalled = reason
}

/** Keeps the stall timer running while work is outstanding, and begins to count anew with each advance. */
export function pumpStall(context: StepContext): void {
  const { state, options } = context
  const waits = waitsFor(context) !== undefined
  const advanced = state.stallMark !== state.advances
  state.stallMark = state.advances
  if (advanced) state.stalls = 0
  if (advanced || !waits) {
    state.still = 0
    moveOn(context)
  }
  if (!waits || state.isStallTimed) return
  state.isStallTimed = true
  setTimer(context, 'stall', Math.ceil(periodOf(options, 'stall') / SESSION_LIMITS.stallQuarters))
}

function moveOn(context: StepContext): void {
  const { state } = context
  if (state.stalled && !isSilent(state)) report(context, { type: 'moving' })
  state.stalled = undefined
}

/** Tells of a change of phase. */
export function pumpPhase(context: StepContext): void {
  const { state } = context
  const phase = phaseOf(state)
  if (phase === state.lastPhase) return
  state.lastPhase = phase
  report(context, { type: 'phase', phase })
}
