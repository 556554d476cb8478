import { announceInserted, pumpAnnounce, receiveAnnounce } from './session-announce'
import { pumpAudit, receiveAuditRequest, receiveDone, receiveReconcile, receiveReconciled } from './session-audit'
import { noteBounds, ownBounds, pumpFloor, receiveFloor, receiveSpan } from './session-bounds'
import { closeChannel, end, endForFault, receiveBye, report, send, type StepContext } from './session-context'
import { pumpCredit, pumpFetch, receiveBlocks, receiveGone, takeResults } from './session-fetch'
import {
  beginInterests,
  noteInterests,
  pumpChoice,
  pumpInterests,
  receiveInterests,
  takeChosen,
} from './session-interests'
import { noteSign, onTimer, probe, pumpPhase, pumpStall, receivePong, setTimer } from './session-health'
import { SESSION_LIMITS } from './session-limits'
import { decodeMessageOf, type Hello, type Message } from './session-messages'
import { receiveCoarser, receiveScope, takeCollected } from './session-passes'
import {
  beginResume,
  mayResume,
  pumpResume,
  receivePosition,
  receiveResume,
  receiveStale,
  takePosition,
  takeReplayed,
} from './session-resume'
import { pumpServe, receiveCredit, receiveWant, takeLoaded } from './session-serve'
import { receiveCells, receiveMore, receiveSketch } from './session-sketch'
import type { SessionState } from './session-state'
import type { ResumePoint, SessionEffect, SessionEvent, SessionOptions } from './session-types'

/**
 * The sync session of one peer as a state machine without socket, clock, timer or randomness of its own
 * (docs/spec/sync.md, "Session").
 *
 * 1. Hello is each side's first message and comes once; nothing but a bye is accepted before it.
 * 2. An id is asked for at most once at a time, and never again after it was settled otherwise than by storing,
 *    unless it was to wait for its time and that has come, or more is wanted since.
 * 3. A block is sent only in answer to a want, and accepted only while it is asked for.
 * 4. Envelopes that the peer has sent and that are not ingested never exceed the window; announced items that are not
 *    settled never exceed theirs. What a side may send is bounded by the peer's windows likewise.
 * 5. Every queue is bounded: `need` by resume + one answer + announced items, `have` by its limit, `wanted` by `inFlight`.
 *    What does not fit is left to an audit, never lost.
 * 6. When an audit has ended on both sides, each has fetched every member of the other's set as it was when it was compared,
 *    except what was settled otherwise.
 * 7. Nothing that the peer sends makes a step throw; what breaks a rule closes the session with a typed failure.
 * 8. Only what lies between the higher floor and the lower ceiling of both sides is compared, and nothing below its floor is
 *    announced to the peer.
 * 9. A place in this side's log is told only once every member up to it was announced or compared, and one in the peer's is
 *    remembered only once all that was announced is settled durably.
 * 10. Nothing is announced or sent that the peer is known not to want; after either side has come to want more, no place in
 *    a log is told or remembered before an audit that began later has ended.
 * 11. `close` is the last effect; a closed session has no effects.
 * 12. Every comparison ends: the peer's messages about one set settle more and more of it, and are no more than the sets need.
 *
 * The state given is consumed: the one returned takes its place.
 *
 * @example
 * ```ts
 * let state = createSession()
 * const perform = (event: SessionEvent) => {
 *   const result = step(options, state, event)
 *   state = result.state
 *   for (const effect of result.effects) carryOut(effect)
 * }
 * perform({ type: 'open', seed: random.bytes(32) })
 * ```
 */
export function step(
  options: SessionOptions,
  state: SessionState,
  event: SessionEvent,
): { readonly state: SessionState; readonly effects: readonly SessionEffect[] } {
  const context: StepContext = { options, state, effects: [] }
  if (state.life === 'closed') return { state, effects: [] }
  handle(context, event)
  if (isOpen(state)) pump(context)
  pumpPhase(context)
  return { state, effects: closeLast(context.effects) }
}

/** A progress report may follow the close that it tells of. */
function closeLast(effects: readonly SessionEffect[]): readonly SessionEffect[] {
  const close = effects.filter(effect => effect.type === 'close')
  return close.length === 0 ? effects : [...effects.filter(effect => effect.type !== 'close'), ...close]
}

function handle(context: StepContext, event: SessionEvent): void {
  const { state } = context
  switch (event.type) {
    case 'open':
      return open(context, event.seed, event.resume)
    case 'message':
      return receive(context, event.bytes)
    case 'inserted':
      return announceInserted(context, event.items)
    case 'loaded':
      return takeLoaded(context, event.blocks)
    case 'ingested':
      return takeResults(context, event.batch, event.results)
    case 'timer':
      return onTimer(context, event.name)
    case 'replayed':
      return takeReplayed(context, event.items)
    case 'position':
      return takePosition(context, event.cursor)
    case 'audit':
      state.auditDue = true
      return
    case 'interests':
      return noteInterests(context)
    case 'collected':
      return takeCollected(context, event.ok)
    case 'chosen':
      return takeChosen(context, event.items)
    case 'floor':
    case 'turn':
      return
    case 'probe':
      return probe(context)
    case 'close':
      return end(context, event.failure)
    case 'disconnected':
      return closeChannel(context, event.failure ?? { code: 'peer-gone', hint: 'the connection ended without a bye' })
  }
}

