import type { Bitmap } from '../bitmap'
import type { ScanRequest } from '../vector-index'

/** Between these the kernels' 32-bit floats neither overflow nor vanish when lengths are squared. */
const [LEAST, MOST] = [1e-15, 1e15]
/** What lengths beyond them are saved times, so that 32-bit floats hold them, and negated, so that they are known for that. */
const [RAISED, LOWERED] = [2 ** 20, 2 ** -64]
/** Saved short lengths are below it, long ones above. */
const BETWEEN = 1e-7

/** The lengths of an index's rows that are too short or too long for the kernels. */
export class Lengths {
  readonly #odd = new Map<number, number>()

  /** Notes a row's length; answers that for the kernels. */
  note(row: number, norm: number): number {
    if (norm >= LEAST && norm <= MOST) {
      if (this.#odd.size > 0) this.#odd.delete(row)
      return norm
    }
    this.#odd.set(row, norm)
    return Math.min(norm, MOST)
  }

  forget(row: number): void {
    if (this.#odd.size > 0) this.#odd.delete(row)
  }

  /** `undefined` of what the kernels know. */
  of(row: number): number | undefined {
    return this.#odd.size > 0 ? this.#odd.get(row) : undefined
  }

  get size(): number {
    return this.#odd.size
  }

  /** The rows, in no order. */
  rows(): Iterable<number> {
    return this.#odd.keys()
  }

  /** The rows that kernels compare, if not all: these would push out others by lengths that they do not have. */
  others({ metric, rows, all }: ScanRequest): Bitmap | undefined {
    if (metric === 'cosine' || this.size === 0) return rows
    const others = (rows ?? all).copy()
    for (const row of this.rows()) others.delete(row)
    return others
  }

  /** A row's length as it is saved, where the kernels do not know it. */
  toSave(row: number): number | undefined {
    const norm = this.of(row)
    return norm === undefined ? undefined : -norm * (norm > MOST ? LOWERED : RAISED)
  }
}

/** What was saved, as a length. */
export function savedLength(saved: number): number {
  if (saved >= 0) return saved
  return -saved > BETWEEN ? -saved / LOWERED : -saved / RAISED
}
