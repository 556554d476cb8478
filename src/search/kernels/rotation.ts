import type { CodeMemory } from './code-memory'

/**
 * A random rotation of `n` numbers, the same in every run: rounds of random signs and Walsh–Hadamard transforms (Ailon and
 * Chazelle 2009). Where `n` is no power of two, the transform of the largest one below is applied at both ends in turn.
 */
export class Rotation {
  readonly n: number
  readonly #memory: CodeMemory
  readonly #power: number
  readonly #rounds: number
  readonly #signs: number

  constructor(memory: CodeMemory, n: number, seed: number) {
    this.#memory = memory
    this.n = n
    this.#power = 2 ** Math.floor(Math.log2(n))
    const whole = this.#power === n
    this.#rounds = whole ? 3 : 2
    const passes = whole ? this.#rounds : 2 * this.#rounds
    this.#signs = memory.allocate(4 * passes * n)
    const { floats } = memory
    const coin = coins(seed)
    const factor = 1 / Math.sqrt(this.#power)
    for (let pass = 0, at = this.#signs >>> 2; pass < passes; pass++) {
      const first = pass % 2 === 0 || whole
      for (let i = 0; i < n; i++, at++) {
        const inside = first ? i < this.#power : i >= n - this.#power
        floats[at] = (coin() ? 1 : -1) * (inside ? factor : 1)
      }
    }
  }

  /** In place. */
  apply(at: number): void {
    this.#memory.kernels.rotate(at, this.n, this.#power, this.#signs, this.#rounds)
  }
}

/** Xorshift (Marsaglia 2003), its highest bit. */
function coins(seed: number): () => boolean {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state < 0
  }
}
