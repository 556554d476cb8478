import { decodeCanonical } from '../../base/index'
import type { SessionStep } from '../../client/index'
import { decodeMessageOf, isEverything, SESSION_LIMITS, type SessionState } from '../../sync/index'
import { isWantedBy } from '../wants'
import { MESSAGE, type Refuse } from './messages'
import type { WatchedSession } from './watched-session'

/** The numbered invariants of a session machine (`sync/session.ts`), as far as one side shows them after a step. */
export function checkSession(watched: WatchedSession, step: SessionStep, refuse: Refuse): void {
  checkEnd(watched, step, refuse)
  checkPlaces(step, refuse)
  checkGreeting(watched, step, refuse)
  checkAsking(watched, step, refuse)
  checkBounds(step.state, refuse)
  checkRules(watched, step, refuse)
  checkSpan(watched, step, refuse)
  checkInterest(watched, step, refuse)
}

/** 11: `close` is the last effect; a closed session has none. */
function checkEnd({ closed }: WatchedSession, { effects }: SessionStep, refuse: Refuse): void {
  if (closed && effects.length > 0) refuse(11, 'effects after the end')
  const close = effects.findIndex(({ type }) => type === 'close')
  if (close >= 0 && close !== effects.length - 1) refuse(11, 'close is not the last effect')
}

/** 9: a place is told when all up to it was told, and remembered when it was dealt with; 10: not while more is wanted than was compared. */
function checkPlaces({ state, effects }: SessionStep, refuse: Refuse): void {
  if (effects.some(effect => effect.type === 'send' && effect.bytes[1] === MESSAGE.position)) {
    const open = state.have.size + state.choosing.size + (state.looking?.size ?? 0)
    if (open > 0 || state.audit !== 'none') refuse(9, 'a place is told before all up to it was told')
  }
  if (!effects.some(({ type }) => type === 'remember')) return
  const open = state.need.size + state.inFlight.size + state.ingesting.size
  if (state.deaf !== 'no') refuse(10, 'a place is remembered before what is wanted since was compared')
  if (open > 0) refuse(9, 'a place is remembered before all up to it was dealt with')
}

/** 1: hello is each side's first message and comes once; nothing but a bye is accepted before it. */
function checkGreeting(watched: WatchedSession, { event, effects, state }: SessionStep, refuse: Refuse): void {
  for (const effect of effects) {
    if (effect.type !== 'send') continue
    const isHello = effect.bytes[1] === MESSAGE.hello
    if (isHello === watched.greeted && effect.bytes[1] !== MESSAGE.bye)
      refuse(1, isHello ? 'a second hello is sent' : 'something is sent before the hello')
    watched.greeted = true
  }
  if (event.type !== 'message' || state.life === 'closed') return
  const isHello = event.bytes[1] === MESSAGE.hello
  if (isHello === watched.wasGreeted)
    refuse(1, isHello ? 'a second hello was accepted' : 'something was accepted before the hello')
  watched.wasGreeted = true
}

/** 2 and 3: what is asked for, and what comes in answer. */
function checkAsking({ node, asked }: WatchedSession, { event, state, effects }: SessionStep, refuse: Refuse): void {
  for (const effect of effects) {
    if (effect.type === 'ingest') {
      node.work.received += effect.blocks.length
      for (const { id } of effect.blocks) if (!asked.delete(id)) refuse(3, `${id} was taken and not asked for`)
    }
    if (effect.type !== 'send' || effect.bytes[1] !== MESSAGE.want) continue
    for (const id of idsIn(effect.bytes)) {
      if (asked.has(id)) refuse(2, `${id} is asked for twice at a time`)
      asked.add(id)
    }
  }
  if (event.type !== 'message') return
  if (event.bytes[1] === MESSAGE.gone) for (const id of idsIn(event.bytes)) asked.delete(id)
  if (state.life === 'open' && asked.size !== state.inFlight.size) refuse(2, 'ids are in flight that nobody asked for')
}

function idsIn(bytes: Uint8Array): readonly string[] {
  const message = decodeMessageOf(bytes)
  return message.ok && (message.value.type === 'want' || message.value.type === 'gone') ? message.value.ids : []
}

