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

  has(row: number): boolean {
    return ((this.#words[row >>> 5] ?? 0) & (1 << (row & 31))) !== 0
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
