import type { Clock, Timers } from '../base/index'

/** What comparing sets may cost a node, all its sessions together: milliseconds of its thread, as its clock shows them. */
export const RECONCILE_LIMITS = {
  /** In the long run a quarter of one core. */
  perSecond: 250,
  /** After a pause. */
  burst: 2_000,
  /** One reconciliation message at least, whatever the clock shows. */
  least: 1,
  /** Sessions that are given a turn in one turn of the event loop. */
  turns: 8,
} as const

/** A session that shares the budget. */
export interface Sharer {
  /** Whether this side dialled. */
  readonly initiator: boolean
  /** It may deal with one reconciliation message now, and only now. */
  onTurn(): void
}

/** How much was taken, beside others of the same kind. */
interface Share {
  used: number
}

/** A half of the time, and up to where its sessions have come. */
interface Lane extends Share {
  floor: number
}

/**
 * Time for comparing sets, given to whoever took least of it.
 *
 * 1. Nobody gets a turn while more was taken than there is: all together never take more than `burst`, `perSecond`, and the
 *    one message that went beyond.
 * 2. Half is for the sessions that this node dialled and half for the others, while sessions of both wait; in each half every
 *    waiting session gets the same time, however many messages that is. Strangers, be they ever so many, slow a peer of the
 *    user's own choice down to half at most.
 * 3. Who pauses saves nothing up. No timer runs while nobody waits.
 */
export class ReconcileBudget {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #shares = new Map<Sharer, Share>()
  readonly #lanes: { readonly own: Lane; readonly others: Lane } = {
    own: { used: 0, floor: 0 },
    others: { used: 0, floor: 0 },
  }
  readonly #waiting = new Set<Sharer>()
  #served: Sharer | undefined
  #floor = 0
  #left: number = RECONCILE_LIMITS.burst
  #filledAt: number
  #cancel: (() => void) | undefined

  constructor({ clock, timers }: { readonly clock: Clock; readonly timers: Timers }) {
    this.#clock = clock
    this.#timers = timers
    this.#filledAt = clock.now()
  }

  /** Whether a session may deal with a reconciliation message now. Where not, its turn comes. */
  allows(sharer: Sharer): boolean {
    this.#fill()
    if (this.#served === sharer) return true
    if (this.#waiting.has(sharer)) return false
    this.#enter(sharer)
    if (this.#waiting.size === 0 && this.#left > 0) {
      this.#begin(sharer)
      return true
    }
    this.#waiting.add(sharer)
    this.#wake()
    return false
  }

  /** What a session has just taken, in milliseconds of the clock. */
  charge(sharer: Sharer, milliseconds: number): void {
    const cost = Math.max(RECONCILE_LIMITS.least, milliseconds)
    this.#left -= cost
    this.#shareOf(sharer).used += cost
    this.#laneOf(sharer).used += cost
  }

  /** The session has ended. */
  leave(sharer: Sharer): void {
    this.#shares.delete(sharer)
    this.#waiting.delete(sharer)
    if (this.#waiting.size > 0) return
    this.#cancel?.()
    this.#cancel = undefined
  }

  #laneOf({ initiator }: Sharer): Lane {
    return initiator ? this.#lanes.own : this.#lanes.others
  }

  #shareOf(sharer: Sharer): Share {
    const share = this.#shares.get(sharer) ?? { used: 0 }
    this.#shares.set(sharer, share)
    return share
  }

  /** Who comes stands beside those who are there: nothing is saved up, and nothing of long ago counts. */
  #enter(sharer: Sharer): void {
    const [share, lane] = [this.#shareOf(sharer), this.#laneOf(sharer)]
    const isAlone = ![...this.#waiting].some(each => this.#laneOf(each) === lane)
    if (isAlone) lane.used = Math.max(lane.used, this.#floor)
    share.used = Math.max(share.used, lane.floor)
  }

  #begin(sharer: Sharer): void {
    const [share, lane] = [this.#shareOf(sharer), this.#laneOf(sharer)]
    lane.floor = Math.max(lane.floor, share.used)
    this.#floor = Math.max(this.#floor, lane.used)
  }

  #next(): Sharer | undefined {
    const before = (a: Sharer, b: Sharer) =>
      this.#laneOf(a).used - this.#laneOf(b).used || this.#shareOf(a).used - this.#shareOf(b).used
    let next: Sharer | undefined
    for (const each of this.#waiting) if (!next || before(each, next) < 0) next = each
    return next
  }

  #fill(): void {
    const { perSecond, burst } = RECONCILE_LIMITS
    const now = this.#clock.now()
    // A clock that was set back neither gives nor takes.
    const elapsed = Math.max(0, now - this.#filledAt)
    this.#left = Math.min(burst, this.#left + (elapsed * perSecond) / 1_000)
    this.#filledAt = now
  }

  #wake(): void {
    if (this.#waiting.size === 0) return
    const { perSecond, least } = RECONCILE_LIMITS
    const ms = this.#left > 0 ? 0 : Math.ceil(((least - this.#left) * 1_000) / perSecond)
    this.#cancel ??= this.#timers.set(() => this.#serve(), ms)
  }

  #serve(): void {
    this.#cancel = undefined
    try {
      for (let turns = 0; turns < RECONCILE_LIMITS.turns; turns++) {
        this.#fill()
        const next = this.#left > 0 ? this.#next() : undefined
        if (!next) break
        this.#waiting.delete(next)
        this.#begin(next)
        this.#served = next
        next.onTurn()
      }
    } finally {
      this.#served = undefined
      this.#wake()
    }
  }
}
