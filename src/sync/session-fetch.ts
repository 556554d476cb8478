import type { ErrorCode } from '../base/index'
import { end, endForFault, report, send, type StepContext } from './session-context'
import { firstOf } from './first-of'
import { chosenBy } from './session-interests'
import { periodOf, SESSION_LIMITS } from './session-limits'
import { sumOfLengths } from './session-messages'
import { hasFetchedAll, remember, type SessionState } from './session-state'
import type { IngestResult, SupportedKind } from './session-types'

/** The extension of the protocol by which each side tells that it has dealt with all that was announced (docs/spec/sync.md, section 6). */
export const SETTLED = 'settled'

/** A sky that does not fit is the author's claim: counted, refused, and borne up to a bound, whatever kinds the peer declares. */
const SKY_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['sky-mismatch', 'unknown-profile'])

/**
 * Refusals by the field rules of a kind, which are no fault of a peer that never said to know it. They are all that a codec
 * of fields can answer on bytes whose head was read; what is wrong with the canonical form has other codes, or no kind.
 */
const FIELD_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unknown-field',
  'missing-field',
  'bad-type',
  'bad-value',
  'out-of-range',
  'too-large',
  'non-finite',
  'wrong-length',
  'bad-model-id',
])

/** Asked for, to be asked for, or in the ingest. */
export function isPending(state: SessionState, id: string): boolean {
  return state.need.has(id) || state.inFlight.has(id) || state.ingesting.has(id)
}

/** Queues an id that the peer has and this side lacks. False when it was settled before; true when it is pending now. */
export function askLater(state: SessionState, id: string): boolean {
  if (state.settled.has(id)) return false
  if (isPending(state, id)) return true
  state.need.add(id)
  state.narrowing.found++
  return true
}

/** With every heartbeat: what had to wait for its time may be asked for again, and an audit finds it. */
export function releaseDeferred({ state }: StepContext): void {
  state.beats++
  for (const [id, beat] of state.deferred) {
    if (beat > state.beats) continue
    state.deferred.delete(id)
    state.settled.delete(id)
    state.auditDue = true
  }
}

/** The id is dealt with: the credit of its announcement goes back. */
export function release(state: SessionState, id: string): void {
  if (state.announced.delete(id)) state.owedItems++
}

/**
 * Asks for as much as may be in flight, in batches rather than one by one. What is on its way into the store or asked for over another session, is asked
 * for only if it does not get there: with the next step after that, a heartbeat at the latest.
 */
export function pumpFetch(context: StepContext): void {
  const { state, options } = context
  for (;;) {
    const room = SESSION_LIMITS.inFlight - state.inFlight.size
    const count = Math.min(room, state.need.size, SESSION_LIMITS.ids)
    if (count === 0 || (count < state.need.size && count < SESSION_LIMITS.blocks)) return
    const ids = [...firstOf(state.need, count, options.isComing)]
    if (ids.length === 0) return
    for (const id of ids) {
      state.need.delete(id)
      state.inFlight.add(id)
    }
    context.effects.push({ type: 'asked', ids })
    send(context, { type: 'want', ids })
  }
}

/** Blocks that were asked for go to the ingest together. */
export function receiveBlocks(context: StepContext, envelopes: readonly Uint8Array[]): void {
  const { state, options, effects } = context
  const bytes = sumOfLengths(envelopes)
  state.grantedBytes -= bytes
  if (state.grantedBytes < 0) return endForFault(context, 'blocks', { limit: SESSION_LIMITS.window })
  const blocks: { id: string; bytes: Uint8Array }[] = []
  for (const envelope of envelopes) {
    const id = options.identify(envelope)
    if (!id.ok) return endForBadBlock(context, 'unknown', id.error.code)
    if (!state.inFlight.delete(id.value))
      return endForFault(context, 'blocks', { hint: `${id.value} was not asked for` })
    state.ingesting.add(id.value)
    remember(state.known, id.value, SESSION_LIMITS.known)
    blocks.push({ id: id.value, bytes: envelope })
  }
  const batch = state.nextBatch++
  state.batches.set(batch, { ids: blocks.map(({ id }) => id), bytes })
  state.received += blocks.length
  state.advances++
  const interests = chosenBy(state, state.toldInterests)
  effects.push({ type: 'ingest', batch, blocks, ...(interests && { interests }) })
}

