/** So many are sorted at first, and so many times more whenever that is not enough: few searches ask for many. */
const FIRST = 16
const MORE = 4

/** Lists from the nearest to a query on, sorted as far as they are asked for. */
export class ListOrder {
  readonly #cosines: Float32Array
  #order: readonly number[]

  /** `cosines` of the query with the lists' centroids. */
  constructor(cosines: Float32Array) {
    this.#cosines = cosines
    this.#order = nearestFirst(cosines, FIRST)
  }

  get length(): number {
    return this.#cosines.length
  }

  /** The list at a rank, counted from 0. */
  at(rank: number): number {
    while (rank >= this.#order.length) this.#sortMore()
    return this.#order[rank]!
  }

  /** By insertion where that is quicker than sorting all. */
  #sortMore(): void {
    const [cosines, count] = [this.#cosines, MORE * this.#order.length]
    const few = count <= 64 && count < cosines.length
    this.#order = few ? nearestFirst(cosines, count) : [...cosines.keys()].sort((a, b) => cosines[b]! - cosines[a]!)
  }

  /** Standard deviation of the query's cosines with the centroids. */
  get deviation(): number {
    const cosines = this.#cosines
    let [sum, squares] = [0, 0]
    for (const cosine of cosines) {
      sum += cosine
      squares += cosine * cosine
    }
    return Math.sqrt(Math.max(0, squares / cosines.length - (sum / cosines.length) ** 2))
  }

  cosineOf(list: number): number {
    return this.#cosines[list]!
  }
}

/** The numbers of the `count` highest, best first. */
function nearestFirst(cosines: Float32Array, count: number): number[] {
  const best: number[] = []
  for (let i = 0; i < cosines.length; i++) {
    const value = cosines[i]!
    if (best.length === count && value <= cosines[best[count - 1]!]!) continue
    let at = best.length < count ? best.length : count - 1
    for (; at > 0 && cosines[best[at - 1]!]! < value; at--) best[at] = best[at - 1]!
    best[at] = i
  }
  return best
}
