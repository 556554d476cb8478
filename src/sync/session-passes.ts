import { collectionKey } from './collection'
import type { Pass } from './interest-state'
import { createNarrowing } from './narrowing'
import { coarsePass, planPasses } from './passes'
import { endForFault, send, type StepContext } from './session-context'
import { isSelective } from './session-interests'
import { SESSION_LIMITS } from './session-limits'
import type { Scope } from './session-messages'

/** Initiator: what the audit that begins compares. */
export function beginPasses({ state }: StepContext): void {
  state.passes = []
  state.comparing = []
  if (!isSelective(state)) return
  const { passes, isCoarse } = planPasses(state.toldInterests, state.peerInterests!)
  state.passes = passes
  state.isCoarse = isCoarse
}

/** Initiator: whether the next collection can be compared now. Else it is being made. */
export function openPass(context: StepContext): boolean {
  const { state } = context
  const [pass] = state.passes
  if (!pass) return true
  if (!isAtHand(context, pass)) return false
  state.comparing = [...state.comparing, pass.collection]
  const { collection, floor, ceiling, fetches } = pass
  send(context, { type: 'scope', collection, floor, ceiling, fetches })
  return true
}

/** Whether the set of a pass is kept for this session; asks for it where it is not, though others may have it. */
function isAtHand({ state, effects }: StepContext, { collection }: Pass): boolean {
  if (collection.of === 'everything' || state.held.has(collectionKey(collection))) return true
  if (!state.isCollecting) effects.push({ type: 'collect', collection })
  state.isCollecting = true
  return false
}

/** The set of the pass is there, or will not be: the initiator then compares everything, the responder asks it to. */
export function takeCollected({ state, options }: StepContext, ok: boolean): void {
  if (!state.isCollecting) return
  state.isCollecting = false
  state.advances++
  const [pass] = state.passes
  if (!pass) return
  if (ok) state.held.add(collectionKey(pass.collection))
  else if (options.initiator) state.passes = [everythingLeft(pass, state)]
  else state.isRefused = true
}

function everythingLeft(
  { collection }: Pass,
  state: Pick<StepContext['state'], 'toldInterests' | 'peerInterests' | 'isCoarse'>,
): Pass {
  state.isCoarse = true
  // Where even the control blocks could not be compared by themselves, they are found among all others.
  return coarsePass(state.toldInterests, state.peerInterests!, collection.of === 'control' || undefined)
}

/** Initiator: the responder has no room for this collection. */
export function receiveCoarser(context: StepContext): void {
  const { state, options } = context
  const [pass] = state.passes
  if (!options.initiator || !state.awaitingAnswer || !pass || pass.collection.of === 'everything')
    return endForFault(context, 'coarser')
  state.awaitingAnswer = false
  state.passes = [everythingLeft(pass, state)]
  state.isFresh = true
}

/** Responder: the collection that the initiator compares next. */
export function receiveScope(context: StepContext, { collection, floor, ceiling, fetches }: Scope): void {
  const { state, options } = context
  const isBetween = state.span && state.audit !== 'fetching' && !state.question && !state.confirmed
  const isNext = state.passes.length === 0 || !state.isFresh
  if (!isSelective(state) || options.initiator || !isBetween || !isNext || state.isCollecting)
    return endForFault(context, 'scope', { hint: 'out of order' })
  // The control blocks, the collections, and everything where they were too many.
  const limit = SESSION_LIMITS.collections + 2
  if (state.comparing.length === limit) return endForFault(context, 'scope', { limit })
  const pass: Pass = { collection, floor, ceiling, fetches, theirs: [] }
  state.passes = [pass]
  state.comparing = [...state.comparing, collection]
  if (state.comparing.length === 1) state.isCoarse = false
  state.isFresh = true
  state.isRefused = false
  state.narrowing = createNarrowing()
  state.sketch = undefined
  isAtHand(context, pass)
}

/** Responder: says that the collection has to be a coarser one. */
export function askCoarser(context: StepContext): void {
  const { state } = context
  state.isRefused = false
  state.isCoarse = true
  state.question = undefined
  // Without another scope everything is compared.
  state.passes = []
  send(context, { type: 'coarser' })
}

/** The audit has ended: what it compared is kept until the next one. */
export function endPasses({ state, effects }: StepContext): void {
  state.passes = []
  state.compared = state.comparing
  state.comparing = []
  if (!isSelective(state)) return
  const kept = state.compared.filter(collection => state.held.has(collectionKey(collection)))
  state.held = new Set(kept.map(collectionKey))
  effects.push({ type: 'keep', collections: kept })
}