/** The peer no longer holds these: they are not asked for again in this session. */
export function receiveGone(context: StepContext, ids: readonly string[]): void {
  const { state } = context
  for (const id of ids) {
    if (!state.inFlight.delete(id)) return endForFault(context, 'gone', { hint: `${id} was not asked for` })
    if (asksAgain(state, id)) continue
    remember(state.settled, id, SESSION_LIMITS.settled)
    release(state, id)
    if (state.narrowing.found > 0) state.narrowing.found--
  }
  // No advance: whoever makes up ids has no end of them. A comparison that tells the truth goes on between.
  report(context, { type: 'gone', ids })
}

/** What was not to be had under what was wanted when it was asked for, may be now. */
function asksAgain(state: SessionState, id: string): boolean {
  if (!state.doubtful.delete(id)) return false
  state.need.add(id)
  return true
}

/** Verdicts on one batch: credit goes back, faults are counted, the first unpardonable one ends the session. */
export function takeResults(context: StepContext, batch: number, results: readonly IngestResult[]): void {
  const { state } = context
  const taken = state.batches.get(batch)
  if (!taken) return
  state.batches.delete(batch)
  state.owedBytes += taken.bytes
  state.advances++
  for (const id of taken.ids) {
    state.ingesting.delete(id)
    release(state, id)
  }
  report(context, { type: 'ingested', results })
  for (const result of results) takeResult(context, result)
}

function takeResult(context: StepContext, { id, status, code = 'bad-signature', kind, wait }: IngestResult): void {
  const { state, options } = context
  if (status === 'stored') state.stored++
  if (status === 'refused' && asksAgain(state, id)) return
  state.doubtful.delete(id)
  if (status === 'stored' || status === 'duplicate') return
  remember(state.settled, id, SESSION_LIMITS.settled)
  if (status === 'deferred' && wait !== undefined) {
    if (state.deferred.size < SESSION_LIMITS.settled)
      state.deferred.set(id, state.beats + Math.ceil(wait / periodOf(options, 'heartbeat')))
    else state.isUnsure = true
  }
  if (status !== 'invalid' || state.life === 'closed') return
  if (FIELD_CODES.has(code) && kind && !declares(state, kind)) return
  if (!SKY_CODES.has(code)) return endForBadBlock(context, id, code)
  state.faults++
  report(context, { type: 'fault', id, code })
  if (state.faults >= SESSION_LIMITS.faults)
    end(context, { code: 'sky-mismatch', field: 'blocks', limit: SESSION_LIMITS.faults })
}

function declares({ peerKinds }: SessionState, { version, kind }: SupportedKind): boolean {
  return peerKinds.some(known => known.version === version && known.kind === kind)
}

/** The sender must have verified signature and form: it did not, or it lies. */
function endForBadBlock(context: StepContext, id: string, code: ErrorCode): void {
  context.state.faults++
  report(context, { type: 'fault', id, code })
  end(context, { code: 'bad-signature', field: 'blocks', hint: `block ${id}: ${code}` })
}

/**
 * Gives credit back in portions of a quarter, so that a busy session does not pay a message for every block; with the extension
 * `settled` that of items also when all is dealt with, by which the peer knows it.
 */
export function pumpCredit(context: StepContext): void {
  const { state } = context
  const isOver = state.owedItems > 0 && state.extensions.has(SETTLED) && hasFetchedAll(state)
  if (!isOver && state.owedBytes < SESSION_LIMITS.window / 4 && state.owedItems < SESSION_LIMITS.items / 4) return
  send(context, { type: 'credit', bytes: state.owedBytes, items: state.owedItems })
  state.grantedBytes += state.owedBytes
  state.grantedItems += state.owedItems
  state.owedBytes = 0
  state.owedItems = 0
}
