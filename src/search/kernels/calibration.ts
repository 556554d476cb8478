/**
 * How much a centroid's cosine with a query may lack of the nearest centroid's where one of the nearest rows has the cosine `best`, in
 * units of `distance`: the farther these are from the query, the farther apart are the lists that they are in.
 */
export function spreadAt(best: number): number {
  return Math.sqrt(Math.max(1e-6, 1 - Math.max(0, best) ** 2))
}

/** How far the lists are in which the nearest lie, learned from questions whose answers are known. */
export class Calibration {
  readonly #distances: number[] = []
  #sorted = true

  note(distance: number): void {
    this.#distances.push(distance)
    this.#sorted = false
  }

  /** Within which distance this share of the nearest was; without end when nothing is known. */
  distanceFor(share: number): number {
    const distances = this.#distances
    if (distances.length === 0) return Infinity
    if (!this.#sorted) distances.sort((a, b) => a - b)
    this.#sorted = true
    return distances[Math.min(distances.length - 1, Math.ceil(share * distances.length))]!
  }
}
