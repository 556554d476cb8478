import type { Clock, Random, Timers } from '../base/index'
import type { ReconcileSet, SessionEffect, SessionEvent, SessionState } from '../sync/index'
import type { ReconcileBudget } from './reconcile-budget'

export interface SessionPorts {
  readonly timers: Timers
  readonly random: Random
  readonly clock: Clock
  /** What comparing sets may cost all sessions together; without it only each by itself is bounded. */
  readonly budget?: ReconcileBudget
  /** Sees every step of every session; changes nothing. For simulations. */
  readonly observe?: (step: SessionStep) => void
  /** What sessions offer instead of all that they can. For simulations. */
  readonly extensions?: readonly string[]
}

/** One step of a session machine, as a simulation looks at it. */
export interface SessionStep {
  /** did:key of the other side. */
  readonly peer: string
  readonly initiator: boolean
  /** The same at both ends of the channel, and of no other. */
  readonly binding: Uint8Array
  /** Bytes that wait to be sent, before the effects of this step, and to be dealt with. */
  readonly unsent: number
  readonly unread: number
  /** The reconciled set of this side, live. */
  readonly set: ReconcileSet
  readonly event: SessionEvent
  /** After the step. Not to be changed, and another one after the next step. */
  readonly state: SessionState
  readonly effects: readonly SessionEffect[]
}
