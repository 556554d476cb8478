import { CodedCells } from './negentropy/coded-cells'
import { confirms, furtherCells } from './negentropy/sketch'
import { peel } from './negentropy/peel'
import { announceLater } from './session-announce'
import { comparedSet } from './session-bounds'
import { endForFault, send, type StepContext } from './session-context'
import { askLater } from './session-fetch'
import { SESSION_LIMITS } from './session-limits'
import { idOf, type Message } from './session-messages'
import type { SessionState } from './session-state'

/** The name of this extension in a hello (docs/spec/sync.md, "Small differences"). */
export const SKETCH_EXTENSION = 'sketch'

/** Initiator: tells the first cells before an audit's first question, where both sides can and the set is not a small one. */
export function sendSketch(context: StepContext): void {
  const { state } = context
  state.told = undefined
  if (!state.extensions.has(SKETCH_EXTENSION) || !comparesAll(state)) return
  const set = comparedSet(context)
  if (set.size < SESSION_LIMITS.sketchFrom) return
  const told = set.cells()
  if (!told) return
  const count = Math.min(SESSION_LIMITS.firstCells, told.count)
  state.told = { words: told.words, sent: count, requests: 0 }
  const fingerprint = set.fingerprint(0, set.size)
  send(context, { type: 'sketch', size: set.size, fingerprint, available: told.count, cells: told.encode(0, count) })
}

/** Sketches are of the whole set: the sets of collections keep no cells. */
function comparesAll({ passes: [pass] }: SessionState): boolean {
  return !pass || pass.collection.of === 'everything'
}

/** Responder: the initiator's sketch of what its audit, whose span it has told, compares. */
export function receiveSketch(context: StepContext, sketch: Message & { type: 'sketch' }): void {
  const { state, options } = context
  const isInUse = state.extensions.has(SKETCH_EXTENSION)
  const isNext = state.isFresh && state.audit !== 'fetching' && !state.sketch && comparesAll(state)
  if (!isInUse || options.initiator || !state.span || !isNext)
    return endForFault(context, 'sketch', { hint: 'out of order' })
  const { size, fingerprint, available, cells } = sketch
  const difference = comparedSet(context).cells()
  const told = cells.length / SESSION_LIMITS.cell
  if (told > available) return endForFault(context, 'sketch', { limit: available })
  if (!difference || difference.count < told) return
  difference.takeFrom(cells, 0)
  const read = { difference: difference.words, cells: told, awaited: 0, requests: 0 }
  state.sketch = { size, fingerprint: fingerprint.slice(), available, ...read }
}

/** Initiator: the responder needs further cells of the sketch. */
export function receiveMore(context: StepContext, count: number): void {
  const { state } = context
  const { told } = state
  if (!told || !state.awaitingAnswer) return endForFault(context, 'more', { hint: 'nothing was told' })
  if (told.requests === SESSION_LIMITS.cellRequests)
    return endForFault(context, 'more', { limit: SESSION_LIMITS.cellRequests })
  const cells = new CodedCells(told.words)
  const to = told.sent + count
  if (to > cells.count) return endForFault(context, 'more', { limit: cells.count })
  send(context, { type: 'cells', cells: cells.encode(told.sent, to) })
  state.advances++
  state.told = { ...told, sent: to, requests: told.requests + 1 }
}

/** Responder: the cells that it asked for. */
export function receiveCells(context: StepContext, wire: Uint8Array): void {
  const { state } = context
  const { sketch } = state
  const count = wire.length / SESSION_LIMITS.cell
  if (!sketch || sketch.awaited !== count) return endForFault(context, 'cells', { hint: 'not asked for' })
  new CodedCells(sketch.difference).takeFrom(wire, sketch.cells)
  state.advances++
  state.sketch = { ...sketch, cells: sketch.cells + count, awaited: 0 }
}

/**
 * Responder: reads what differs out of the cells. `confirmed`: all of it is known, fits the audit's first question in every
 * range, and is on its way; nothing but that makes up for an answer to that question. `waits`: further cells were asked for.
 * `unread`: Negentropy has to find it.
 */
export function readSketch(context: StepContext, question: Uint8Array): 'confirmed' | 'waits' | 'unread' {
  const { state } = context
  const { sketch } = state
  if (!sketch) return 'unread'
  const set = comparedSet(context)
  const cells = new CodedCells(sketch.difference)
  const difference = peel(cells.first(sketch.cells))
  if (difference) {
    state.sketch = undefined
    if (!confirms(set, sketch, question, difference)) return 'unread'
    for (const { id } of difference.theirs) askLater(state, idOf(id))
    for (const { id, time } of difference.ours) announceLater(context, { time: Number(time), id: idOf(id) })
    return 'confirmed'
  }
  const further = furtherCells(set, sketch, question, cells, sketch.cells)
  if (further === undefined || sketch.requests === SESSION_LIMITS.cellRequests) {
    state.sketch = undefined
    return 'unread'
  }
  const count = Math.min(further, SESSION_LIMITS.cellsInMessage)
  state.sketch = { ...sketch, awaited: count, requests: sketch.requests + 1 }
  send(context, { type: 'more', count })
  return 'waits'
}