/** 4 and 5: every queue and every window is bounded, and no credit is lost or made. */
function checkBounds(state: SessionState, refuse: Refuse): void {
  const { inFlight, have, window, settled, known, resume, items } = SESSION_LIMITS
  if (state.inFlight.size > inFlight) refuse(5, `${state.inFlight.size} ids in flight`)
  if (state.wanted.size + state.loading.length > inFlight) refuse(5, `${state.wanted.size} ids wanted`)
  if (state.have.size > have) refuse(5, `${state.have.size} items to announce`)
  if (state.need.size > resume + items + 4_096) refuse(5, `${state.need.size} ids to ask for`)
  if (state.settled.size > settled || state.known.size > known) refuse(5, 'more is remembered than the limit')
  if (state.life === 'closed') return
  const { grantedBytes, grantedItems, owedBytes, owedItems, creditBytes, creditItems } = state
  let held = 0
  for (const { bytes } of state.batches.values()) held += bytes
  if (held > window) refuse(4, `${held} bytes in the ingest`)
  if (grantedBytes + owedBytes + held !== window) refuse(4, 'credit for bytes was lost or made')
  if (grantedItems + owedItems + state.announced.size !== items) refuse(4, 'credit for items was lost or made')
  if (Math.min(grantedBytes, grantedItems, creditBytes, creditItems) < 0) refuse(4, 'a window is overdrawn')
}

/** 7: what breaks a rule closes the session, with a failure that says so. Honest peers send nothing that does. */
function checkRules({ isHonest }: WatchedSession, { event, state, effects }: SessionStep, refuse: Refuse): void {
  if (isHonest || event.type !== 'message') return
  const message = decodeMessageOf(event.bytes)
  if (message.ok) return
  const close = effects.at(-1)
  if (state.life !== 'closed') refuse(7, `a message was borne that is ${message.error.code}`)
  else if (close?.type === 'close' && !close.failure)
    refuse(7, 'a malformed message ended the session without a failure')
}

/** 8: nothing below the peer's floor is announced or compared; floors only rise. */
function checkSpan(watched: WatchedSession, { event, effects, state }: SessionStep, refuse: Refuse): void {
  if (state.toldFloor < watched.floor || state.peerFloor < watched.peerFloor) refuse(8, 'a floor has sunk')
  watched.floor = state.toldFloor
  watched.peerFloor = state.peerFloor
  const isFloor = event.type === 'message' && event.bytes[1] === MESSAGE.floor
  if (isFloor && [...state.have.values(), ...state.choosing.values()].some(time => time < state.peerFloor))
    refuse(8, 'an item below the floor that the peer has told waits to be announced')
  for (const effect of effects) {
    if (effect.type !== 'send') continue
    if (effect.bytes[1] === MESSAGE.announce && state.peerFloor > 0 && earliestIn(effect.bytes) < state.peerFloor)
      refuse(8, 'an item below the floor of the peer is announced')
    if (effect.bytes[1] !== MESSAGE.span) continue
    const span = decodeMessageOf(effect.bytes)
    if (!span.ok || span.value.type !== 'span') continue
    if (span.value.floor < Math.max(state.toldFloor, state.peerFloor)) refuse(8, 'what lies below a floor is compared')
  }
}

/** 10: nothing is announced but what the peer wants, by what it told last. */
function checkInterest({ node }: WatchedSession, { effects, state }: SessionStep, refuse: Refuse): void {
  const { peerInterests: theirs } = state
  if (theirs && isEverything(theirs)) return
  for (const effect of effects) {
    if (effect.type !== 'send' || effect.bytes[1] !== MESSAGE.announce) continue
    const message = decodeMessageOf(effect.bytes)
    if (!theirs) refuse(10, 'something is announced before the interests of the peer are known')
    else if (message.ok && message.value.type === 'announce')
      for (const { id } of message.value.items) {
        const block = node.world.published.get(id)
        if (block && !isWantedBy(block, theirs)) refuse(10, `${id} is announced and not wanted`)
      }
  }
}

/** The earliest time in an announcement. */
function earliestIn(bytes: Uint8Array): number {
  const fields = decodeCanonical(bytes)
  const items = fields.ok ? (fields.value as readonly unknown[])[1] : []
  return Math.min(...(items as readonly (readonly [number])[]).map(([time]) => time))
}
