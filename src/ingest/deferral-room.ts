/** What the queue remembers of a waiting block. */
export interface Waiting {
  readonly until: number
  /** Envelope bytes. */
  readonly size: number
  readonly source: string
}

/** This node's own blocks and everyone else's have a room of this size each; in the latter each source has a quota. */
export interface DeferralBounds {
  /** Most blocks that wait in a room (default 4,096). */
  readonly maxCount: number
  /** Most envelope bytes that wait in a room (default 32 MiB). */
  readonly maxBytes: number
  /** Most blocks of one source that wait (default 512). */
  readonly maxCountPerSource: number
  /** Most envelope bytes of one source that wait (default 4 MiB). */
  readonly maxBytesPerSource: number
}

/** The `source` of this node's own blocks. */
export const LOCAL_SOURCE = 'local'

class Share {
  #count = 0
  #bytes = 0

  constructor(
    readonly maxCount: number,
    readonly maxBytes: number,
  ) {}

  fits(size: number): boolean {
    return this.#count < this.maxCount && this.#bytes + size <= this.maxBytes
  }

  take(size: number): void {
    this.#count++
    this.#bytes += size
  }
}

/** What one source may still add. */
export class DeferralRoom {
  readonly #shares: readonly Share[]

  constructor(source: string, waiting: Iterable<Waiting>, bounds: DeferralBounds) {
    const room = new Share(bounds.maxCount, bounds.maxBytes)
    const quota = new Share(bounds.maxCountPerSource, bounds.maxBytesPerSource)
    const local = source === LOCAL_SOURCE
    for (const entry of waiting) {
      if ((entry.source === LOCAL_SOURCE) === local) room.take(entry.size)
      if (entry.source === source) quota.take(entry.size)
    }
    this.#shares = local ? [room] : [room, quota]
  }

  /** False, and nothing taken, when it does not fit. */
  take(size: number): boolean {
    if (!this.#shares.every(share => share.fits(size))) return false
    for (const share of this.#shares) share.take(size)
    return true
  }
}
