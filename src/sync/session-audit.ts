import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from '../base/index'
import type { Pass } from './interest-state'
import { createNarrowing, narrows } from './narrowing'
import { PROTOCOL_VERSION } from './negentropy/message'
import { initiate, proceed, respond } from './negentropy/negentropy'
import { announceLater, pumpAnnounce } from './session-announce'
import { comparedSet, coversAll, sendSpan } from './session-bounds'
import { endForFault, report, send, type StepContext } from './session-context'
import { askLater } from './session-fetch'
import { SESSION_LIMITS } from './session-limits'
import { idOf } from './session-messages'
import { askCoarser, beginPasses, endPasses, openPass } from './session-passes'
import { readSketch, sendSketch } from './session-sketch'
import { hasFetchedAll, toAnnounce } from './session-state'

/** Ranges of an audit's first message, cut at secret places. */
const FIRST_RANGES = 16

/** A Negentropy message without ranges. */
const NOTHING_LEFT = Uint8Array.of(PROTOCOL_VERSION)

/** The responder wants an audit: the initiator runs it. */
export function receiveAuditRequest(context: StepContext): void {
  if (!context.options.initiator) return endForFault(context, 'audit', { hint: 'only the answering side asks' })
  context.state.auditDue = true
}

/** An audit's next reconciliation message: dealt with as soon as the budget, and the initiator's queues, allow. */
export function receiveReconcile(context: StepContext, bytes: Uint8Array): void {
  const { state, options } = context
  if (options.initiator) {
    if (!state.awaitingAnswer) return endForFault(context, 'reconcile', { hint: 'no answer was awaited' })
    state.awaitingAnswer = false
    state.told = undefined
    state.answer = bytes
    return
  }
  if (state.audit === 'fetching') return endForFault(context, 'reconcile', { hint: 'the audit before has not ended' })
  if (state.question || state.confirmed)
    return endForFault(context, 'reconcile', { hint: 'the message before has no answer yet' })
  if (!state.span) return endForFault(context, 'reconcile', { hint: 'no span was told' })
  if (state.audit === 'none') beginAudit(context)
  state.isFresh = false
  state.question = bytes
}

/** Responder: the initiator has compared everything and announced all that it found. */
export function receiveReconciled(context: StepContext): void {
  const { state, options } = context
  const isUnderWay = state.question !== undefined || state.confirmed || state.isFresh || state.isCollecting
  if (options.initiator || state.audit !== 'comparing' || isUnderWay) return endForFault(context, 'reconciled')
  state.audit = 'fetching'
}

export function receiveDone(context: StepContext): void {
  const { state } = context
  if (state.audit !== 'fetching' || state.peerDone) return endForFault(context, 'done')
  state.peerDone = true
}

/** Starts, continues and ends audits as far as the queues allow. */
export function pumpAudit(context: StepContext): void {
  const { state, options } = context
  startIfDue(context)
  if (state.audit === 'comparing') {
    if (options.initiator) compare(context)
    else answerQuestion(context)
  }
  if (state.life === 'open' && state.audit === 'fetching') finishFetching(context)
}

/** The initiator starts, the responder asks it to. */
function startIfDue(context: StepContext): void {
  const { state, options } = context
  if (!state.auditDue || state.audit !== 'none' || !state.peerInterests) return
  if (options.initiator) return isAfforded(context) ? startAudit(context) : undefined
  if (state.auditAsked) return
  state.auditAsked = true
  send(context, { type: 'audit' })
}

/** Asked last of all: who is told to wait is given a turn. */
function isAfforded({ state, options }: StepContext): boolean {
  return state.reconciles > 0 && (options.mayReconcile?.() ?? true)
}

/** One reconciliation message, or what it made this side look at. */
function spend({ state }: StepContext, messages = 1): void {
  state.reconciles -= messages
  state.reconciled++
}

/** With every heartbeat some more reconciliation messages may be dealt with. */
export function refillReconciles({ state }: StepContext): void {
  const { reconciles, reconcilesPerHeartbeat } = SESSION_LIMITS
  state.reconciles = Math.min(reconciles, state.reconciles + reconcilesPerHeartbeat)
}

function answerQuestion(context: StepContext): void {
  const { state } = context
  const { question } = state
  const isReady = question && !state.sketch?.awaited && !state.isCollecting
  if (isReady && isAfforded(context)) takeQuestion(context, question)
  // What a sketch has shown the initiator to lack is announced before the answer that lets it end the audit.
  if (!state.confirmed || toAnnounce(state) > 0) return
  state.confirmed = false
  send(context, { type: 'reconcile', bytes: NOTHING_LEFT })
}

