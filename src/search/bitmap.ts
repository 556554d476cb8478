const GOLDEN = (Math.sqrt(5) - 1) / 2

/** A set of row numbers that grows, one bit a row. */
export class Bitmap {
  #words = new Uint32Array(4)
  #count = 0

  /** How many rows are in it. */
  get count(): number {
    return this.#count
  }

  add(row: number): void {
    const word = row >>> 5
    if (word >= this.#words.length) this.#grow(word + 1)
    const before = this.#words[word]!
    const after = (before | (1 << (row & 31))) >>> 0
    this.#words[word] = after
    if (after !== before) this.#count++
  }

  delete(row: number): void {
    const before = this.#words[row >>> 5] ?? 0
    const after = (before & ~(1 << (row & 31))) >>> 0
    if (after === before) return
    this.#words[row >>> 5] = after
    this.#count--
  }

  /** Bit `row % 32` of word `row / 32` stands for a row; words beyond the highest row may be missing or zero. */
  get words(): Uint32Array {
    return this.#words
  }

  has(row: number): boolean {
    return ((this.#words[row >>> 5] ?? 0) & (1 << (row & 31))) !== 0
  }

  copy(): Bitmap {
    const out = new Bitmap()
    out.#words = this.#words.slice()
    out.#count = this.#count
    return out
  }

  /** Takes out what is in another. */
  remove(other: Bitmap): void {
    for (let i = Math.min(this.#words.length, other.#words.length); i-- > 0;) {
      const word = this.#words[i]! & other.#words[i]!
      if (word === 0) continue
      this.#words[i] = (this.#words[i]! & ~word) >>> 0
      this.#count -= bitCount(word)
    }
  }

  /** Its rows, ascending. */
  *[Symbol.iterator](): Generator<number> {
    for (let i = 0; i < this.#words.length; i++) {
      for (let word = this.#words[i]!; word !== 0; word &= word - 1) yield 32 * i + 31 - Math.clz32(word & -word)
    }
  }

  /**
   * `count` of its rows, or all if there are fewer, spread over it as multiples of the golden ratio are; some may come
   * twice. Another multiple to begin `from` gives others.
   */
  sample(count: number, from = 0): number[] {
    if (this.#count <= count) return [...this]
    const span = 32 * (this.#words.findLastIndex(word => word !== 0) + 1)
    return Array.from({ length: count }, (_, i) => this.#atOrAfter(Math.floor((((from + i) * GOLDEN) % 1) * span)))
  }

  /** The first row from `row` on, around the end. */
  #atOrAfter(row: number): number {
    let i = row >>> 5
    let word = this.#words[i]! & (-1 << (row & 31))
    while (word === 0) word = this.#words[(i = (i + 1) % this.#words.length)]!
    return 32 * i + 31 - Math.clz32(word & -word)
  }

  /** The rows that are in both, as a new bitmap that later additions do not reach. */
  and(other: Bitmap): Bitmap {
    const out = new Bitmap()
    const length = Math.min(this.#words.length, other.#words.length)
    out.#words = new Uint32Array(length)
    for (let i = 0; i < length; i++) {
      const word = (this.#words[i]! & other.#words[i]!) >>> 0
      out.#words[i] = word
      out.#count += bitCount(word)
    }
    return out
  }

  #grow(length: number): void {
    const words = new Uint32Array(Math.max(length, this.#words.length * 2))
    words.set(this.#words)
    this.#words = words
  }
}

/** Set bits of a 32-bit word (Warren, Hacker's Delight, 5-1). */
function bitCount(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
