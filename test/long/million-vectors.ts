import { normalNumbers } from '../bench/search/clustered-sample'

/** Vectors of unit length around random centres, each drawn anew whenever it is asked for: a million of them take no room. */
export interface DrawnVectors {
  readonly dims: number
  readonly count: number
  /** Near some of the rows. */
  readonly queries: readonly Float32Array[]
  /** Every row in turn, in one array that the next overwrites. */
  rows(): Iterable<Float32Array>
}

const CENTRES = 200
const SPREAD = 0.6
const NUDGE = 0.02

export function drawnVectors(options: {
  readonly dims: number
  readonly count: number
  readonly queryCount: number
  readonly seed: number
}): DrawnVectors {
  const { dims, count, queryCount, seed } = options
  const draw = (number: number) => normalNumbers(mixed(number ^ mixed(seed)))
  // What is no row number draws centres, and nudges queries.
  const centres = Array.from({ length: CENTRES }, (_, i) => Float32Array.from({ length: dims }, draw(~i)))
  const rowTo = (row: number, to: Float32Array): Float32Array => {
    const [centre, normal] = [centres[row % CENTRES]!, draw(row)]
    for (let i = 0; i < dims; i++) to[i] = centre[i]! + SPREAD * normal()
    return toUnit(to)
  }
  const queries = Array.from({ length: queryCount }, (_, i) => {
    const normal = draw(~(CENTRES + i))
    const near = rowTo(Math.floor(((i + 0.5) * count) / queryCount), new Float32Array(dims))
    return toUnit(near.map(x => x + NUDGE * normal()))
  })
  return {
    ...{ dims, count, queries },
    *rows() {
      const vector = new Float32Array(dims)
      for (let row = 0; row < count; row++) yield rowTo(row, vector)
    },
  }
}

/** Rows of the `k` greatest products with each query, best first, found as the vectors pass. */
export class NearestSoFar {
  readonly #queries: readonly Float32Array[]
  readonly #k: number
  readonly #best: { row: number; score: number }[][]

  constructor(queries: readonly Float32Array[], k: number) {
    this.#queries = queries
    this.#k = k
    this.#best = queries.map(() => [])
  }

  get rows(): number[][] {
    return this.#best.map(best => best.map(({ row }) => row))
  }

  /** Four queries at a time: each number of the vector is read once for them. */
  offer(row: number, vector: Float32Array): void {
    const queries = this.#queries
    for (let at = 0; at < queries.length; at += 4) {
      const last = queries.length - 1
      const [a, b, c, d] = [at, at + 1, at + 2, at + 3].map(i => queries[Math.min(i, last)]!) as [
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
      ]
      let [sa, sb, sc, sd] = [0, 0, 0, 0]
      for (let i = 0; i < vector.length; i++) {
        const x = vector[i]!
        sa += x * a[i]!
        sb += x * b[i]!
        sc += x * c[i]!
        sd += x * d[i]!
      }
      const scores = [sa, sb, sc, sd]
      for (let j = 0; j < 4 && at + j <= last; j++) this.#keep(this.#best[at + j]!, row, scores[j]!)
    }
  }

  #keep(best: { row: number; score: number }[], row: number, score: number): void {
    if (best.length === this.#k && score <= best[this.#k - 1]!.score) return
    best.push({ row, score })
    best.sort((a, b) => b.score - a.score)
    best.length = Math.min(best.length, this.#k)
  }
}

function toUnit(vector: Float32Array): Float32Array {
  let squares = 0
  for (const value of vector) squares += value * value
  const inverse = 1 / Math.sqrt(squares)
  for (let i = 0; i < vector.length; i++) vector[i]! *= inverse
  return vector
}

/** Spreads whole numbers over 32 bits, no two to the same place (MurmurHash3's last steps: Appleby 2011). */
function mixed(number: number): number {
  let x = number | 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}
