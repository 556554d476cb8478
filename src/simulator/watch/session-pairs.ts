import { equal, toHex } from '../../base/index'
import type { SessionStep } from '../../client/index'
import { idOf, type SetItem } from '../../sync/index'
import type { Life } from '../life'
import { hasItem, isOwed, within } from './members'
import { MESSAGE, type Refuse } from './messages'
import { checkAnswer, isSynced, noteUnproven, type RefuseAnswer } from './sync-answers'
import { isUnderWay, type WatchedSession } from './watched-session'

/** What one side's set held when an audit began there, as far as that audit looks. */
export type Compared = readonly SetItem[]

/** Says that a rule of another machine than the session was broken. */
export type RefuseMachine = (watched: WatchedSession, machine: string, invariant: number, what: string) => void

/**
 * Looks at both ends of each channel between honest nodes, which have the hash of its handshake in common: what one end hears
 * must be what the other has said, in that order, whole and once (secure channel 1 and 2, session runner 1 and 2), and after
 * an audit each must have what the other had (session 6). Of one identity a node may have one session (peer set 1 and 2).
 */
export class SessionPairs {
  readonly #refuse: RefuseMachine
  readonly #refuseAnswer: RefuseAnswer
  readonly #ends = new Map<string, WatchedSession[]>()
  readonly #peers = new WeakMap<object, Map<string, WatchedSession>>()

  constructor(refuse: RefuseMachine, refuseAnswer: RefuseAnswer) {
    this.#refuse = refuse
    this.#refuseAnswer = refuseAnswer
  }

  /** The last one that a run of a node had with a peer. */
  sessionOf(life: Life, peer: string): WatchedSession | undefined {
    return this.#peers.get(life)?.get(peer)
  }

  opened(watched: WatchedSession, { binding }: SessionStep): void {
    this.#checkAlone(watched)
    if (!watched.isHonest) return
    watched.channel = toHex(binding)
    const ends = this.#ends.get(watched.channel) ?? []
    if (ends.length > 1) this.#refuse(watched, 'secure channel', 1, 'three sessions share one channel')
    ends.push(watched)
    this.#ends.set(watched.channel, ends)
  }

  follow(watched: WatchedSession, step: SessionStep, refuse: Refuse): void {
    watched.told.add(step.state.toldInterests)
    if (watched.channel === undefined) return
    const ends = this.#ends.get(watched.channel)
    const other = ends?.find(end => end !== watched)
    if (step.event.type === 'message' && other) this.#hear(watched, other, step.event.bytes)
    for (const effect of step.effects) {
      if (effect.type === 'send') watched.unheard.push(effect.bytes)
      if (effect.type === 'progress' && effect.progress.type === 'synced')
        checkCompared(watched, other, effect.progress.round - 1, refuse)
    }
    noteAudit(watched, step)
    noteUnproven(watched, step)
    if (isSynced(step.state)) this.#checkSynced(watched, other)
    if (watched.closed && (!other || !isUnderWay(other))) this.#ends.delete(watched.channel)
  }

  #checkSynced(watched: WatchedSession, other: WatchedSession | undefined): void {
    watched.wasSynced = true
    if (other && isUnderWay(other)) checkAnswer(watched, other, this.#refuseAnswer)
  }

  #checkAlone(watched: WatchedSession): void {
    const { life, peer } = watched
    if (!life) return
    const sessions = this.#peers.get(life) ?? new Map<string, WatchedSession>()
    this.#peers.set(life, sessions)
    const before = sessions.get(peer)
    if (before && isUnderWay(before)) this.#refuse(watched, 'peer set', 1, `two sessions with ${peer} at a time`)
    sessions.set(peer, watched)
  }

  #hear(watched: WatchedSession, other: WatchedSession, bytes: Uint8Array): void {
    const sent = other.unheard[other.heard++]
    if (!sent || !equal(sent, bytes))
      this.#refuse(watched, 'secure channel', 1, `what came is not what ${other.node.name} said next`)
    if (other.heard < 256) return
    other.unheard = other.unheard.slice(other.heard)
    other.heard = 0
  }
}

/** The responder begins with the span that it is told. */
function noteAudit(watched: WatchedSession, { event, effects, state, set }: SessionStep): void {
  const isAsked = event.type === 'message' && event.bytes[1] === MESSAGE.span
  const begins = isAsked || effects.some(effect => effect.type === 'send' && effect.bytes[1] === MESSAGE.span)
  if (!begins || !state.span) return
  watched.ceiling = state.span.ceiling
  watched.compared.set(state.rounds, [...within(set, state.span)])
}

/**
 * Session 6: what the other's set had when their audit began, and has still, is here, unless it was settled otherwise: it was
 * refused or put off, has been erased here meanwhile, lies below a floor that has risen, or was not wanted all the time.
 */
function checkCompared(
  watched: WatchedSession,
  other: WatchedSession | undefined,
  round: number,
  refuse: Refuse,
): void {
  const theirs = other?.compared.get(round)
  other?.compared.delete(round)
  if (!other || !theirs || !isUnderWay(other)) return
  const { node, state, set } = watched
  for (const item of theirs) {
    const { time, id: digest } = { time: Number(item.time), id: item.id }
    if (time < state.toldFloor || hasItem(set, item) || !hasItem(other.set, item)) continue
    const id = idOf(digest)
    if (isOwed(watched, id) && !state.settled.has(id) && !node.erased.has(id))
      refuse(6, `${id} was compared with ${other.node.name} and is neither here nor settled`)
  }
}
