import type { SessionStep } from '../../client/index'
import type { IngestResult, ReconcileSet, SessionState } from '../../sync/index'
import type { Life } from '../life'
import type { SimulatedNode } from '../simulated-node'
import type { World } from '../world'
import { restBytes, SESSION_BUDGETS } from './session-account'
import { type RefuseMachine, SessionPairs } from './session-pairs'
import { checkSession } from './session-rules'
import { SetRules } from './set-rules'
import type { RefuseAnswer } from './sync-answers'
import { isUnderWay, type WatchedSession, watchedSession } from './watched-session'

/** Failures that say that the other side broke the rules. */
const BLAME: ReadonlySet<string> = new Set(['protocol', 'bad-signature', 'too-large', 'version', 'sky-mismatch'])

/** Looks at every session machine after each of its steps: its invariants, those of the machines around it, and its budgets. */
export class StepWatch {
  readonly #world: World
  readonly #sessions = new WeakMap<SessionState, WatchedSession>()
  readonly #underWay = new Set<WatchedSession>()
  readonly #reconciled = new WeakMap<Life, ReconcileSet>()
  readonly #pairs: SessionPairs
  readonly #sets: SetRules

  constructor(world: World) {
    this.#world = world
    const refuse: RefuseMachine = ({ node }, machine, invariant, what) =>
      world.violate('machine-invariants', `${machine} ${invariant}: ${what}`, node)
    const refuseAnswer: RefuseAnswer = ({ node, peer }, why) =>
      world.violate('synced', `shows as synced with ${peer} though ${why}`, node)
    this.#pairs = new SessionPairs(refuse, refuseAnswer)
    this.#sets = new SetRules(refuse)
  }

  look(node: SimulatedNode, step: SessionStep): void {
    const watched = this.#sessions.get(step.state) ?? this.#open(node, step)
    const refuse = (invariant: number, what: string) =>
      this.#world.violate('session-invariants', `invariant ${invariant}: ${what} (${step.event.type})`, node)
    checkSession(watched, step, refuse)
    const close = step.effects.at(-1)?.type === 'close'
    if (close) watched.closed = true
    this.#sets.follow(watched, step)
    this.#pairs.follow(watched, step, refuse)
    this.#charge(watched, step)
    if (!close) return
    this.#underWay.delete(watched)
    this.#checkBlame(node, step)
  }

  /** Sessions that have nothing to do hold nothing but what they remember, and have compared what either side wants since. Called when all has come to rest. */
  checkIdle(): void {
    for (const watched of this.#underWay) {
      const { state, peer, node } = watched
      if (isUnderWay(watched) && state.life === 'open' && state.deaf !== 'no')
        this.#world.violate('at-rest', `more is wanted of ${peer} than was compared`, node)
      const held = restBytes(watched.state)
      if (isUnderWay(watched) && held > SESSION_BUDGETS.rest)
        this.#world.violate('budget', `${held} bytes are held at rest for ${watched.peer}`, watched.node)
    }
  }

  /** `waitForSync` has an answer only where a session with that peer has shown as synced. */
  checkAnswered(life: Life, peer: string): void {
    const watched = this.#pairs.sessionOf(life, peer)
    if (watched?.wasSynced) return
    const { node, state } = watched ?? {}
    const why = state ? `the session was never synced, and is ${state.lastPhase}` : 'there was no session'
    this.#world.violate('synced', `waitForSync was answered for ${peer}, though ${why}`, node)
  }

  setOf(life: Life): ReconcileSet | undefined {
    return this.#reconciled.get(life)
  }

  #open(node: SimulatedNode, step: SessionStep): WatchedSession {
    const watched = watchedSession(node, step)
    this.#sessions.set(step.state, watched)
    this.#underWay.add(watched)
    if (node.life) this.#reconciled.set(node.life, step.set)
    node.work.sessions++
    this.#pairs.opened(watched, step)
    return watched
  }

  #charge({ node, peer, isHonest, account }: WatchedSession, step: SessionStep): void {
    const sent = node.sent.get(peer) ?? { messages: 0, bytes: 0 }
    node.sent.set(peer, sent)
    for (const effect of step.effects) {
      if (effect.type !== 'send') continue
      sent.messages++
      sent.bytes += effect.bytes.length
    }
    if (step.event.type === 'ingested') noteResults(node, step.event.results)
    account.note(step)
    const excess = account.excess(isHonest)
    if (excess) this.#world.violate('budget', `${excess}, in a session with ${peer}`, node)
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

function noteResults(node: SimulatedNode, results: readonly IngestResult[]): void {
  for (const { id, status } of results) {
    if (status === 'deferred') node.work.deferred++
    if (status === 'stored') node.stored.add(id)
  }
}
