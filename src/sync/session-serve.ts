import { endForFault, report, send, type StepContext } from './session-context'
import { firstOf } from './first-of'
import { chosenBy, unchoose } from './session-interests'
import { SESSION_LIMITS } from './session-limits'
import { remember, toAnnounce } from './session-state'
import type { SessionEvent } from './session-types'

/** The peer asks for blocks. Asking again for what it has not got yet, or for too many, is its fault. */
export function receiveWant(context: StepContext, ids: readonly string[]): void {
  const { state } = context
  const { inFlight } = SESSION_LIMITS
  if (state.wanted.size + state.loading.length + ids.length > inFlight)
    return endForFault(context, 'want', { limit: inFlight })
  for (const id of ids) {
    if (state.wanted.has(id) || state.loading.includes(id))
      return endForFault(context, 'want', { hint: `${id} was asked for already` })
    state.wanted.add(id)
    state.have.delete(id)
    unchoose(state, id)
  }
}

export function receiveCredit(context: StepContext, bytes: number, items: number): void {
  const { state } = context
  const { maxWindow, maxItems } = SESSION_LIMITS
  state.creditBytes += bytes
  state.creditItems += items
  if (state.creditBytes > maxWindow || state.creditItems > maxItems) return endForFault(context, 'credit')
  if (bytes === 0 && items === 0) return endForFault(context, 'credit', { hint: 'gives nothing' })
  // What lets nothing go on is no advance.
  const letsGo = bytes > 0 && state.wanted.size > 0 && state.creditBytes >= SESSION_LIMITS.envelope
  if (letsGo || (items > 0 && state.unsettled + toAnnounce(state) > 0)) state.advances++
  state.unsettled = Math.max(0, state.unsettled - items)
}

/** Reads the next blocks from the store, once the credit is enough for any one of them. */
export function pumpServe({ state, effects }: StepContext): void {
  if (state.loading.length > 0 || state.wanted.size === 0 || state.creditBytes < SESSION_LIMITS.envelope) return
  state.loading = [...firstOf(state.wanted, SESSION_LIMITS.blocks)]
  for (const id of state.loading) state.wanted.delete(id)
  const interests = chosenBy(state, state.peerInterests)
  effects.push({ type: 'load', ids: state.loading, ...(interests && { interests }) })
}

/** Sends what fits into one message and the credit; the rest stays first in the queue and is read again. */
export function takeLoaded(context: StepContext, loaded: (SessionEvent & { type: 'loaded' })['blocks']): void {
  const { state } = context
  const found = new Map(loaded.map(({ id, bytes }) => [id, bytes]))
  const gone = state.loading.filter(id => found.get(id) === undefined)
  const sent: string[] = []
  const blocks: Uint8Array[] = []
  let room = Math.min(state.creditBytes, SESSION_LIMITS.blockBytes)
  for (const id of state.loading) {
    const bytes = found.get(id)
    if (bytes === undefined) continue
    room -= bytes.length
    if (room < 0) break
    blocks.push(bytes)
    sent.push(id)
  }
  const answered = new Set([...gone, ...sent])
  state.wanted = new Set([...state.loading.filter(id => !answered.has(id)), ...state.wanted])
  state.loading = []
  if (gone.length > 0) send(context, { type: 'gone', ids: gone })
  if (sent.length > 0) sendBlocks(context, sent, blocks)
}

function sendBlocks(context: StepContext, ids: readonly string[], blocks: readonly Uint8Array[]): void {
  const { state } = context
  for (const { length } of blocks) state.creditBytes -= length
  for (const id of ids) remember(state.known, id, SESSION_LIMITS.known)
  state.sent += ids.length
  state.advances++
  send(context, { type: 'blocks', blocks })
  report(context, { type: 'sent', ids })
}
