import { BoundedMap, type Clock } from '../base/index'
import type { SessionEvent } from '../sync/index'

/** How long what one session has asked for is left to it, in milliseconds. */
export const REQUEST_LIMITS = {
  /** While its peer brings nothing at all. */
  silentMs: 2_000,
  /** Whatever else its peer brings meanwhile. */
  waitMs: 10_000,
  /** Ids remembered that a session has had its time with: oldest forgotten first. */
  free: 8_192,
} as const

/** A session that asks its peer for blocks. */
export interface Asker {
  /** When its peer last answered a request, in milliseconds of the clock. */
  heard: number
}

interface Request {
  readonly asker: Asker
  readonly at: number
  /** Whether the block came, and is being verified and stored. */
  readonly isHere: boolean
}

/**
 * What the sessions of one node have asked their peers for, so that no block is fetched twice.
 *
 * 1. A block that came is nobody else's to ask for until its verdict, or its failure, is known.
 * 2. One that did not come is everybody's after `REQUEST_LIMITS`, or once its peer has answered otherwise or gone, and from then on:
 *    however many peers claim a block and bring nothing, it is kept from this node no longer.
 * 3. There are no more entries than the sessions have in flight and in the ingest.
 */
export class Requests {
  readonly #clock: Clock
  readonly #requests = new Map<string, Request>()
  /** What one session had for itself and did not bring. */
  readonly #free = new BoundedMap<true>(REQUEST_LIMITS.free)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether a block is to be had over another session than this one, or is being stored. */
  isTaken(id: string, by: Asker): boolean {
    const request = this.#requests.get(id)
    if (!request) return false
    const { asker, at, isHere } = request
    if (isHere) return true
    const { silentMs, waitMs } = REQUEST_LIMITS
    return asker !== by && this.#isYoung(at, waitMs) && this.#isYoung(Math.max(at, asker.heard), silentMs)
  }

  asked(ids: readonly string[], asker: Asker): void {
    const at = this.#clock.now()
    for (const id of ids) {
      if (!this.#requests.has(id) && !this.#free.get(id)) this.#requests.set(id, { asker, at, isHere: false })
    }
  }

  came(ids: readonly string[], asker: Asker): void {
    const at = (asker.heard = this.#clock.now())
    for (const id of ids) this.#requests.set(id, { asker, at, isHere: true })
  }

  /** They came, and `answer` will tell what became of them. */
  coming(ids: readonly string[], asker: Asker, answer: Promise<SessionEvent>): void {
    this.came(ids, asker)
    const settle = (had?: ReadonlySet<string>) => this.settled(ids, asker, id => had?.has(id) ?? false)
    answer.then(
      event => settle(hadOf(event)),
      () => settle(),
    )
  }

  /** They are here, all but those that are not to be had there, or were refused. */
  settled(ids: readonly string[], asker: Asker, isHad: (id: string) => boolean): void {
    asker.heard = this.#clock.now()
    for (const id of ids) {
      if (!isHad(id)) this.#free.set(id, true)
      if (this.#requests.get(id)?.asker === asker) this.#requests.delete(id)
    }
  }

  /** The session has ended: what did not come over it is anybody's. */
  left(asker: Asker): void {
    for (const [id, request] of this.#requests) {
      if (request.asker !== asker || request.isHere) continue
      this.#free.set(id, true)
      this.#requests.delete(id)
    }
  }

  /** A clock that was set back makes nothing younger. */
  #isYoung(at: number, most: number): boolean {
    const age = this.#clock.now() - at
    return age >= 0 && age < most
  }
}

/** What went through the ingest and is here. */
function hadOf(event: SessionEvent): ReadonlySet<string> | undefined {
  if (event.type !== 'ingested') return undefined
  const had = event.results.filter(({ status }) => status === 'stored' || status === 'duplicate')
  return new Set(had.map(({ id }) => id))
}
