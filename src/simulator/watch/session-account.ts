import type { SessionStep } from '../../client/index'
import { SESSION_LIMITS, type SessionState } from '../../sync/index'
import { MESSAGE } from './messages'

/**
 * What one session may cost its node (docs/simulator.md, "Budgets"). Bytes sent are those of messages, before they are
 * encrypted: so many for hello and end, and more for each heartbeat, audit, item or id that either side names, and envelope.
 */
export const SESSION_BUDGETS = {
  /** Bytes held at any moment: ids and items at `idBytes`, envelopes in the ingest, messages that wait in both directions. */
  memory: 12 * 1024 * 1024,
  idBytes: 100,
  /** The same of one that has nothing to do, beside what it remembers of ids that were dealt with or have to wait. */
  rest: 512,
  fixed: 2_048,
  perHeartbeat: 256,
  perAudit: 8_192,
  perItem: 256,
  perEnvelope: 16,
} as const

/** Bytes of an item of an announcement, of an id, and of an envelope's head in a list, on the wire. */
const ITEM = 44
const ID = 34

const REASONS: ReadonlySet<number> = new Set([MESSAGE.audit, MESSAGE.stale, MESSAGE.interests])

/** Counts what one session costs its node: work, bytes and memory. */
export class SessionAccount {
  /** Bytes of messages sent, and of those with blocks. */
  bytesOut = 0
  blockBytesOut = 0
  bytesIn = 0
  /** Comparisons; audits under way and those that this side began or asked for; what gave it reason for one. */
  comparisons = 0
  audits = 0
  auditsAsked = 0
  reasons = 2
  beats = 0
  /** Collections compared; bytes of interests told. */
  scopes = 0
  interestBytes = 0
  /** Most ids that were settled otherwise than by storing, while an audit was under way. */
  differing = 0
  /** Items announced; items and ids that either side has named. */
  announced = 0
  named = 0
  /** Members of the set at the beginning, and those that came. */
  members = 0
  isSettled = false
  /** Most bytes held at a time. */
  peak = 0
  /** One excess is told of. */
  #isTold = false

  note({ event, effects, state, set, unsent, unread }: SessionStep): void {
    if (event.type === 'open') this.members = set.size
    if (event.type === 'inserted') this.members += event.items.length
    if (event.type === 'timer' && event.name === 'heartbeat') this.beats++
    if (event.type === 'audit' || (event.type === 'timer' && event.name === 'audit')) this.reasons++
    if (event.type === 'ingested') for (const { wait } of event.results) if (wait !== undefined) this.reasons++
    if (event.type === 'message') this.#received(event.bytes)
    for (const effect of effects) if (effect.type === 'send') this.#sent(effect.bytes)
    // What was refused or put off is found again by each audit.
    if (state.audit !== 'none') this.differing = Math.max(this.differing, state.settled.size)
    this.isSettled = state.audit === 'none'
    this.peak = Math.max(this.peak, heldBytes(state) + unsent + unread)
  }

  #received(bytes: Uint8Array): void {
    this.bytesIn += bytes.length
    // A widening on either side is one.
    if (REASONS.has(bytes[1]!)) this.reasons++
    this.#note(bytes)
  }

  #sent(bytes: Uint8Array): void {
    const [, type] = bytes
    this.bytesOut += bytes.length
    if (type === MESSAGE.blocks) this.blockBytesOut += bytes.length
    if (type === MESSAGE.reconcile) this.comparisons++
    if (type === MESSAGE.announce) this.announced += Math.floor(bytes.length / ITEM)
    if (type === MESSAGE.stale || type === MESSAGE.interests) this.reasons++
    if (type === MESSAGE.interests) this.interestBytes += bytes.length
    if (type === MESSAGE.span || type === MESSAGE.audit) this.auditsAsked++
    this.#note(bytes)
  }

  /** Of either side. */
  #note({ 1: type, length }: Uint8Array): void {
    if (type === MESSAGE.span) this.audits++
    if (type === MESSAGE.scope) this.scopes++
    if (type === MESSAGE.want || type === MESSAGE.gone || type === MESSAGE.announce)
      this.named += Math.ceil(length / ID)
  }

  /** The budget that is exceeded, if any: what an honest peer makes the node do is held to more of them. */
  excess(isHonest: boolean): string | undefined {
    if (this.#isTold) return undefined
    const excess = this.#excess(isHonest)
    this.#isTold = excess !== undefined
    return excess
  }

  #excess(isHonest: boolean): string | undefined {
    const { memory } = SESSION_BUDGETS
    const { reconciles, reconcilesPerHeartbeat } = SESSION_LIMITS
    const most = reconciles + reconcilesPerHeartbeat * (this.beats + 1)
    if (this.peak > memory) return over(this.peak, memory, 'bytes held for one peer')
    if (this.comparisons > most) return over(this.comparisons, most, 'comparisons')
    if (!isHonest) return undefined
    if (this.auditsAsked > this.reasons) return over(this.auditsAsked, this.reasons, 'audits')
    // A collection may be compared while what an earlier one found is still on its way.
    const mostItems = (1 + this.audits + this.scopes) * this.members
    if (this.announced > mostItems) return over(this.announced, mostItems, 'items announced')
    // What an audit finds is named only when it is announced or asked for.
    return this.isSettled && this.bytesOut > this.mostBytes
      ? over(this.bytesOut, this.mostBytes, 'bytes sent')
      : undefined
  }

  get mostBytes(): number {
    const { fixed, perHeartbeat, perAudit, perItem } = SESSION_BUDGETS
    const { beats, audits, scopes, named, differing, blockBytesOut, interestBytes } = this
    const comparisons = audits + scopes
    return (
      fixed +
      perHeartbeat * (beats + 2) +
      (perAudit + perItem * differing) * comparisons +
      perItem * named +
      blockBytesOut +
      interestBytes
    )
  }
}

const over = (count: number, most: number, what: string) => `${count} ${what}, at most ${most} may be`

/** Bytes that a session holds for its peer, beside the queues of its runner. */
export function heldBytes(state: SessionState): number {
  const { known, settled, deferred } = state
  return restBytes(state) + SESSION_BUDGETS.idBytes * (known.size + settled.size + deferred.size)
}

/** The same without what it remembers of ids that were dealt with or have to wait. */
export function restBytes(state: SessionState): number {
  const { need, inFlight, ingesting, announced, have, wanted, loading, answer, question } = state
  let ids = need.size + inFlight.size + ingesting.size + announced.size + have.size + wanted.size
  ids += loading.length
  let bytes = (answer?.length ?? 0) + (question?.length ?? 0)
  for (const batch of state.batches.values()) bytes += batch.bytes
  return bytes + SESSION_BUDGETS.idBytes * ids + 4 * (state.told?.words.length ?? 0)
}