function isOpen(state: SessionState): boolean {
  return state.life === 'open'
}

/** Everything that the new state allows. Announcing comes before the audit, whose end it may be; credit comes last. */
function pump(context: StepContext): void {
  pumpFloor(context)
  pumpInterests(context)
  pumpAnnounce(context)
  pumpAudit(context)
  pumpChoice(context)
  if (!isOpen(context.state)) return
  pumpFetch(context)
  pumpServe(context)
  pumpCredit(context)
  pumpResume(context)
  pumpStall(context)
}

function open(context: StepContext, seed: Uint8Array, resume?: ResumePoint): void {
  const { state, options } = context
  if (state.life !== 'new') return
  state.life = 'greeting'
  state.seed = seed
  state.cursor = resume?.cursor
  state.auditIn = resume?.auditIn
  const { message: maxMessage, window, items } = SESSION_LIMITS
  const { kinds, software, extensions } = options
  const bounds = ownBounds(context)
  state.toldFloor = bounds.floor
  state.toldCeiling = bounds.ceiling
  state.lastCeiling = bounds.ceiling
  send(context, {
    type: 'hello',
    maxMessage,
    window,
    items,
    kinds,
    software,
    ...bounds,
    ...(extensions && { extensions }),
  })
  setTimer(context, 'greeting')
  setTimer(context, 'heartbeat')
}

function receive(context: StepContext, bytes: Uint8Array): void {
  const { state } = context
  state.bytesIn += bytes.length
  noteSign(context)
  const message = decodeMessageOf(bytes)
  if (!message.ok) {
    state.faults++
    return end(context, message.error)
  }
  if (message.value.type === 'bye') return receiveBye(context, message.value.code)
  const isHello = message.value.type === 'hello'
  if (isHello !== (state.life === 'greeting')) return endForFault(context, message.value.type, { hint: 'out of order' })
  dispatch(context, message.value)
}

function dispatch(context: StepContext, message: Exclude<Message, { type: 'bye' }>): void {
  switch (message.type) {
    case 'hello':
      return greet(context, message)
    case 'reconcile':
      return receiveReconcile(context, message.bytes)
    case 'reconciled':
      return receiveReconciled(context)
    case 'want':
      return receiveWant(context, message.ids)
    case 'blocks':
      return receiveBlocks(context, message.blocks)
    case 'gone':
      return receiveGone(context, message.ids)
    case 'announce':
      return receiveAnnounce(context, message.items)
    case 'credit':
      return receiveCredit(context, message.bytes, message.items)
    case 'done':
      return receiveDone(context)
    case 'audit':
      return receiveAuditRequest(context)
    case 'ping':
      return send(context, { type: 'pong' })
    case 'pong':
      return receivePong(context)
    case 'floor':
      return receiveFloor(context, message.time)
    case 'span':
      return receiveSpan(context, message)
    case 'resume':
      return receiveResume(context, message.cursor)
    case 'position':
      return receivePosition(context, message.cursor)
    case 'stale':
      return receiveStale(context)
    case 'sketch':
      return receiveSketch(context, message)
    case 'more':
      return receiveMore(context, message.count)
    case 'cells':
      return receiveCells(context, message.cells)
    case 'interests':
      return receiveInterests(context, message.interests)
    case 'scope':
      return receiveScope(context, message)
    case 'coarser':
      return receiveCoarser(context)
  }
}

/** The peer's hello: the dialling side starts the first audit. */
function greet(context: StepContext, hello: Hello): void {
  const { state, options, effects } = context
  const { kinds, software, window, items, extensions = [] } = hello
  state.life = 'open'
  state.peerKinds = kinds
  state.extensions = new Set(options.extensions?.filter(name => extensions.includes(name)))
  noteBounds(context, hello)
  state.creditBytes = window
  // More would only let a slow peer pile up announcements on this side.
  state.creditItems = Math.min(items, SESSION_LIMITS.have)
  effects.push({ type: 'cancel-timer', name: 'greeting' })
  report(context, { type: 'greeted', software, kinds })
  beginInterests(context)
  beginResume(context)
  if (!options.initiator) return
  const { auditIn = 0 } = state
  state.auditDue = auditIn <= 0 || !mayResume(state)
  setTimer(context, 'audit', auditIn > 0 ? auditIn : undefined)
}
