import type { BlockStore } from '../../store/index'

/** The most expiries that are remembered; those beyond are found by reading the store again. */
export const MAX_EXPIRIES = 100_000

interface Expiry {
  readonly id: string
  readonly expires: number
}

/** When which blocks expire, the earliest first. */
export class Expiries {
  #sorted: Expiry[] = []
  #added: Expiry[] = []
  /** Later ones are not remembered. */
  #horizon = Infinity

  /** Reads all of the store, a page at a time. */
  async *read(store: BlockStore): AsyncGenerator<void> {
    this.#horizon = Infinity
    this.#sorted = []
    for await (const members of store.members()) {
      for (const { id, expires } of members) if (expires !== undefined) this.add({ id, expires })
      yield
    }
  }

  add({ id, expires }: Expiry): void {
    if (expires > this.#horizon) return
    this.#added.push({ id, expires })
    if (this.#added.length + this.#sorted.length > 2 * MAX_EXPIRIES) this.#merge()
  }

  /** The earliest, in milliseconds; that of what is not remembered counts. */
  get next(): number {
    this.#merge()
    return this.#sorted.at(-1)?.expires ?? this.#horizon
  }

  /** Whether blocks that are not remembered have expired. */
  isBlind(now: number): boolean {
    return this.#sorted.length + this.#added.length === 0 && this.#horizon <= now
  }

  /** Takes out up to `limit` ids that have expired. */
  take(now: number, limit: number): string[] {
    this.#merge()
    const ids: string[] = []
    while (ids.length < limit && (this.#sorted.at(-1)?.expires ?? Infinity) <= now) ids.push(this.#sorted.pop()!.id)
    return ids
  }

  /** Latest first, and no more than are remembered. */
  #merge(): void {
    if (this.#added.length === 0) return
    this.#sorted = [...this.#sorted, ...this.#added].sort((a, b) => b.expires - a.expires)
    this.#added = []
    const beyond = this.#sorted.splice(0, Math.max(0, this.#sorted.length - MAX_EXPIRIES))
    if (beyond.length > 0) this.#horizon = Math.min(this.#horizon, beyond.at(-1)!.expires)
  }
}
