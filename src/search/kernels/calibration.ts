/**
 * How much a centroid's cosine with a query may lack of the nearest centroid's where one of the nearest rows has the cosine `best`, in
 * units of `distance`: the farther these are from the query, the farther apart are the lists that they are in.
 */
export function spreadAt(best: number): number {
  return Math.sqrt(Math.max(1e-6, 1 - Math.max(0, best) ** 2))
}

/** Shares of the nearest between which the distances tell how those beyond grow. */
const TAIL = { from: 0.9, to: 0.98 } as const

/** How far the lists are in which the nearest lie, learned from questions whose answers are known. */
export class Calibration {
  readonly #distances: number[] = []
  #sorted = true

  note(distance: number): void {
    this.#distances.push(distance)
    this.#sorted = false
  }

  /**
   * Within which distance this share of the nearest was; without end when nothing is known. Of shares that too few questions tell
   * about, the distance goes on growing as that of an exponential tail does.
   */
  distanceFor(share: number): number {
    if (this.#distances.length === 0) return Infinity
    const noted = this.#quantile(share)
    if (share <= TAIL.to) return noted
    const [from, to] = [this.#quantile(TAIL.from), this.#quantile(TAIL.to)]
    const growth = (to - from) / Math.log((1 - TAIL.from) / (1 - TAIL.to))
    return Math.max(noted, to + growth * Math.log((1 - TAIL.to) / (1 - share)))
  }

  #quantile(share: number): number {
    const distances = this.#distances
    if (!this.#sorted) distances.sort((a, b) => a - b)
    this.#sorted = true
    return distances[Math.min(distances.length - 1, Math.ceil(share * distances.length))]!
  }
}