function takeQuestion(context: StepContext, question: Uint8Array): void {
  const { state } = context
  spend(context)
  state.advances++
  if (state.isRefused) return askCoarser(context)
  const read = readSketch(context, question)
  if (read === 'waits') return
  state.question = undefined
  state.confirmed = read === 'confirmed'
  if (state.confirmed) return pumpAnnounce(context)
  const isWanted = state.passes[0]?.fetches !== false
  const set = comparedSet(context)
  if (!narrows(context, question, set)) return
  const answer = respond(set, question, { only: isWanted ? 'both' : 'have' })
  if (!answer.ok) return endForFault(context, 'reconcile', { hint: answer.error.code })
  send(context, { type: 'reconcile', bytes: answer.value })
}

function compare(context: StepContext): void {
  const { state } = context
  const { resume } = SESSION_LIMITS
  if (state.isFresh) return state.isCollecting || !isAfforded(context) ? undefined : beginPass(context)
  const isReady = toAnnounce(state) <= resume && state.need.size <= resume
  if (state.answer && isReady && isAfforded(context)) takeAnswer(context, state.answer)
  if (state.life !== 'open' || state.awaitingAnswer || state.answer || toAnnounce(state) > 0) return
  if (state.passes.length > 1) {
    state.passes = state.passes.slice(1)
    state.isFresh = true
    return compare(context)
  }
  state.audit = 'fetching'
  send(context, { type: 'reconciled' })
}

function beginAudit({ state, options }: StepContext): void {
  state.narrowing = createNarrowing()
  state.isCovered = coversAll(options.set, state.span!)
  state.audit = 'comparing'
  state.auditDue = false
  state.auditAsked = false
  state.ownDone = false
  state.peerDone = false
  if (state.deaf === 'until-audit') state.deaf = 'in-audit'
}

function startAudit(context: StepContext): void {
  const { state } = context
  sendSpan(context)
  beginAudit(context)
  beginPasses(context)
  state.isFresh = true
  beginPass(context)
}

/** Compares the next collection, or the one set there is, once it is at hand. */
function beginPass(context: StepContext): void {
  const { state } = context
  if (!openPass(context)) return
  state.isFresh = false
  state.narrowing = createNarrowing()
  spend(context)
  state.awaitingAnswer = true
  sendSketch(context)
  const set = comparedSet(context)
  const { rounds, comparing } = state
  const cuts = secretCuts(state.seed, comparing.length > 0 ? `${rounds}.${comparing.length}` : `${rounds}`, set.size)
  send(context, { type: 'reconcile', bytes: initiate(set, cuts) })
}

function takeAnswer(context: StepContext, answer: Uint8Array): void {
  const { state } = context
  state.answer = undefined
  const [pass] = state.passes
  const set = comparedSet(context)
  if (!narrows(context, answer, set)) return
  const step = proceed(set, answer, { maxHave: SESSION_LIMITS.items, only: onlyOf(pass) })
  spend(context, 1 + (step.ok ? Math.floor(step.value.looked / SESSION_LIMITS.looksPerReconcile) : 0))
  if (!step.ok) return endForFault(context, 'reconcile', { hint: step.error.code })
  state.advances++
  for (const { time, id } of step.value.have) announceLater(context, { time: Number(time), id: idOf(id) }, pass)
  for (const id of step.value.need) askLater(state, idOf(id))
  pumpAnnounce(context)
  if (step.value.reply === undefined) return
  state.awaitingAnswer = true
  send(context, { type: 'reconcile', bytes: step.value.reply })
}

/** Which half of the difference is worth knowing. */
function onlyOf(pass: Pass | undefined): 'both' | 'have' | 'need' {
  if (!pass || (pass.fetches && pass.theirs.length > 0)) return 'both'
  return pass.fetches ? 'need' : 'have'
}

/** Each side says `done` when it has fetched all that it lacked; with both the audit is over. */
function finishFetching(context: StepContext): void {
  const { state } = context
  if (!state.ownDone && hasFetchedAll(state)) {
    state.ownDone = true
    send(context, { type: 'done' })
  }
  if (!state.ownDone || !state.peerDone) return
  state.audit = 'none'
  state.span = undefined
  endPasses(context)
  if (state.deaf === 'in-audit') state.deaf = 'no'
  state.rounds++
  state.positionDue = true
  report(context, { type: 'synced', round: state.rounds })
  startIfDue(context)
}

/** Ascending places in [1, size) that only this side can foresee; none for a set small enough to be listed whole. */
function secretCuts(seed: Uint8Array, label: string, size: number): number[] {
  if (size < 2 * FIRST_RANGES) return []
  const cuts = new Set<number>()
  for (let counter = 0; cuts.size < FIRST_RANGES - 1; counter++) {
    const block = new DataView(
      sha256(
        concat(
          seed,
          Uint8Array.from(`${label}/${counter}`, c => c.charCodeAt(0)),
        ),
      ).buffer,
    )
    for (let offset = 0; offset < 32 && cuts.size < FIRST_RANGES - 1; offset += 4)
      cuts.add(1 + (block.getUint32(offset) % (size - 1)))
  }
  return [...cuts].sort((a, b) => a - b)
}
