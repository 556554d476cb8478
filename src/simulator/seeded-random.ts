import { sha256 } from '#platform'
import { CosmicError, refuse, text, utf8, type Random } from '../base/index'

/** At once. */
const MOST_BYTES = 1 << 30

/**
 * Randomness that a seed decides, the same on every runtime: whole numbers only (sfc32, Chris Doty-Humphrey's small fast
 * counting generator). `fork` gives a stream of its own for each name, whatever was drawn before: one more draw in one place
 * of a simulation changes no other place.
 *
 * @example
 * ```ts
 * const random = new SeededRandom(42)
 * random.below(6) // 0 … 5
 * random.fork('network').chance(0.1)
 * ```
 *
 * @throws `bad-type` or `out-of-range` for what cannot be drawn from.
 */
export class SeededRandom implements Random {
  readonly #name: string
  readonly #state: Uint32Array

  constructor(seed: number | string) {
    if (typeof seed !== 'number' && typeof seed !== 'string') refuse('bad-type', 'seed', 'a number or a text')
    this.#name = String(seed)
    const digest = sha256(utf8(this.#name))
    const view = new DataView(digest.buffer, digest.byteOffset)
    this.#state = Uint32Array.of(view.getUint32(0), view.getUint32(4), view.getUint32(8), 1)
    for (let i = 0; i < 12; i++) this.uint32()
  }

  /** A stream of its own. */
  fork(name: string): SeededRandom {
    return new SeededRandom(`${this.#name}/${text(name, 'name')}`)
  }

  uint32(): number {
    const s = this.#state
    const sum = (s[0]! + s[1]! + s[3]!) >>> 0
    s[3] = s[3]! + 1
    s[0] = s[1]! ^ (s[1]! >>> 9)
    s[1] = s[2]! + (s[2]! << 3)
    s[2] = ((s[2]! << 21) | (s[2]! >>> 11)) + sum
    return sum
  }

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    if (!isWithin(bound, 1)) refuseNumber(bound, 'bound', '1 … finite')
    return Math.floor((this.uint32() / 2 ** 32) * bound)
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    if (!isWithin(high, low)) refuseNumber(low, 'low', 'at most high, both finite')
    return low + this.below(high - low + 1)
  }

  /** True once in `1 / probability` times. */
  chance(probability: number): boolean {
    if (!isWithin(probability, 0, 1)) refuseNumber(probability, 'probability', '0 … 1')
    return probability > 0 && this.uint32() < probability * 2 ** 32
  }

  pick<T>(items: readonly T[]): T {
    if (!Array.isArray(items) || items.length === 0) refuse('bad-type', 'items', 'a list that is not empty')
    return items[this.below(items.length)]!
  }

  /** The items in another order. */
  shuffle<T>(items: readonly T[]): T[] {
    if (!Array.isArray(items)) refuse('bad-type', 'items', 'a list')
    const out = [...items]
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      ;[out[i], out[j]] = [out[j]!, out[i]!]
    }
    return out
  }

  bytes(length: number): Uint8Array {
    if (!isWithin(length, 0, MOST_BYTES)) refuseNumber(length, 'length', `0 … ${MOST_BYTES}`)
    const out = new Uint8Array(length)
    for (let i = 0; i < length; i += 4) {
      const word = this.uint32()
      for (let j = 0; j < 4 && i + j < length; j++) out[i + j] = word >>> (8 * j)
    }
    return out
  }
}

function isWithin(value: unknown, low: number, high = Number.MAX_VALUE): boolean {
  return typeof value === 'number' && low >= -Number.MAX_VALUE && value >= low && value <= high
}

function refuseNumber(value: unknown, field: string, limit: string): never {
  if (typeof value !== 'number') refuse('bad-type', field, 'a number')
  throw new CosmicError({ code: 'out-of-range', field, limit })
}
