/** Days between two nodes: 6 hours, at which six nodes give the Moon, the fastest body, within 0.0002″. */
const STEP = 0.25
/** Nodes of one interpolation. */
const ORDER = 6
/** Of nodes kept: 11 years of them. A power of two. */
const SLOTS = 16_384
/** The number of no node. */
const EMPTY = -(2 ** 31)

/** Values of the Lagrange polynomials' denominators on the nodes 0 … 5: Π (i − j), j ≠ i. */
const DENOMINATORS = [-120, 24, -12, 12, -24, 120] as const

/**
 * Smooth functions of TT, interpolated between values at equal steps that are computed when they are first needed and kept
 * in a table of fixed size. A node's values depend on its number alone, so that no answer hangs on what was asked before.
 */
export class NodeTable {
  readonly #width: number
  readonly #compute: (days: number) => ArrayLike<number>
  readonly #held = new Int32Array(SLOTS).fill(EMPTY)
  readonly #values: Float64Array
  readonly #out: Float64Array

  /**
   * @param width numbers in one node
   * @param compute the numbers at a time, in days of TT since J2000
   */
  constructor(width: number, compute: (days: number) => ArrayLike<number>) {
    this.#width = width
    this.#compute = compute
    this.#values = new Float64Array(SLOTS * width)
    this.#out = new Float64Array(width)
  }

  /** Bytes held from the first call on. */
  get bytes(): number {
    return this.#held.byteLength + this.#values.byteLength
  }

  /** The functions' values at a time, in days of TT since J2000; the array is the table's own, and the next call's too. */
  at(days: number): Float64Array {
    const first = Math.floor(days / STEP) - (ORDER / 2 - 1)
    const x = days / STEP - first
    const [out, values] = [this.#out.fill(0), this.#values]
    for (let i = 0; i < ORDER; i++) {
      const from = this.#offset(first + i)
      const weight = lagrange(i, x)
      for (let j = 0; j < out.length; j++) out[j]! += weight * values[from + j]!
    }
    return out
  }

  /** Where the values of a node stand, after computing them where need be. */
  #offset(node: number): number {
    const slot = node & (SLOTS - 1)
    const offset = slot * this.#width
    if (this.#held[slot] !== node) {
      this.#values.set(this.#compute(node * STEP), offset)
      this.#held[slot] = node
    }
    return offset
  }
}

/** The polynomial that is 1 at node i and 0 at the others. */
function lagrange(i: number, x: number): number {
  let product = 1
  for (let j = 0; j < ORDER; j++) if (j !== i) product *= x - j
  return product / DENOMINATORS[i]!
}
