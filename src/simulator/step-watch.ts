import type { SessionStep } from '../client/index'
import { decodeMessageOf, SESSION_LIMITS, type SessionState } from '../sync/index'
import type { SimulatedNode } from './simulated-node'
import type { World } from './world'

/** Failures that say that the other side broke the rules. */
const BLAME: ReadonlySet<string> = new Set(['protocol', 'bad-signature', 'too-large', 'version', 'sky-mismatch'])

/** Types of messages: their place in the protocol's list, which is the second byte of each. */
const WANT = 3
const GONE = 5

/** What is known of one session from outside. */
interface Watched {
  readonly asked: Set<string>
  closed: boolean
}

/** Checks the numbered invariants of every session machine after each of its steps (`sync/session.ts`). */
export class StepWatch {
  readonly #world: World
  readonly #sessions = new WeakMap<SessionState, Watched>()

  constructor(world: World) {
    this.#world = world
  }

  look(node: SimulatedNode, step: SessionStep): void {
    const { event, state, effects } = step
    const watched = this.#sessions.get(state) ?? { asked: new Set(), closed: false }
    this.#sessions.set(state, watched)
    const refuse = (invariant: number, what: string) =>
      this.#world.violate('session-invariants', `invariant ${invariant}: ${what} (${event.type})`, node)
    if (event.type === 'open') node.work.sessions++
    if (watched.closed && effects.length > 0) refuse(10, 'effects after the end')
    const close = effects.findIndex(({ type }) => type === 'close')
    if (close >= 0 && close !== effects.length - 1) refuse(10, 'close is not the last effect')
    this.#follow(node, step, watched, refuse)
    checkBounds(state, refuse)
    if (
      effects.some(({ type }) => type === 'remember') &&
      state.need.size + state.inFlight.size + state.ingesting.size > 0
    )
      refuse(9, 'a place is remembered before all up to it was dealt with')
    if (close >= 0) {
      watched.closed = true
      this.#checkBlame(node, step)
    }
  }

  /** 2 and 3: what is asked for, and what comes in answer. */
  #follow(node: SimulatedNode, step: SessionStep, { asked }: Watched, refuse: Refuse): void {
    const { event, state, effects } = step
    for (const effect of effects) {
      if (effect.type === 'ingest') {
        node.work.received += effect.blocks.length
        for (const { id } of effect.blocks) if (!asked.delete(id)) refuse(3, `${id} was taken and not asked for`)
      }
      if (effect.type !== 'send' || effect.bytes[1] !== WANT) continue
      const message = decodeMessageOf(effect.bytes)
      if (!message.ok || message.value.type !== 'want') continue
      for (const id of message.value.ids) {
        if (asked.has(id)) refuse(2, `${id} is asked for twice at a time`)
        asked.add(id)
      }
    }
    if (event.type !== 'message') return
    if (event.bytes[1] === GONE) {
      const message = decodeMessageOf(event.bytes)
      if (message.ok && message.value.type === 'gone') for (const id of message.value.ids) asked.delete(id)
    }
    if (state.life === 'open' && asked.size !== state.inFlight.size)
      refuse(2, 'ids are in flight that nobody asked for')
  }

  /** Two honest nodes never find each other at fault: whatever happens on the way, the channel keeps it out. */
  #checkBlame(node: SimulatedNode, { effects, peer }: SessionStep): void {
    const close = effects.at(-1)
    if (close?.type !== 'close' || !close.failure) return
    // What the other side says with its bye is that side's judgement.
    if (close.failure.field === 'bye') return
    this.#world.hostiles.get(peer)?.judgements.add(close.failure.code)
    if (!BLAME.has(close.failure.code) || !this.#world.nodeOf(peer)) return
    const { code, field = '', hint = '' } = close.failure
    this.#world.violate('honest-blamed', `ended a session with ${peer}: ${code} ${field} ${hint}`, node)
  }
}

type Refuse = (invariant: number, what: string) => void

/** 4 and 5: every queue and every window is bounded. */
function checkBounds(state: SessionState, refuse: Refuse): void {
  const { inFlight, have, window, settled, known, resume, items } = SESSION_LIMITS
  if (state.inFlight.size > inFlight) refuse(5, `${state.inFlight.size} ids in flight`)
  if (state.wanted.size + state.loading.length > inFlight) refuse(5, `${state.wanted.size} ids wanted`)
  if (state.have.size > have) refuse(5, `${state.have.size} items to announce`)
  if (state.need.size > resume + items + 4_096) refuse(5, `${state.need.size} ids to ask for`)
  if (state.settled.size > settled || state.known.size > known) refuse(5, 'more is remembered than the limit')
  let held = 0
  for (const { bytes } of state.batches.values()) held += bytes
  if (held > window) refuse(4, `${held} bytes in the ingest`)
  if (
    state.life !== 'closed' &&
    Math.min(state.grantedBytes, state.grantedItems, state.creditBytes, state.creditItems) < 0
  )
    refuse(4, 'a window is overdrawn')
}
